#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/filesystem/path.hpp>

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

/// Owns a POSIX file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  void reset();

 private:
  int descriptor_ = -1;
};

/// Opens `file` (close-on-exec, mode 0666 less the umask); throws std::system_error with its path.
FileDescriptor open_file(const fs::path& file, int flags);

/// A file that was to be read is a named pipe, which would keep its reader waiting, a device, which
/// may have no end, or a folder.
class NotARegularFile : public std::system_error {
 public:
  NotARegularFile(const fs::path& file, const std::string& kind);
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;  ///< "x.nii: expected a regular file, found a FIFO (named pipe)"
};

/// Opens a regular file to be read. Throws std::system_error with its path, NotARegularFile for
/// anything else.
FileDescriptor open_to_read(const fs::path& file);

/// Writes all of `bytes`; throws std::system_error naming `file`, as when the disk is full.
void write_all(int descriptor, std::string_view bytes, const fs::path& file);

}  // namespace hypersynth::pipeline
