#pragma once

#include <string>
#include <vector>

#include "bids/participants.h"
#include "nodes/failure.h"
#include "nodes/group_positions.h"
#include "report/reportlet.h"

namespace hypersynth {

/// What all pages of a dataset have in common.
struct ReportContext {
  fs::path output_dir;
  std::string dataset;  ///< name of the source dataset
  /// Where the source dataset is; empty: whether images still exist is not known.
  fs::path source_dataset{};
  /// How the pages are made.
  Provenance provenance;
  /// Rows of participants.tsv of the source dataset; may be empty.
  std::vector<bids::Person> participants;
  /// The library that draws the viewer, which comes with the program; empty: there is none.
  fs::path viewer_library{};
  /// The table of the spreads of volumes between two scans (evaluation/volume_change.h); empty or
  /// missing: changes over sessions have no limits.
  fs::path retest_table{};
  /// A subject's page holds its pictures and the viewer itself.
  bool single_pages = false;
};

/// The cells of participants.tsv about a subject; empty where it does not list the subject.
std::vector<Field> participant_fields(const std::vector<bids::Person>& participants,
                                      const std::string& subject);

/// Writes sub-<subject>.html from the results and failures in the output folder. `positions` are
/// those of the group, where the group level writes the page; other pages say where positions come
/// from. Throws Error if it cannot be written.
void write_subject_page(const std::string& subject, const ReportContext& context,
                        const GroupPositions* positions = nullptr);

/// Writes logs/CITATION.md, with sentences for a methods section and the references to cite, about
/// the images of all subjects. Returns its path.
fs::path write_citation(const ReportContext& context);

}  // namespace hypersynth
