#include "pipeline/files/file_system.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core/atomic_file.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

[[noreturn]] void fail(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

/// After mkdir failed: whether the folder is there. What has its name but is none, such as a link
/// that leads nowhere, leaves ENOTDIR in errno.
bool is_there(const fs::path& folder) {
  if (errno != EEXIST) return false;
  struct stat status = {};
  if (::stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return true;
  errno = ::lstat(folder.c_str(), &status) == 0 ? ENOTDIR : ENOENT;
  return false;
}

}  // namespace

std::optional<FileIdentity> FileSystem::identify(const fs::path& path) const {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail(path);
  }
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.size_bytes = static_cast<std::uint64_t>(status.st_size);
  identity.modified_ns = nanoseconds(status.st_mtim);
  identity.changed_ns = nanoseconds(status.st_ctim);
  identity.folder = S_ISDIR(status.st_mode);
  return identity;
}

Digest FileSystem::digest(const fs::path& file) const { return digest_of_file(file); }

std::optional<std::string> FileSystem::read(const fs::path& file) const {
  FileDescriptor owner;
  try {
    owner = open_to_read(file);
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == ENOENT || code == ENOTDIR) return std::nullopt;
    throw;
  }
  const int descriptor = owner.get();
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) fail(file);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(file);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

std::vector<std::string> FileSystem::list(const fs::path& folder) const {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void FileSystem::create_folder(const fs::path& folder) const {
  if (::mkdir(folder.c_str(), 0777) == 0 || is_there(folder)) return;
  if (errno != ENOENT || folder.parent_path().empty()) fail(folder);
  create_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0777) != 0 && !is_there(folder)) fail(folder);
}

void FileSystem::write(const fs::path& file, std::string_view bytes) const {
  const FileDescriptor descriptor = open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
  write_all(descriptor.get(), bytes, file);
}

void FileSystem::append(int descriptor, std::string_view bytes, const fs::path& file) const {
  write_all(descriptor, bytes, file);
}

bool FileSystem::rename(const fs::path& from, const fs::path& to) const {
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  fail(to);
}

bool FileSystem::rename_new(const fs::path& from, const fs::path& to) const {
  if (::link(from.c_str(), to.c_str()) == 0) {
    if (::unlink(from.c_str()) != 0) fail(from);
    return true;
  }
  if (errno == EEXIST) return false;
  if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) return rename(from, to);
  fail(to);
}

void FileSystem::remove(const fs::path& path) const {
  boost::system::error_code error;
  fs::remove_all(path, error);
  if (error) throw std::system_error(error.value(), std::generic_category(), path.string());
}

std::uint64_t FileSystem::free_bytes(const fs::path& folder) const {
  struct statvfs status = {};
  if (::statvfs(folder.c_str(), &status) != 0) fail(folder);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

void FileSystem::sync(const fs::path& folder) const {
  const FileDescriptor descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (::syncfs(descriptor.get()) != 0) fail(folder);
}

bool is_disk_error(const std::error_code& code) {
  if (code.category() != std::generic_category() && code.category() != std::system_category())
    return false;
  return code.value() == EROFS || hypersynth::is_disk_error(code.value());
}

const FileSystem& real_file_system() {
  static const FileSystem file_system;
  return file_system;
}

}  // namespace hypersynth::pipeline
