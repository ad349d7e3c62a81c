#pragma once

#include "nodes/session_pictures.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per subject with sessions after its images, whether they
/// succeeded or failed: aligns the scans of the later sessions with that of the first and draws
/// them slice by slice for the subject's page. It reads what the output folder holds of the
/// subject, of images that are still in the dataset; the values of its inputs make it run again
/// where that has changed.
struct CompareSessions {
  struct Inputs {
    std::string subject;
    fs::path bids_dir;
    fs::path output_dir;
    std::vector<fs::path> finished;
    std::vector<pipeline::Outcome<fs::path>> records;
  };
  struct Outputs {
    std::vector<fs::path> files;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"subject", &Inputs::subject, "label"},
      pipeline::Port{"bids_dir", &Inputs::bids_dir, "source dataset", pipeline::Hashed::kPath},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"finished", &Inputs::finished, "records of images finished before",
                     pipeline::Hashed::kSharedContent},
      pipeline::Port{"records", &Inputs::records, "of images done now",
                     pipeline::Hashed::kSharedContent}};
  static constexpr std::tuple outputs{
      pipeline::Port{"files", &Outputs::files, "pictures, and how the scans lie"}};
  static constexpr std::string_view version = kSessionPicturesVersion;

  /// Throws InputError if a record is not in the listing of its folder, and Error if a file cannot
  /// be written; two scans that cannot be compared are a warning.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
