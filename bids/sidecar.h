#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/file_source.h"
#include "bids/inheritance.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The JSON object that `text` holds. Throws DatasetError, with line and column counted from 1, if
/// the text is not JSON or nests deeper than 200 levels, and DatasetError if it is not an object.
/// `path` is for the message.
nlohmann::json parse_json_object(std::string_view text, const std::string& path);

/// The metadata of one data file: the sidecars that apply to it, merged. If several have the same
/// key, the nearest one counts.
class Metadata {
 public:
  /// One sidecar that applies to the file.
  struct Layer {
    std::string path;  ///< relative to the root of the dataset
    std::shared_ptr<const nlohmann::json> values;
  };

  Metadata() : Metadata(std::vector<Layer>{}) {}
  /// `layers`: the sidecars that apply, nearest first.
  explicit Metadata(std::vector<Layer> layers);

  /// All keys as one object; an empty object if no sidecar applies.
  const nlohmann::json& values() const { return *values_; }
  /// The path of the sidecar that gave `key`, relative to the root of the dataset; nothing if none
  /// has it.
  std::optional<std::string> source_of(std::string_view key) const;
  /// The sidecars that apply, nearest first.
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::vector<Layer> layers_;
  std::shared_ptr<const nlohmann::json> values_;
};

/// Reads and merges sidecars. Sidecars in folders above a data file are read once and kept, because
/// many files share them. Several threads may use one reader at once.
class SidecarReader {
 public:
  /// Keeps references to its arguments, which must outlive it.
  SidecarReader(const FileSource& source, const FileTree& tree, const Inheritance& inheritance)
      : source_(&source), tree_(&tree), inheritance_(&inheritance) {}

  /// The merged metadata of `file`. A sidecar that cannot be used becomes an issue, once.
  Metadata read(FileId file);

  /// The issues found so far.
  Issues issues() const;

 private:
  using Values = std::shared_ptr<const nlohmann::json>;

  /// The content of a sidecar, from memory if it is `shared` and was read before; null if unusable.
  Values values_of(FileId sidecar, bool shared);
  Values parse(FileId sidecar);
  void report(FileId sidecar, Issue issue);

  const FileSource* source_;
  const FileTree* tree_;
  const Inheritance* inheritance_;
  mutable std::mutex mutex_;
  std::map<FileId, Values> shared_;
  std::set<std::pair<FileId, IssueCode>> reported_;
  Issues issues_;
};

}  // namespace hypersynth::bids
