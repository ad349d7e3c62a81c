#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/common_options.h"
#include "bids/layout.h"
#include "evaluation/summary.h"

namespace hypersynth {

/// A derivative dataset with label maps (`_dseg`) of anatomical images.
class LabelDataset {
 public:
  /// Opens the dataset and lists the label maps of the participants, sessions, runs and modalities
  /// that the options ask for, with the entity desc `desc` unless that is empty. Throws
  /// DatasetError where `dataset` is no BIDS dataset, and Error kNothingSelected where it has no
  /// label maps.
  static LabelDataset open(const NamedDataset& dataset, const std::string& desc,
                           const CommonOptions& options);
  /// As open(). Of a dataset without label maps itself, the dataset in its `derivatives` folder
  /// that has some is opened, other than the output folder and `others`; throws Error kUsage that
  /// names `option` where there are several.
  static LabelDataset open_reference(const NamedDataset& reference, const std::string& desc,
                                     const std::string& option, const std::vector<fs::path>& others,
                                     const CommonOptions& options);

  const std::string& name() const { return name_; }
  const bids::Layout& layout() const { return layout_; }
  const std::vector<bids::DataFile>& files() const { return files_; }

  fs::path path_of(const bids::DataFile& file) const { return layout_.root() / file.path; }

  /// The structures that the lookup table of a label map names; nothing where there is no such
  /// table. Throws InputError where the table cannot be read.
  std::optional<StructureNames> structures_of(const bids::DataFile& file) const;

  /// Path of the image that a label map was made of, relative to its dataset, as its sidecar says;
  /// empty where it does not.
  std::string source_of(const bids::DataFile& file) const;

 private:
  LabelDataset(std::string name, bids::Layout layout, std::vector<bids::DataFile> files);
  /// open() of a dataset that is listed already.
  static LabelDataset of_layout(const NamedDataset& dataset, bids::Layout layout,
                                const std::string& desc, const CommonOptions& options);

  std::string name_;
  bids::Layout layout_;
  std::vector<bids::DataFile> files_;
};

/// The text of a label mapping and the file that it was read from.
struct MappingFile {
  std::string text;  ///< empty: no mapping is asked for
  std::string path;
};

/// Reads the label mapping that --label-mapping names: a file, or a table that comes with the
/// program. Throws Error kInputMissing where there is neither.
MappingFile read_label_mapping(const std::string& given);

}  // namespace hypersynth
