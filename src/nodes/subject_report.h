#pragma once

#include <string>
#include <vector>

#include "bids/participants.h"
#include "nodes/failure.h"
#include "report/reportlet.h"

namespace hypersynth {

/// What the pages of a dataset share.
struct ReportContext {
  fs::path output_dir;
  std::string dataset;  ///< name of the source dataset
  Provenance provenance;
  std::vector<bids::Person> participants;  ///< of the source dataset; may be empty
};

/// Writes sub-<subject>.html from the results and failures that the output dataset holds.
void write_subject_page(const std::string& subject, const ReportContext& context);

/// Writes logs/CITATION.md: sentences for a methods section and what to cite, for all subjects;
/// returns its path.
fs::path write_citation(const ReportContext& context);

}  // namespace hypersynth
