#include "pipeline/files/file_descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace hypersynth::pipeline {

FileDescriptor open_file(const fs::path& file, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file.string());
  return FileDescriptor(descriptor);
}

FileDescriptor open_to_read(const fs::path& file) { return open_regular_file(file.string()); }

void write_all(int descriptor, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), file.string());
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace hypersynth::pipeline
