#include "bids/file_tree.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace hypersynth::bids {

/// Lists folders breadth first within a folder and depth first between folders, so that the files
/// and the subfolders of one folder get consecutive numbers.
class TreeBuilder {
 public:
  TreeBuilder(const FileSource& source, const FileTree::Visitor& visit, Issues& issues)
      : source_(source), visit_(visit), issues_(issues) {}

  FileTree build() {
    tree_.directories_.emplace_back();
    enter(0, "", 0, false);
    tree_.names_.shrink_to_fit();
    tree_.files_.shrink_to_fit();
    tree_.directories_.shrink_to_fit();
    return std::move(tree_);
  }

 private:
  /// `outside`: the folder was reached by a link that leads out of the dataset.
  void enter(DirectoryId directory, const std::string& path, int depth, bool outside) {
    std::vector<DirectoryEntry> children = add_files(directory, path, depth);
    const auto first = static_cast<DirectoryId>(tree_.directories_.size());
    for (const auto& child : children) {
      FileTree::Directory added;
      added.name = store(child.name);
      added.parent = directory;
      tree_.directories_.push_back(added);
    }
    tree_.directories_[directory].first_child = first;
    tree_.directories_[directory].last_child = first + static_cast<DirectoryId>(children.size());
    for (std::size_t index = 0; index < children.size(); ++index) {
      const std::string below = join(path, children[index].name);
      if (depth + 1 >= FileTree::kMaximumDepth) {
        issues_.push_back({IssueCode::kDirectoryLoop, below, "folders nest too deep to be read"});
      } else if (children[index].is_link) {
        enter_link(first + static_cast<DirectoryId>(index), below, depth + 1);
      } else if (!outside || is_new(below)) {
        enter(first + static_cast<DirectoryId>(index), below, depth + 1, outside);
      }
    }
  }

  /// Adds the files of a folder and gives its subfolders, both sorted by name.
  std::vector<DirectoryEntry> add_files(DirectoryId directory, const std::string& path, int depth) {
    const auto first = tree_.file_count();
    std::vector<DirectoryEntry> entries = list(path);
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    std::vector<DirectoryEntry> children;
    for (auto& entry : entries) {
      const Visit visit = visit_(path, depth, entry);
      if (visit == Visit::kSkip) continue;
      if (entry.kind == EntryKind::kDirectory && visit == Visit::kKeep) {
        children.push_back(std::move(entry));
      } else {
        tree_.files_.push_back({store(entry.name), entry.kind, directory});
      }
    }
    tree_.directories_[directory].files = {first, tree_.file_count()};
    return children;
  }

  std::vector<DirectoryEntry> list(const std::string& path) {
    try {
      return source_.list(path);
    } catch (const std::system_error& error) {
      const std::string message = "the folder can't be listed: " + error.code().message();
      if (path.empty()) throw DatasetError(IssueCode::kDirectoryUnreadable, "", message);
      issues_.push_back({IssueCode::kDirectoryUnreadable, path, message});
      return {};
    }
  }

  /// Enters the folder to which a symbolic link leads, unless it is listed under another name:
  /// folders with links to each other would otherwise be listed again and again. A folder of the
  /// dataset is listed under its own name only; a folder outside it under the first link that leads
  /// there.
  void enter_link(DirectoryId directory, const std::string& path, int depth) {
    try {
      const FolderTarget target = source_.target(path);
      const std::string shown = printable(target.path.string());
      if (target.is_kernel) {
        leave_out(IssueCode::kDirectoryLoop, path, "the link leads to the kernel's " + shown);
      } else if (is_within(root(), target.path)) {
        leave_out(IssueCode::kDirectoryLoop, path, "the link leads back to a folder above");
      } else if (is_within(target.path, root()) &&
                 is_visited(target.path.lexically_relative(root()))) {
        leave_out(IssueCode::kDirectoryRepeated, path,
                  "the link leads to " +
                      printable(target.path.lexically_relative(root()).string()) +
                      ", which is read under its own name");
      } else if (is_new(path)) {
        enter(directory, path, depth, true);
      }
    } catch (const std::system_error& error) {
      issues_.push_back({IssueCode::kDirectoryUnreadable, path,
                         "the link can't be followed: " + error.code().message()});
    }
  }

