#pragma once

#include <string>
#include <vector>

#include "bids/dataset_description.h"
#include "bids/derivative.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The files at the root of an output dataset.
struct OutputRoot {
  /// Of one program, one source dataset, and the link `raw` to it.
  DatasetDescription description;
  std::string readme;
  std::vector<LookupRow> labels;
};

/// Name of the output dataset made from the dataset called `source`.
std::string output_name_of(const std::string& source);

/// Its inverse: the name of the source dataset; `output` itself where that is another program's.
std::string source_name_of(const std::string& output);

/// Throws DatasetError kOutputOfAnother where results for the dataset `source`, named `name`, can't
/// go to `output`: it holds another raw dataset, or results of another one. A dataset is the same
/// where it is the same folder, or where it has the same name and either the folder it was in is
/// gone (it moved; some participants must be the same), or it is a copy of that folder or of a part
/// of it: dataset_description.json, participants.tsv and the sizes of the participants' files are
/// equal.
void require_same_source(const fs::path& output, const fs::path& source, const std::string& name);

/// Writes dataset_description.json, README.md, .bidsignore and desc-hypersynth_dseg.tsv where they
/// are missing, empty or damaged, and brings them up to date otherwise: of the description the
/// links, the source and this program's entry, of .bidsignore the lines that are missing, and the
/// lookup table where its labels differ; a README stays as it is. Several processes may do so at
/// once. What a user should know of goes to `issues`. Throws DatasetError.
void write_output_root(const fs::path& output, const OutputRoot& root, Issues& issues);

}  // namespace hypersynth::bids
