#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/file_source.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The number of a file in its FileTree.
using FileId = std::uint32_t;
/// The number of a folder in its FileTree; 0 is the root.
using DirectoryId = std::uint32_t;

/// The files `first` to `last` - 1. The files of one folder have consecutive numbers, sorted by
/// name.
struct FileRange {
  FileId first = 0;
  FileId last = 0;

  FileId size() const { return last - first; }
};

/// What happens to an entry of a folder while the tree is built.
enum class Visit {
  kKeep,  ///< a file becomes a file of the tree, a folder is entered
  kSkip,  ///< the entry is left out, with everything below it
  /// A folder that stands for one recording (`.ds`, `.zarr`) becomes a file of the tree.
  kKeepAsFile,
};

/// The names of all files and folders of a dataset. It is built once and does not change
/// afterwards. Since a dataset may have millions of files, each takes no more than 30 bytes besides
/// its name.
class FileTree {
 public:
  /// Decides about one entry. `directory` is the path of the folder that holds it, `depth` the
  /// number of folders above that one (0 for the root).
  using Visitor =
      std::function<Visit(const std::string& directory, int depth, const DirectoryEntry& entry)>;

  /// Lists `source` from its root on. A folder that cannot be listed or is deeper than
  /// kMaximumDepth, and a symbolic link to a folder that is listed already or belongs to the kernel
  /// (/proc), become issues and stay empty. Throws DatasetError if the root itself cannot be
  /// listed.
  static FileTree build(const FileSource& source, const Visitor& visit, Issues& issues);

  /// More folders inside each other are taken for a loop; BIDS needs fewer than ten.
  static constexpr int kMaximumDepth = 64;

  FileId file_count() const { return static_cast<FileId>(files_.size()); }
  DirectoryId directory_count() const { return static_cast<DirectoryId>(directories_.size()); }

  std::string_view name(FileId file) const;
  DirectoryId directory(FileId file) const { return files_[file].directory; }
  bool is_broken_link(FileId file) const { return files_[file].kind == EntryKind::kBrokenLink; }
  bool is_directory(FileId file) const { return files_[file].kind == EntryKind::kDirectory; }
  /// Path relative to the root, with `/` between folders.
  std::string path(FileId file) const;

  /// Name of a folder; empty for the root.
  std::string_view directory_name(DirectoryId directory) const;
  /// Path of a folder relative to the root; empty for the root.
  std::string directory_path(DirectoryId directory) const;
  /// The folder that holds `directory`; nothing for the root.
  std::optional<DirectoryId> parent(DirectoryId directory) const;
  /// The files in a folder itself, not those in the folders below it.
  FileRange files_in(DirectoryId directory) const { return directories_[directory].files; }

  /// The file with this path relative to the root; nothing if there is none.
  std::optional<FileId> find(std::string_view path) const;
  /// The folder with this path relative to the root; nothing if there is none.
  std::optional<DirectoryId> find_directory(std::string_view path) const;

  /// The memory that the tree holds.
  std::size_t memory_bytes() const;

 private:
  friend class TreeBuilder;

  /// A name: its place in `names_`.
  struct Text {
    std::uint32_t offset = 0;
    std::uint16_t length = 0;
  };
  struct File {
    Text name;
    EntryKind kind = EntryKind::kFile;
    DirectoryId directory = 0;
  };
  struct Directory {
    Text name;
    DirectoryId parent = 0;
    FileRange files;
    /// The folders in one folder have consecutive numbers, sorted by name.
    DirectoryId first_child = 0;
    DirectoryId last_child = 0;
  };

  std::string_view text(Text place) const {
    return std::string_view(names_).substr(place.offset, place.length);
  }

  std::string names_;  ///< all names, one after the other
  std::vector<File> files_;
  std::vector<Directory> directories_;
};

}  // namespace hypersynth::bids
