#pragma once

#include <unistd.h>
#include <utility>

namespace hypersynth {

/// Owns an open file (a POSIX file descriptor) and closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Takes over the result of open() and similar calls; a negative number means that no file is
  /// open.
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = other.release();
    }
    return *this;
  }

  int get() const { return number_; }
  /// Whether a file is open.
  explicit operator bool() const { return number_ >= 0; }
  /// Closes the file, if one is open.
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  /// Returns the descriptor without closing the file; the caller then owns it.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

}  // namespace hypersynth
