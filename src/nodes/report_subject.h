#pragma once

#include <memory>

#include "nodes/image_outputs.h"
#include "nodes/subject_report.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per subject after its images, whether they succeeded or failed:
/// writes the page of the subject from everything that the output folder holds of it. The step does
/// not use the values of most inputs: they only make it run again if something that the page shows
/// has changed.
struct ReportSubject {
  struct Inputs {
    std::string subject;
    fs::path output_dir;
    std::string participant;
    bool single = false;
    std::vector<fs::path> finished;
    std::vector<std::string> unusable;
    std::vector<pipeline::Outcome<fs::path>> segmentations;
    std::vector<pipeline::Outcome<std::string>> verdicts;
    std::vector<pipeline::Outcome<fs::path>> records;
    std::vector<pipeline::Outcome<std::vector<fs::path>>> sessions;
  };
  struct Outputs {
    fs::path page;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"subject", &Inputs::subject, "label"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"participant", &Inputs::participant, "what participants.tsv says of it"},
      pipeline::Port{"single", &Inputs::single, "whether the page holds its pictures itself"},
      pipeline::Port{"finished", &Inputs::finished, "records of images finished before",
                     pipeline::Hashed::kSharedContent},
      pipeline::Port{"unusable", &Inputs::unusable, "what is wrong with images not even tried"},
      pipeline::Port{"segmentations", &Inputs::segmentations},
      pipeline::Port{"verdicts", &Inputs::verdicts},
      pipeline::Port{"records", &Inputs::records, "of images done now",
                     pipeline::Hashed::kSharedContent},
      pipeline::Port{"sessions", &Inputs::sessions, "pictures of sessions beside each other",
                     pipeline::Hashed::kSharedContent}};
  static constexpr std::tuple outputs{pipeline::Port{"page", &Outputs::page, "sub-<label>.html"}};
  static constexpr std::string_view version = "5";

  Outputs run(const Inputs& in, pipeline::NodeContext&) const {
    write_subject_page(in.subject, *context);
    return {in.output_dir / page_of_subject(in.subject)};
  }

  /// What all pages of the dataset share; set before the step is run.
  std::shared_ptr<const ReportContext> context;
};

}  // namespace hypersynth
