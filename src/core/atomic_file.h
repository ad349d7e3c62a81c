#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hypersynth {

/// A file that appears under its name whole or not at all, also where the power goes.
///
/// The bytes go to a hidden temporary file in the folder of the final one,
/// ".hypersynth-<unique id>.<end of the final name>". commit() waits until they are on the disk,
/// and only then gives the file its name. An object that is destroyed without commit() takes its
/// temporary file away. A process that is killed leaves it behind, for remove_abandoned().
///
/// Every function throws Error with the path and the reason: kCannotCreateOutput where the folder
/// takes no such file, kIo where writing fails, as on a full disk.
class AtomicFile {
 public:
  /// Makes missing folders above `path`. The first file that a process writes in a folder clears
  /// away what killed processes left there.
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes.
  void write(std::string_view bytes);

  /// Appends the bytes of a file, which may lie on another disk.
  void append_file(const std::string& source);

  /// The open temporary file, for a library that writes by itself.
  int descriptor() const { return descriptor_; }

  /// Gives the file its name, replacing what is there.
  void commit();

  /// Gives the file its name unless something has it already, which then stays as it is; whether it
  /// did. Of several processes that do so at once, one wins.
  bool commit_once();

  /// Throws the Error of a write that failed for the system's reason `error`.
  [[noreturn]] void fail_to_write(int error) const;

 private:
  bool open_temporary(const std::string& folder);
  void flush() const;

  std::string path_;
  std::string temporary_;  // empty: there is none any more
  int descriptor_ = -1;
};

/// Writes `bytes` to `path`, replacing what is there; throws as AtomicFile does.
void write_atomically(const std::string& path, std::string_view bytes);

/// Writes `bytes` to `path` unless it exists; whether it did.
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

/// Whether a write that failed with this errno would fail for any name and content: the disk is
/// full, over its quota or broken, or the file is larger than this process may write.
bool is_disk_error(int error);

/// Removes the temporary files in `folder` whose writers are gone. A writer holds a lock (flock) on
/// its file as long as it lives, in whichever container or machine it runs. Where locks say nothing
/// (a file system without them, files of versions that took none) a file is abandoned when nobody
/// has written to it for a day.
void remove_abandoned(const std::string& folder);

}  // namespace hypersynth
