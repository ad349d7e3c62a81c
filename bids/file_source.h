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

/// What an entry of a folder is after following a symbolic link.
enum class EntryKind : std::uint8_t { kFile, kDirectory, kBrokenLink };

/// An entry of a folder.
struct DirectoryEntry {
  std::string name;
  EntryKind kind;  ///< of the target, if the entry is a symbolic link
  bool is_link = false;

  bool operator==(const DirectoryEntry&) const = default;
};

/// The properties by which a change of a file or folder is noticed without reading it. Those of a
/// symbolic link are those of its target.
struct FileStamp {
  std::int64_t modified_ns = 0;
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  bool is_directory = false;

  bool operator==(const FileStamp&) const = default;
};

/// The real place of a folder, after following all symbolic links on the way to it.
struct FolderTarget {
  fs::path path;           ///< absolute
  bool is_kernel = false;  ///< lies in /proc or /sys, whose endless folders hold no data
};

/// Access to the files of a dataset: on a disk, or in memory for tests. Paths are relative to the
/// root of the dataset, with `/` between folders; "" is the root itself.
class FileSource {
 public:
  virtual ~FileSource() = default;

  /// The entries of a folder, in any order; throws std::system_error if it cannot be listed.
  virtual std::vector<DirectoryEntry> list(const std::string& directory) const = 0;

  /// The bytes of a file; throws std::system_error if it cannot be read or is not a regular file.
  virtual std::string read(const std::string& path) const = 0;

  /// The stamp of a file or folder; throws std::system_error if there is no such file or folder.
  virtual FileStamp stamp(const std::string& path) const = 0;

  /// The real place of a folder or of a link to one; throws std::system_error if there is none.
  virtual FolderTarget target(const std::string& path) const = 0;
};

/// The files below the folder `root` of this machine. Throws DatasetError if the folder is missing.
std::shared_ptr<const FileSource> disk_source(const fs::path& root);

/// The files of a dataset in memory. The folders follow from the paths of the files.
struct MemoryFiles {
  /// Path -> content; a path that ends in `/` is an empty folder.
  std::map<std::string, std::string> contents;
  std::vector<std::string> broken_links;  ///< paths of symbolic links without a target
  /// Paths of files and folders that throw when they are read.
  std::vector<std::string> unreadable;
};
/// A source that serves `files`.
std::shared_ptr<const FileSource> memory_source(MemoryFiles files);

}  // namespace hypersynth::bids