  /// Whether a folder outside the dataset is met for the first time. If it is not, that becomes an
  /// issue.
  bool is_new(const std::string& path) {
    try {
      const FileStamp stamp = source_.stamp(path);
      const auto [place, added] = listed_.try_emplace({stamp.device, stamp.inode}, path);
      if (!added)
        leave_out(IssueCode::kDirectoryRepeated, path,
                  "the same folder as " + printable(place->second) + ", which is read");
      return added;
    } catch (const std::system_error& error) {
      issues_.push_back({IssueCode::kDirectoryUnreadable, path, error.code().message()});
      return false;
    }
  }

  /// Whether the folder at `path`, relative to the root and without links, is listed in the tree.
  bool is_visited(const fs::path& path) {
    std::string above;
    int depth = 0;
    for (const auto& part : path) {
      const DirectoryEntry entry{part.string(), EntryKind::kDirectory, false};
      if (visit_(above, depth++, entry) != Visit::kKeep) return false;
      above = join(above, entry.name);
    }
    return depth < FileTree::kMaximumDepth;
  }

  static bool is_within(const fs::path& inner, const fs::path& outer) {
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
  }

  const fs::path& root() {
    if (root_.empty()) root_ = source_.target("").path;
    return root_;
  }

  void leave_out(IssueCode code, const std::string& path, const std::string& why) {
    issues_.push_back({code, path, why + "; what is below is left out"});
  }

  static std::string join(const std::string& directory, const std::string& name) {
    return directory.empty() ? name : directory + '/' + name;
  }

  FileTree::Text store(const std::string& name) {
    if (tree_.names_.size() + name.size() > UINT32_MAX || name.size() > UINT16_MAX)
      throw std::length_error("more than 4 GiB of file names");
    const FileTree::Text place{static_cast<std::uint32_t>(tree_.names_.size()),
                               static_cast<std::uint16_t>(name.size())};
    tree_.names_ += name;
    return place;
  }

  const FileSource& source_;
  const FileTree::Visitor& visit_;
  Issues& issues_;
  FileTree tree_;
  fs::path root_;  ///< the root without links, once a link was met
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> listed_;  ///< outside the dataset
};

FileTree FileTree::build(const FileSource& source, const Visitor& visit, Issues& issues) {
  return TreeBuilder(source, visit, issues).build();
}

std::string_view FileTree::name(FileId file) const { return text(files_[file].name); }

std::string FileTree::path(FileId file) const {
  std::string path = directory_path(files_[file].directory);
  if (!path.empty()) path += '/';
  return path.append(name(file));
}

std::string_view FileTree::directory_name(DirectoryId directory) const {
  return text(directories_[directory].name);
}

std::string FileTree::directory_path(DirectoryId directory) const {
  if (directory == 0) return {};
  std::string path = directory_path(directories_[directory].parent);
  if (!path.empty()) path += '/';
  return path.append(directory_name(directory));
}

std::optional<DirectoryId> FileTree::parent(DirectoryId directory) const {
  if (directory == 0) return std::nullopt;
  return directories_[directory].parent;
}

std::optional<DirectoryId> FileTree::find_directory(std::string_view path) const {
  DirectoryId directory = 0;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    const auto first = directories_.begin() + directories_[directory].first_child;
    const auto last = directories_.begin() + directories_[directory].last_child;
    const auto child = std::lower_bound(
        first, last, part,
        [this](const Directory& entry, std::string_view key) { return text(entry.name) < key; });
    if (child == last || text(child->name) != part) return std::nullopt;
    directory = static_cast<DirectoryId>(child - directories_.begin());
  }
  return directory;
}

std::optional<FileId> FileTree::find(std::string_view path) const {
  const auto slash = path.rfind('/');
  const bool at_root = slash == std::string_view::npos;
  const auto directory = find_directory(at_root ? std::string_view() : path.substr(0, slash));
  if (!directory || slash == 0) return std::nullopt;
  const std::string_view file_name = at_root ? path : path.substr(slash + 1);
  const FileRange range = directories_[*directory].files;
  const auto first = files_.begin() + range.first;
  const auto last = files_.begin() + range.last;
  const auto file = std::lower_bound(
      first, last, file_name,
      [this](const File& entry, std::string_view key) { return text(entry.name) < key; });
  if (file == last || text(file->name) != file_name) return std::nullopt;
  return static_cast<FileId>(file - files_.begin());
}

std::size_t FileTree::memory_bytes() const {
  return names_.capacity() + files_.capacity() * sizeof(File) +
         directories_.capacity() * sizeof(Directory);
}

}  // namespace hypersynth::bids
