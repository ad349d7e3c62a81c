#include "pipeline/files/file_descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

namespace hypersynth::pipeline {

void FileDescriptor::reset() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

FileDescriptor open_file(const fs::path& file, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file.string());
  return FileDescriptor(descriptor);
}

NotARegularFile::NotARegularFile(const fs::path& file, const std::string& kind)
    : std::system_error(EINVAL, std::generic_category(), file.string()),
      message_(file.string() + ": expected a regular file, found " + kind) {}

FileDescriptor open_to_read(const fs::path& file) {
  // Not blocking: a named pipe without a writer must fail here, not hang.
  FileDescriptor descriptor = open_file(file, O_RDONLY | O_NONBLOCK);
  struct stat status = {};
  if (::fstat(descriptor.get(), &status) != 0)
    throw std::system_error(errno, std::generic_category(), file.string());
  if (S_ISREG(status.st_mode)) return descriptor;
  throw NotARegularFile(file, S_ISFIFO(status.st_mode)  ? "a FIFO (named pipe)"
                              : S_ISDIR(status.st_mode) ? "a folder"
                                                        : "a device");
}

void write_all(int descriptor, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), file.string());
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace hypersynth::pipeline
