#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/execution.h"
#include "nodes/shared_network.h"
#include "nodes/subject_report.h"
#include "pipeline/graph/workflow.h"

namespace hypersynth {

/// The participant level: for every image segment -> measure, figures, derivatives -> record; for
/// every subject a report; one summary of the dataset. Names: "sub-01.ses-1_T1w.segment",
/// "sub-01.report", "summary".
struct ParticipantWorkflow {
  pipeline::Workflow workflow{"hypersynth"};
  /// Node name without its last part -> position of the image.
  std::unordered_map<std::string, std::size_t> image_of;

  /// The image that a node belongs to; nothing for reports and the summary.
  std::optional<std::size_t> image(const std::string& node) const;
};

/// "segment" of "sub-01.ses-1_T1w.segment".
std::string step_of(const std::string& node);

/// What the workflow is made from; all of it outlives the call.
struct WorkflowParts {
  const ParticipantOptions& options;
  const bids::Layout& layout;
  const std::vector<PlannedImage>& images;
  const Recipe& recipe;
  const Execution& execution;
  fs::path model;
  std::shared_ptr<const ReportContext> context;
  std::shared_ptr<SharedNetwork> network;  ///< may be empty where nothing is run in this process
};

/// Images that are finished or unusable get no nodes of their own (`with_finished`: those that are
/// finished do); their subjects are reported all the same.
ParticipantWorkflow make_participant_workflow(const WorkflowParts& parts,
                                              bool with_finished = false);

}  // namespace hypersynth
