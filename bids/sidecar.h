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

/// The object that `text` holds; throws DatasetError with line and column (from 1) where it is not
/// JSON, is not an object or nests deeper than 200 levels. `path` is for the message.
nlohmann::json parse_json_object(std::string_view text, const std::string& path);

/// The metadata of one file: its sidecars merged, the nearest first.
class Metadata {
 public:
  /// One sidecar that applies.
  struct Layer {
    std::string path;  ///< relative to the dataset's root
    std::shared_ptr<const nlohmann::json> values;
  };

  Metadata() : Metadata(std::vector<Layer>{}) {}
  /// `layers` nearest first.
  explicit Metadata(std::vector<Layer> layers);

  /// All keys as one object; empty where no sidecar applies.
  const nlohmann::json& values() const { return *values_; }
  /// The sidecar that gave `key`, relative to the dataset's root.
  std::optional<std::string> source_of(std::string_view key) const;
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::vector<Layer> layers_;
  std::shared_ptr<const nlohmann::json> values_;
};

/// Reads and merges sidecars. Those of folders above the data are kept, as many files share them.
/// May be used by several threads at once.
class SidecarReader {
 public:
  /// Refers to its arguments, which must outlive it.
  SidecarReader(const FileSource& source, const FileTree& tree, const Inheritance& inheritance)
      : source_(&source), tree_(&tree), inheritance_(&inheritance) {}

  /// The merged metadata of `file`; sidecars that can't be used become issues, once each.
  Metadata read(FileId file);

  /// What was found so far.
  Issues issues() const;

 private:
  using Values = std::shared_ptr<const nlohmann::json>;

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
