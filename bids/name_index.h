#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bids/file_tree.h"

namespace hypersynth::bids {

/// The suffix and extension of every file of a tree as small numbers. A query compares these
/// numbers first and parses only the names that are left.
class NameIndex {
 public:
  /// The number of a suffix or extension. A file whose name is not BIDS has kNone for both.
  using TextId = std::uint32_t;
  static constexpr TextId kNone = UINT32_MAX;

  explicit NameIndex(const FileTree& tree);

  TextId suffix(FileId file) const { return names_[file].suffix; }
  TextId extension(FileId file) const { return names_[file].extension; }
  /// The number of a suffix or extension (with its dot); kNone if no file has it.
  TextId id(std::string_view text) const;
  /// The suffix or extension with this number.
  std::string_view text(TextId id) const { return texts_[id]; }

  /// The memory that the index holds.
  std::size_t memory_bytes() const;

 private:
  struct Ids {
    TextId suffix = kNone;
    TextId extension = kNone;
  };
  TextId intern(std::string_view text);

  std::vector<Ids> names_;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, TextId> ids_;
};

}  // namespace hypersynth::bids
