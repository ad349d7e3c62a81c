#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bids/entities.h"
#include "bids/file_tree.h"
#include "bids/name_index.h"

namespace hypersynth::bids {

/// A sidecar or table that applies to a data file by the inheritance principle.
struct Inherited {
  FileId file;
  /// Other files of the same folder apply as well, and none is the data file's own.
  bool ambiguous = false;
};

/// Finds the sidecars and tables that apply to a data file (BIDS, "The Inheritance Principle"):
/// files with the suffix of the data file, in its folder or in one above, all of whose entities the
/// data file has with the same value.
class Inheritance {
 public:
  /// Keeps references to `tree` and `names`, which must outlive it.
  Inheritance(const FileTree& tree, const NameIndex& names);

  /// The files with `extension` (".json") that apply to `file`, nearest folder first. If several
  /// files of one folder apply and one of them has all entities of `file`, this one alone is taken,
  /// as the BIDS validator does. Otherwise those with more entities come first, and of equally many
  /// those later in the alphabet.
  std::vector<Inherited> applicable(FileId file, std::string_view extension) const;

  /// The first of applicable(). For tables, which replace each other instead of being merged.
  std::optional<Inherited> nearest(FileId file, std::string_view extension) const;

  /// The memory that the object holds.
  std::size_t memory_bytes() const { return order_.capacity() * sizeof(FileId); }

 private:
  std::span<const FileId> candidates(DirectoryId directory, NameIndex::TextId suffix,
                                     NameIndex::TextId extension) const;
  void append(DirectoryId directory, const NameView& name, NameIndex::TextId suffix,
              NameIndex::TextId extension, std::vector<Inherited>& found) const;

  const FileTree* tree_;
  const NameIndex* names_;
  std::vector<FileId> order_;  ///< sidecars and tables sorted by folder, suffix and extension
};

}  // namespace hypersynth::bids
