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

/// Index of a file of a FileTree.
using FileId = std::uint32_t;
/// Index of a folder of a FileTree; 0 is the root.
using DirectoryId = std::uint32_t;

/// Half-open range of files; the files of one folder follow each other, sorted by name.
struct FileRange {
  FileId first = 0;
  FileId last = 0;

  FileId size() const { return last - first; }
};

/// What to do with one entry of a folder while the tree is built.
enum class Visit {
  kKeep,        ///< a file becomes a file of the tree, a folder is entered
  kSkip,        ///< left out, with everything below
  kKeepAsFile,  ///< a folder that stands for one recording (`.ds`, `.zarr`) becomes a file
};

/// A dataset's files and folders by name in some 30 bytes and the name each: built once, then
/// constant.
class FileTree {
 public:
  /// Decides on one entry: the path of its folder, the depth of that folder (0 = the root).
  using Visitor =
      std::function<Visit(const std::string& directory, int depth, const DirectoryEntry& entry)>;

  /// Lists `source` from its root on. Folders that can't be listed, loops and folders deeper than
  /// kMaximumDepth become issues; throws DatasetError where the root itself can't be listed.
  static FileTree build(const FileSource& source, const Visitor& visit, Issues& issues);

  static constexpr int kMaximumDepth = 64;

  FileId file_count() const { return static_cast<FileId>(files_.size()); }
  DirectoryId directory_count() const { return static_cast<DirectoryId>(directories_.size()); }

  std::string_view name(FileId file) const;
  DirectoryId directory(FileId file) const { return files_[file].directory; }
  bool is_broken_link(FileId file) const { return files_[file].kind == EntryKind::kBrokenLink; }
  bool is_directory(FileId file) const { return files_[file].kind == EntryKind::kDirectory; }
  /// Path relative to the root.
  std::string path(FileId file) const;

  /// Name of a folder; the root's is empty.
  std::string_view directory_name(DirectoryId directory) const;
  std::string directory_path(DirectoryId directory) const;
  /// The folder above; nothing for the root.
  std::optional<DirectoryId> parent(DirectoryId directory) const;
  FileRange files_in(DirectoryId directory) const { return directories_[directory].files; }

  std::optional<FileId> find(std::string_view path) const;
  std::optional<DirectoryId> find_directory(std::string_view path) const;

  /// Bytes of memory held.
  std::size_t memory_bytes() const;

 private:
  friend class TreeBuilder;

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
    DirectoryId first_child = 0;  ///< folders of one folder follow each other, sorted by name
    DirectoryId last_child = 0;
  };

  std::string_view text(Text place) const {
    return std::string_view(names_).substr(place.offset, place.length);
  }

  std::string names_;
  std::vector<File> files_;
  std::vector<Directory> directories_;
};

}  // namespace hypersynth::bids
