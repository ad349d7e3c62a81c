#include "app/participant_workflow.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"
#include "pipeline/graph/graph.h"

namespace hypersynth {
namespace {

using testing::Contains;
using testing::Not;

class ParticipantWorkflowTest : public testing::Test {
 protected:
  ParticipantWorkflowTest() {
    options.output_dir = "/out";
    options.device = ComputeDevice::cpu();
    for (auto& file : layout.anatomical_images())
      images.push_back({std::move(file), ImageStatus::kRun, "no result yet", Grid{}});
  }

  ParticipantWorkflow make(bool with_finished = false) {
    const Execution execution = choose_execution(options, images, {});
    const WorkflowParts parts{options, layout, images, recipe, execution, "/model.safetensors",
                              nullptr, nullptr};
    return make_participant_workflow(parts, with_finished);
  }

  static std::vector<std::string> names(const ParticipantWorkflow& workflow) {
    std::vector<std::string> found;
    for (const auto& node : workflow.workflow.nodes()) found.push_back(node.name);
    return found;
  }

  bids::Layout layout = bids::memory_layout({"sub-01/anat/sub-01_T1w.nii.gz",
                                             "sub-01/ses-b/anat/sub-01_ses-b_run-2_T2w.nii.gz",
                                             "sub-02/anat/sub-02_T1w.nii.gz"});
  ParticipantOptions options;
  Recipe recipe{"1.0", "model", "digest", false, {}, "", false, "{}"};
  std::vector<PlannedImage> images;
};

TEST_F(ParticipantWorkflowTest, EveryImageHasFiveStepsAndEverySubjectAReport) {
  const auto workflow = make();
  const auto found = names(workflow);
  EXPECT_EQ(found.size(), 3u * 5 + 2 + 1);
  for (const char* step : {"segment", "measure", "figures", "derivatives", "record"})
    EXPECT_THAT(found, Contains(std::string("sub-01.ses-b_run-2_T2w.") + step));
  EXPECT_THAT(found, Contains("sub-02.report"));
  EXPECT_THAT(found, Contains("summary"));
  EXPECT_EQ(workflow.image("sub-01.ses-b_run-2_T2w.measure"), 1u);
  EXPECT_EQ(workflow.image("sub-02.report"), std::nullopt);
  EXPECT_NO_THROW(pipeline::Graph{workflow.workflow});
}

TEST_F(ParticipantWorkflowTest, FinishedAndUnusableImagesHaveNoStepsButAReport) {
  images[0].status = ImageStatus::kCached;
  images[2].status = ImageStatus::kUnusable;
  const auto found = names(make());
  EXPECT_EQ(found.size(), 5u + 2 + 1);
  EXPECT_THAT(found, Contains("sub-02.report"));
  EXPECT_THAT(found, Not(Contains("sub-01.T1w.segment")));
  EXPECT_THAT(names(make(true)), Contains("sub-01.T1w.segment"));
}

TEST_F(ParticipantWorkflowTest, ImagesOfTwoSessionsAreComparedBeforeTheReport) {
  EXPECT_THAT(names(make()), Not(Contains("sub-01.compare")));  // one of them is of no session
  images[0].source.entities.set(bids::Entity::kSession, "a");
  const auto workflow = make();
  EXPECT_THAT(names(workflow), Contains("sub-01.compare"));
  EXPECT_THAT(names(workflow), Not(Contains("sub-02.compare")));
  const pipeline::Graph graph(workflow.workflow);
  std::vector<std::string> needed;
  for (const auto& node : graph.nodes()) {
    if (node.name != "sub-01.report") continue;
    for (const auto id : node.dependencies) needed.push_back(graph[id].name);
  }
  EXPECT_THAT(needed, Contains("sub-01.compare"));
}

TEST_F(ParticipantWorkflowTest, TheReportWaitsForItsOwnImagesOnly) {
  const pipeline::Graph graph(make().workflow);
  const auto report = std::find_if(graph.nodes().begin(), graph.nodes().end(),
                                   [](const auto& node) { return node.name == "sub-02.report"; });
  ASSERT_NE(report, graph.nodes().end());
  for (const auto id : report->dependencies)
    EXPECT_EQ(graph[id].name.rfind("sub-02.", 0), 0u) << graph[id].name;
}

TEST_F(ParticipantWorkflowTest, TwoFilesOfOneNameGetNodesOfTheirOwn) {
  images[2].source = images[0].source;
  images[2].source.extension = ".nii";
  std::swap(images[1], images[2]);
  EXPECT_NO_THROW(pipeline::Graph{make().workflow});
}

}  // namespace
}  // namespace hypersynth
