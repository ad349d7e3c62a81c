#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/anatomical.h"
#include "bids/dataset_description.h"
#include "bids/entities.h"
#include "bids/file_tree.h"
#include "bids/issue.h"
#include "bids/query.h"
#include "bids/sidecar.h"

namespace hypersynth::bids {

/// One file of a dataset.
struct DataFile {
  FileId id = 0;
  std::string path;  ///< relative to the dataset's root, "sub-01/anat/sub-01_T1w.nii.gz"
  Entities entities;
  std::string suffix;       ///< "T1w"
  std::string extension;    ///< ".nii.gz"
  std::string datatype;     ///< "anat"; empty outside the datatype folders
  bool has_content = true;  ///< false for a symbolic link without a target
};

/// How a dataset is indexed.
struct IndexOptions {
  /// Throw where dataset_description.json is missing or broken; otherwise that is an issue.
  bool require_description = true;
  /// Folder in which the listing is kept for the next time (ListingCache); empty = nowhere.
  fs::path database_dir;
  /// Read as derivatives whatever DatasetType says; otherwise derivatives are worth an issue.
  bool is_derivative = false;
};

/// A dataset's files, found once and asked for by entities.
///
/// In a raw dataset only `sub-*` folders are entered. Derivatives, templates, code, stimuli,
/// sourcedata, hidden folders and what `.bidsignore` names are not part of it; a folder that stands
/// for one recording (`.ds`, `.zarr`, `.mefd`) is one file. May be used by several threads at once.
class Layout {
 public:
  /// The dataset in `root`; throws DatasetError where it is none.
  static Layout index(const fs::path& root, const IndexOptions& options = {});
  /// The dataset in `source`, whose root is called `root` in messages and URIs.
  static Layout index(std::shared_ptr<const FileSource> source, const fs::path& root,
                      const IndexOptions& options = {});

  ~Layout();
  Layout(Layout&&) noexcept;
  Layout& operator=(Layout&&) noexcept;

  const fs::path& root() const;
  const DatasetDescription& description() const;
  const FileTree& tree() const;

  /// Labels of the `sub-*` folders without their prefix, sorted.
  std::vector<std::string> subjects() const;
  /// Labels of the `ses-*` folders without their prefix, sorted, each once.
  std::vector<std::string> sessions() const;

  /// The files that `query` asks for, sorted by folder and name.
  std::vector<DataFile> find(const Query& query) const;
  /// The file with this path relative to the root; nothing where it is not part of the dataset or
  /// its name is not BIDS.
  std::optional<DataFile> find(std::string_view path) const;

  /// The images that can be segmented (find_anatomical_images), sorted by folder and name.
  std::vector<DataFile> anatomical_images() const;

  /// The merged sidecars of a file.
  Metadata metadata(const DataFile& file) const;
  /// The nearest file with `extension` (".tsv") that applies to `file` by inheritance.
  std::optional<DataFile> nearest(const DataFile& file, std::string_view extension) const;

  /// A file's bytes; throws std::system_error.
  std::string read(std::string_view path) const;

  /// All that was found so far: by indexing, in sidecars in the order they were read, and what was
  /// reported.
  Issues issues() const;
  /// Adds a finding of a request on this dataset, once.
  void report(const Issue& issue) const;

  /// Bytes of memory held, without cached sidecars.
  std::size_t memory_bytes() const;

 private:
  struct State;
  explicit Layout(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace hypersynth::bids
