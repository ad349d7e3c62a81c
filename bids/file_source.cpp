#include "bids/file_source.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/filesystem/operations.hpp>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bids/issue.h"
#include "bids/read_file.h"
#include "core/descriptor.h"
#include "core/error.h"

namespace hypersynth::bids {
namespace {

[[noreturn]] void fail(int error, const std::string& path) {
  throw std::system_error(error, std::generic_category(), printable(path));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// `relative` as openat takes it: the root itself is ".".
const char* below_root(const std::string& relative) {
  return relative.empty() ? "." : relative.c_str();
}

FileStamp stamp_of(const struct stat& status) {
  return {status.st_mtim.tv_sec * std::int64_t{1000000000} + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_size), status.st_ino, status.st_dev,
          S_ISDIR(status.st_mode)};
}

class DiskSource : public FileSource {
 public:
  DiskSource(int root, fs::path path) : root_(root), path_(std::move(path)) {}

  std::vector<DirectoryEntry> list(const std::string& directory) const override {
    FileDescriptor descriptor(open(directory, O_RDONLY | O_DIRECTORY));
    Directory stream(::fdopendir(descriptor.get()));
    if (!stream) fail(errno, directory);
    descriptor.release();
    std::vector<DirectoryEntry> entries;
    for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      entries.push_back(classify(::dirfd(stream.get()), *entry));
    }
    if (errno != 0) fail(errno, directory);
    return entries;
  }

  std::string read(const std::string& path) const override {
    return read_regular_file(root_.get(), path);
  }

  FolderTarget target(const std::string& path) const override {
    const std::unique_ptr<char, decltype(&std::free)> real(
        ::realpath((path_ / path).c_str(), nullptr), &std::free);
    if (!real) fail(errno, path);
    struct statfs system {};
    if (::statfs(real.get(), &system) != 0) fail(errno, path);
    return {real.get(), system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC};
  }

  FileStamp stamp(const std::string& path) const override {
    struct stat status {};
    if (::fstatat(root_.get(), below_root(path), &status, 0) != 0) fail(errno, path);
    return stamp_of(status);
  }

 private:
  int open(const std::string& path, int flags) const {
    const int descriptor = ::openat(root_.get(), below_root(path), flags | O_CLOEXEC);
    if (descriptor < 0) fail(errno, path);
    return descriptor;
  }

  /// Tells the kind of an entry. The listing itself gives it, except for symbolic links and on file
  /// systems that do not store it; only then is the entry looked up.
  static DirectoryEntry classify(int directory, const dirent& entry) {
    if (entry.d_type == DT_DIR) return {entry.d_name, EntryKind::kDirectory};
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN)
      return {entry.d_name, EntryKind::kFile};
    struct stat status {};
    bool is_link = entry.d_type == DT_LNK;
    if (!is_link && ::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
      is_link = S_ISLNK(status.st_mode);
    if (::fstatat(directory, entry.d_name, &status, 0) != 0)
      return {entry.d_name, is_link ? EntryKind::kBrokenLink : EntryKind::kFile, is_link};
    return {entry.d_name, S_ISDIR(status.st_mode) ? EntryKind::kDirectory : EntryKind::kFile,
            is_link};
  }

  FileDescriptor root_;
  fs::path path_;  ///< absolute
};

class MemorySource : public FileSource {
 public:
  explicit MemorySource(MemoryFiles files) : unreadable_(std::move(files.unreadable)) {
    directories_[""];
    for (auto& [path, content] : files.contents) {
      if (path.ends_with('/')) {
        add_directory(path.substr(0, path.size() - 1));
      } else {
        add(path, EntryKind::kFile);
        contents_[path] = std::move(content);
      }
    }
    for (const auto& path : files.broken_links) add(path, EntryKind::kBrokenLink);
  }

  std::vector<DirectoryEntry> list(const std::string& directory) const override {
    require_readable(directory);
    const auto found = directories_.find(directory);
    if (found == directories_.end()) fail(ENOENT, directory);
    return found->second;
  }

  std::string read(const std::string& path) const override {
    require_readable(path);
    const auto found = contents_.find(path);
    if (found == contents_.end()) fail(ENOENT, path);
    return found->second;
  }

  FolderTarget target(const std::string& path) const override { return {"/" + path, false}; }

  FileStamp stamp(const std::string& path) const override {
    require_readable(path);
    FileStamp stamp;
    const auto file = contents_.find(path);
    if (file != contents_.end()) {
      stamp.size = file->second.size();
      stamp.modified_ns = static_cast<std::int64_t>(std::hash<std::string>{}(file->second));
      return stamp;
    }
    const auto directory = directories_.find(path);
    if (directory == directories_.end()) fail(ENOENT, path);
    stamp.is_directory = true;
    for (const auto& entry : directory->second)
      stamp.modified_ns += static_cast<std::int64_t>(std::hash<std::string>{}(entry.name) >> 1);
    return stamp;
  }

 private:
  void add(const std::string& path, EntryKind kind) {
    const auto slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
    if (!parent.empty()) add_directory(parent);
    directories_[parent].push_back({slash == std::string::npos ? path : path.substr(slash + 1),
                                    kind, kind == EntryKind::kBrokenLink});
  }

  void add_directory(const std::string& path) {
    if (directories_.contains(path)) return;
    directories_[path];
    add(path, EntryKind::kDirectory);
  }

  void require_readable(const std::string& path) const {
    if (std::find(unreadable_.begin(), unreadable_.end(), path) != unreadable_.end())
      fail(EACCES, path);
  }

  std::vector<std::string> unreadable_;
  std::map<std::string, std::vector<DirectoryEntry>> directories_;
  std::map<std::string, std::string> contents_;
};

}  // namespace

std::shared_ptr<const FileSource> disk_source(const fs::path& root) {
  const int descriptor = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    throw DatasetError(
        IssueCode::kDatasetMissing, root.string(),
        "expected the folder of a BIDS dataset, found: " + std::generic_category().message(errno));
  return std::make_shared<DiskSource>(descriptor, fs::absolute(root));
}

std::shared_ptr<const FileSource> memory_source(MemoryFiles files) {
  return std::make_shared<MemorySource>(std::move(files));
}

}  // namespace hypersynth::bids
