#pragma once

#include <string_view>
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

/// Writes all of `bytes`; throws std::system_error naming `file`, as when the disk is full.
void write_all(int descriptor, std::string_view bytes, const fs::path& file);

}  // namespace hypersynth::pipeline
