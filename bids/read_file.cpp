#include "bids/read_file.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <system_error>

#include <sys/stat.h>

#include "bids/issue.h"
#include "core/descriptor.h"

namespace hypersynth::bids {
namespace {

/// Sidecars, tables and filters are text; a larger file is not one of them.
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t{1} << 30;

/// Errors that the system has no number for: the types of files that are not read (S_IFMT); S_IFREG
/// stands for one that is too large.
class FileTypeCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "file type"; }
  std::string message(int type) const override {
    const std::string but = ", not a regular file";
    switch (static_cast<mode_t>(type)) {
      case S_IFDIR:
        return "a folder" + but;
      case S_IFIFO:
        return "a named pipe" + but;
      case S_IFSOCK:
        return "a socket" + but;
      case S_IFCHR:
      case S_IFBLK:
        return "a device" + but;
      default:
        return "more than 1 GiB, not a text file";
    }
  }
};

[[noreturn]] void fail(std::error_code error, const std::string& path) {
  throw std::system_error(error, printable(path));
}

[[noreturn]] void fail_errno(const std::string& path) {
  fail({errno, std::generic_category()}, path);
}

[[noreturn]] void fail_type(mode_t type, const std::string& path) {
  static const FileTypeCategory kCategory;
  fail({static_cast<int>(type), kCategory}, path);
}

/// An open regular file and its size.
struct OpenFile {
  Descriptor descriptor;
  std::size_t size;
};

OpenFile open_regular_file(int directory, const std::string& path) {
  // Without O_NONBLOCK a pipe would wait here for a writer.
  const int number =
      ::openat(directory, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (number < 0 && errno == ENXIO) fail_type(S_IFSOCK, path);
  if (number < 0) fail_errno(path);
  OpenFile file{Descriptor(number), 0};
  struct stat status {};
  if (::fstat(number, &status) != 0) fail_errno(path);
  if (!S_ISREG(status.st_mode)) fail_type(status.st_mode & S_IFMT, path);
  if (static_cast<std::uint64_t>(status.st_size) > kMaximumFileBytes) fail_type(S_IFREG, path);
  file.size = static_cast<std::size_t>(status.st_size);
  return file;
}

}  // namespace

std::string read_regular_file(int directory, const std::string& path) {
  const OpenFile file = open_regular_file(directory, path);
  std::string content(file.size, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count =
        ::read(file.descriptor.get(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_errno(path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

std::string read_regular_file(const fs::path& path) {
  return read_regular_file(AT_FDCWD, path.string());
}

void require_regular_file(const fs::path& path) { open_regular_file(AT_FDCWD, path.string()); }

}  // namespace hypersynth::bids
