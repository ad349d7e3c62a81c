#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bids/entities.h"
#include "bids/file_tree.h"
#include "bids/name_index.h"

namespace hypersynth::bids {

/// A file that applies to another one by the inheritance principle.
struct Inherited {
  FileId file;
  bool ambiguous = false;  ///< another file of the same folder applies as well
};

/// Which sidecars and tables apply to a file (BIDS, "The Inheritance Principle"): those with its
/// suffix, in its folder or one above, whose entities are all among its own.
class Inheritance {
 public:
  /// Refers to `tree` and `names`, which must outlive it.
  Inheritance(const FileTree& tree, const NameIndex& names);

  /// The files with `extension` (".json") that apply to `file`, nearest first. Where several of one
  /// folder apply, the one with all of the file's entities is taken alone, as the BIDS validator
  /// does; without such a one those with more entities come first, then those later in the
  /// alphabet.
  std::vector<Inherited> applicable(FileId file, std::string_view extension) const;

  /// The one that counts where files replace each other as tables do: the nearest.
  std::optional<Inherited> nearest(FileId file, std::string_view extension) const;

  /// Bytes of memory held.
  std::size_t memory_bytes() const { return order_.capacity() * sizeof(FileId); }

 private:
  std::span<const FileId> candidates(DirectoryId directory, NameIndex::TextId suffix,
                                     NameIndex::TextId extension) const;
  void append(DirectoryId directory, const NameView& name, NameIndex::TextId suffix,
              NameIndex::TextId extension, std::vector<Inherited>& found) const;

  const FileTree* tree_;
  const NameIndex* names_;
  std::vector<FileId> order_;  ///< inheritable files by folder, suffix, extension
};

}  // namespace hypersynth::bids
