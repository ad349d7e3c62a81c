#pragma once

#include <string>
#include <vector>

#include "bids/dataset_description.h"
#include "bids/derivative.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// What the files at the root of an output dataset say.
struct OutputRoot {
  /// Names one program, one source dataset, and links this source dataset as `raw`.
  DatasetDescription description;
  std::string readme;  ///< text of README.md
  /// Rows of desc-hypersynth_dseg.tsv; none: that table stays as it is.
  std::vector<LookupRow> labels;
  /// Rows of desc-standard_dseg.tsv; none: that table stays as it is.
  std::vector<LookupRow> standard_labels = {};
};

/// The name of the output dataset that is made from the dataset named `source`.
std::string output_name_of(const std::string& source);

/// The inverse of output_name_of(). Returns `output` unchanged if another program chose this name.
std::string source_name_of(const std::string& output);

/// Makes sure that the results of the dataset `source`, named `name`, may go to the folder
/// `output`. Throws DatasetError kOutputOfAnother if `output` holds a raw dataset, or results of
/// another dataset.
///
/// Results are taken for those of the same dataset if the name is the same and one of these holds:
/// the results were made from the same folder; that folder is gone and at least one participant is
/// the same (the dataset has moved); or `source` is a copy of that folder or of a part of it. A
/// copy has the same dataset_description.json and participants.tsv, and files of the same sizes for
/// its first ten participants.
void require_same_source(const fs::path& output, const fs::path& source, const std::string& name);

/// Writes dataset_description.json, README.md, .bidsignore and the lookup tables if they are
/// missing, empty or damaged. Otherwise it brings them up to date and keeps what a user added: in
/// the description it updates the links, the source dataset and the entry of this program; to
/// .bidsignore it adds the lines that are missing; a lookup table is written again if its labels
/// differ; a README stays as it is.
///
/// Several processes may call this at once. What a user should know becomes an issue. Throws
/// DatasetError if an existing file cannot be read, and Error if a file cannot be written.
void write_output_root(const fs::path& output, const OutputRoot& root, Issues& issues);

}  // namespace hypersynth::bids
