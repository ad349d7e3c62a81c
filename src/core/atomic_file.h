#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hypersynth {

/// A file that appears under its name either whole or not at all, even after a power cut.
///
/// The bytes go to a hidden temporary file in the folder of the final one, called
/// ".hypersynth-<unique id>.<end of the final name>". commit() waits until they are on the disk,
/// and only then gives the file its name. The destructor removes the temporary file if there was no
/// commit. If the process is killed the temporary file stays behind, until remove_abandoned()
/// removes it.
///
/// Every function throws Error with the path and the reason: kCannotCreateOutput if the folder
/// cannot take the file, kIo if writing fails, as on a full disk.
class AtomicFile {
 public:
  /// Opens the temporary file. Makes the folders above `path` that are missing. Calls
  /// remove_abandoned() for a folder before this process writes its first file there.
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes.
  void write(std::string_view bytes);

  /// Appends the bytes of another file, which may lie on another disk.
  void append_file(const std::string& source);

  /// The descriptor of the open temporary file, for a library that writes into it.
  int descriptor() const { return descriptor_; }

  /// Gives the file its name, replacing a file that has it already.
  void commit();

  /// Gives the file its name unless another file has it already, which then stays as it is. Returns
  /// whether the name was given. If several processes call this at once, one of them wins.
  bool commit_once();

  /// Throws the Error for a write that failed with the errno `error`. For libraries that write
  /// through descriptor().
  [[noreturn]] void fail_to_write(int error) const;

 private:
  bool open_temporary(const std::string& folder);
  void flush() const;

  std::string path_;
  std::string temporary_;  ///< path of the temporary file; empty after a commit
  int descriptor_ = -1;
};

/// Writes `bytes` to `path`, replacing a file that is there; throws as AtomicFile does.
void write_atomically(const std::string& path, std::string_view bytes);

/// Writes `bytes` to `path` unless something exists there; returns whether it was written.
bool write_once(const std::string& path, std::string_view bytes);

/// The same for paths of the standard library and of Boost.
template <typename Path, typename = decltype(std::declval<const Path&>().native())>
void write_atomically(const Path& path, std::string_view bytes) {
  write_atomically(path.native(), bytes);
}
template <typename Path, typename = decltype(std::declval<const Path&>().native())>
bool write_once(const Path& path, std::string_view bytes) {
  return write_once(path.native(), bytes);
}

/// Whether a write that failed with this errno would fail for any other name and content too: the
/// disk is full, over its quota or broken, or this process may not write files that large.
bool is_disk_error(int error);

/// Removes the temporary files in `folder` whose writers are gone. A writer holds a lock (flock) on
/// its file as long as it lives, in whichever container or on whichever machine it runs, so a file
/// that can be locked is abandoned. On file systems without locks, and for the files of earlier
/// versions, which took none, a file counts as abandoned after a day without a write.
void remove_abandoned(const std::string& folder);

}  // namespace hypersynth
