#pragma once

#include <string>
#include <vector>

#include "bids/participants.h"
#include "nodes/failure.h"
#include "report/reportlet.h"

namespace hypersynth {

/// What all pages of a dataset have in common.
struct ReportContext {
  fs::path output_dir;
  std::string dataset;  ///< name of the source dataset
  /// How the pages are made.
  Provenance provenance;
  /// Rows of participants.tsv of the source dataset; may be empty.
  std::vector<bids::Person> participants;
  /// The library that draws the viewer, which comes with the program; empty: there is none.
  fs::path viewer_library{};
  /// A subject's page holds its pictures and the viewer itself.
  bool single_pages = false;
};

/// The cells of participants.tsv about a subject; empty where it does not list the subject.
std::vector<Field> participant_fields(const std::vector<bids::Person>& participants,
                                      const std::string& subject);

/// Writes sub-<subject>.html from the results and failures in the output folder. Throws Error if it
/// cannot be written.
void write_subject_page(const std::string& subject, const ReportContext& context);

/// Writes logs/CITATION.md, with sentences for a methods section and the references to cite, about
/// the images of all subjects. Returns its path.
fs::path write_citation(const ReportContext& context);

}  // namespace hypersynth
