#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/filesystem/path.hpp>

namespace hypersynth::bids {

namespace fs = boost::filesystem;

/// What a folder's entry is once symbolic links are followed.
enum class EntryKind : std::uint8_t { kFile, kDirectory, kBrokenLink };

struct DirectoryEntry {
  std::string name;
  EntryKind kind;
  bool is_link = false;

  bool operator==(const DirectoryEntry&) const = default;
};

/// What tells whether a file or folder changed: modification time, size and identity, links
/// followed.
struct FileStamp {
  std::int64_t modified_ns = 0;
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  bool is_directory = false;

  bool operator==(const FileStamp&) const = default;
};

/// A folder with all links on the way to it followed.
struct FolderTarget {
  fs::path path;           ///< absolute
  bool is_kernel = false;  ///< of /proc or /sys, which hold no data and have no end
};

/// Where a dataset's files are: a disk, or paths and contents in memory for tests. Paths are
/// relative to the dataset's root with `/` between folders; "" is the root.
class FileSource {
 public:
  virtual ~FileSource() = default;

  /// The entries of a folder in any order; throws std::system_error where it can't be listed.
  virtual std::vector<DirectoryEntry> list(const std::string& directory) const = 0;

  /// A file's bytes; throws std::system_error where it can't be read or is no regular file.
  virtual std::string read(const std::string& path) const = 0;

  /// The stamp of a file or folder; throws std::system_error where there is none.
  virtual FileStamp stamp(const std::string& path) const = 0;

  /// Where a folder or a link to one is; throws std::system_error where there is none.
  virtual FolderTarget target(const std::string& path) const = 0;
};

/// The files below a folder of this machine. Throws DatasetError where the folder is missing.
std::shared_ptr<const FileSource> disk_source(const fs::path& root);

/// Files in memory: path -> content. Folders are implied by the paths; a path that ends in `/` is
/// an empty folder. `broken_links` are paths of links without a target, `unreadable` of files and
/// folders that fail.
struct MemoryFiles {
  std::map<std::string, std::string> contents;
  std::vector<std::string> broken_links;
  std::vector<std::string> unreadable;
};
std::shared_ptr<const FileSource> memory_source(MemoryFiles files);

}  // namespace hypersynth::bids
