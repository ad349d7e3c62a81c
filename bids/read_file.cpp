#include "bids/read_file.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <system_error>

#include "bids/issue.h"
#include "core/error.h"
#include "core/regular_file.h"

namespace hypersynth::bids {
namespace {

/// The largest file that is read. Sidecars, tables and filters are text and far smaller.
constexpr std::size_t kMaximumFileBytes = std::size_t{1} << 30;

/// The error category of files that are too large, for which the system has no error number.
class FileSizeCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "file size"; }
  std::string message(int) const override { return "more than 1 GiB, not a text file"; }
};

[[noreturn]] void fail_errno(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), printable(path));
}

/// An open regular file and its size.
struct OpenFile {
  FileDescriptor descriptor;
  std::size_t size_bytes = 0;
};

OpenFile open_text_file(int directory, const std::string& path) {
  static const FileSizeCategory kTooLarge;
  OpenFile file;
  file.descriptor = open_regular_file(directory, path, &file.size_bytes);
  if (file.size_bytes > kMaximumFileBytes)
    throw std::system_error(std::error_code(1, kTooLarge), printable(path));
  return file;
}

}  // namespace

std::string read_regular_file(int directory, const std::string& path) {
  const OpenFile file = open_text_file(directory, path);
  std::string content(file.size_bytes, '\0');
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

void require_regular_file(const fs::path& path) { open_text_file(AT_FDCWD, path.string()); }

}  // namespace hypersynth::bids
