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

/// A file of a dataset with the parts of its name.
struct DataFile {
  FileId id = 0;     ///< its number in Layout::tree()
  std::string path;  ///< relative to the root of the dataset, "sub-01/anat/sub-01_T1w.nii.gz"
  Entities entities;
  std::string suffix;       ///< "T1w"
  std::string extension;    ///< ".nii.gz"
  std::string datatype;     ///< "anat"; empty if the file is in no datatype folder
  bool has_content = true;  ///< false if the file is a symbolic link without a target
};

/// How a dataset is indexed.
struct IndexOptions {
  /// Whether a missing or broken dataset_description.json is an error that is thrown. If false, it
  /// becomes an issue.
  bool require_description = true;
  /// Folder in which the listing of the dataset is kept, so that the next run need not list all
  /// folders again (ListingCache). Empty by default: the listing is not kept.
  fs::path database_dir;
  /// Read the dataset as derivatives whatever its DatasetType says. If false, a dataset whose
  /// DatasetType is "derivative" is read as derivatives too, but with a warning, since raw data are
  /// expected.
  bool is_derivative = false;
};

/// The files of a dataset, listed once and then found by their entities.
///
/// The files are those of discover(): in a raw dataset, the files at the root and those below
/// `sub-*` and `phenotype`. Hidden files and everything that `.bidsignore` names are left out. A
/// folder that stands for one recording (`.ds`, `.zarr`, `.mefd`, `.mff`) counts as one file.
///
/// Several threads may use one layout at once.
class Layout {
 public:
  /// Lists the dataset in the folder `root`; throws DatasetError if it is not a BIDS dataset.
  static Layout index(const fs::path& root, const IndexOptions& options = {});
  /// Lists the dataset in `source`; messages and URIs call its root `root`.
  static Layout index(std::shared_ptr<const FileSource> source, const fs::path& root,
                      const IndexOptions& options = {});

  ~Layout();
  Layout(Layout&&) noexcept;
  Layout& operator=(Layout&&) noexcept;

  const fs::path& root() const;
  const DatasetDescription& description() const;
  const FileTree& tree() const;

  /// Labels of the `sub-*` folders at the root, without the prefix, sorted.
  std::vector<std::string> subjects() const;
  /// Labels of the `ses-*` folders of all subjects, without the prefix, sorted, each once.
  std::vector<std::string> sessions() const;

  /// The files that fit `query`, sorted by folder and name. Files whose name is not BIDS fit no
  /// query.
  std::vector<DataFile> find(const Query& query) const;
  /// The file with this path relative to the root; nothing if the dataset has no such file or its
  /// name is not BIDS.
  std::optional<DataFile> find(std::string_view path) const;

  /// The images that can be segmented, as find_anatomical_images() finds them, sorted by folder and
  /// name.
  std::vector<DataFile> anatomical_images() const;

  /// The sidecars that apply to a file, merged.
  Metadata metadata(const DataFile& file) const;
  /// The files with `extension` (".json") that apply to `file` by inheritance, nearest first,
  /// whether or not they can be read.
  std::vector<DataFile> applicable(const DataFile& file, std::string_view extension) const;
  /// The file with `extension` (".tsv") that applies to `file` by inheritance and is nearest to it.
  std::optional<DataFile> nearest(const DataFile& file, std::string_view extension) const;

  /// The bytes of the file at `path`; throws std::system_error if it cannot be read.
  std::string read(std::string_view path) const;

  /// All issues so far: those found while listing, those of sidecars that were read since, and
  /// those given to report().
  Issues issues() const;
  /// Adds an issue about what a user asks of this dataset, unless it was reported before.
  void report(const Issue& issue) const;

  /// The memory that the layout holds, without the sidecars that it keeps.
  std::size_t memory_bytes() const;

 private:
  struct State;
  explicit Layout(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace hypersynth::bids
