#include "core/regular_file.h"

#include <cerrno>
#include <fcntl.h>

#include <sys/stat.h>

namespace hypersynth {

namespace {

/// The error category of files that are not regular. The system has no error number for them; the
/// value of an error is the type of the file (S_IFMT).
class FileTypeCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "file type"; }
  std::string message(int type) const override {
    return std::string(irregular_kind(static_cast<mode_t>(type))) + ", not a regular file";
  }
};

std::error_code type_error(mode_t mode) {
  static const FileTypeCategory kCategory;
  return {static_cast<int>(mode & S_IFMT), kCategory};
}

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), printable(path));
}

}  // namespace

std::string_view irregular_kind(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "";
    case S_IFDIR:
      return "a folder";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    default:
      return "something else";
  }
}

NotARegularFile::NotARegularFile(const std::string& path, mode_t mode)
    : std::system_error(type_error(mode), printable(path)),
      path_(path),
      message_(printable(path)
                   .append(": expected a regular file, found ")
                   .append(irregular_kind(mode))) {}

FileDescriptor open_regular_file(int directory, const std::string& path, std::size_t* size_bytes) {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  FileDescriptor descriptor;
  do {
    descriptor = FileDescriptor(::openat(directory, path.c_str(), kFlags));
  } while (!descriptor && errno == EINTR);
  if (!descriptor && errno == ENXIO) throw NotARegularFile(path, S_IFSOCK);
  if (!descriptor) fail(path);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail(path);
  if (!S_ISREG(status.st_mode)) throw NotARegularFile(path, status.st_mode);
  if (size_bytes != nullptr) *size_bytes = static_cast<std::size_t>(status.st_size);
  return descriptor;
}

FileDescriptor open_regular_file(const std::string& path) {
  return open_regular_file(AT_FDCWD, path);
}

void require_regular_file(const std::string& path, mode_t mode) {
  if (!S_ISREG(mode)) throw InputError(path, "a regular file", std::string(irregular_kind(mode)));
}

}  // namespace hypersynth
