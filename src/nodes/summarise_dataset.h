#pragma once

#include <memory>

#include "nodes/subject_report.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// The last step of the workflow, run once: writes the files about the whole output folder, which
/// are the table of failures and the text to cite. `pages` is only there to make it run after, and
/// again with, the pages of the subjects.
struct SummariseDataset {
  struct Inputs {
    fs::path output_dir;
    std::vector<pipeline::Outcome<fs::path>> pages;
  };
  struct Outputs {
    fs::path failures;
    fs::path citation;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"pages", &Inputs::pages, "of the subjects", pipeline::Hashed::kSharedContent}};
  static constexpr std::tuple outputs{
      pipeline::Port{"failures", &Outputs::failures, "group_failures.tsv"},
      pipeline::Port{"citation", &Outputs::citation, "logs/CITATION.md"}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, pipeline::NodeContext&) const {
    return {write_failure_table(in.output_dir, read_failures(in.output_dir)),
            write_citation(*context)};
  }

  /// What all pages of the dataset share; set before the step is run.
  std::shared_ptr<const ReportContext> context;
};

}  // namespace hypersynth
