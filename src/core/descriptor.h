#pragma once

#include <unistd.h>
#include <utility>

namespace hypersynth {

/// Owns an open file of the system (a POSIX file descriptor), and closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Takes over what open() and its like return; a negative number is no file.
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
  /// Whether there is an open file.
  explicit operator bool() const { return number_ >= 0; }
  /// Closes the file now.
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  /// Gives the file up without closing it; its number.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

}  // namespace hypersynth
