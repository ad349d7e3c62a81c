#include "nodes/node_values.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nodes/image_outputs.h"
#include "nodes/segmentation_facts.h"

namespace hypersynth {
namespace {

using pipeline::from_value;
using pipeline::to_value;

TEST(NodeValuesTest, FactsOfASegmentationCrossFromStepToStepUnchanged) {
  SegmentationFacts facts;
  facts.structures = {"background", "left hippocampus"};
  facts.intracranial_mm3 = 0.1 + 0.2;
  facts.geometry = {{181, 217, 181}, {1, 1, 1.2}, "LAS"};
  facts.source = {7'000'000'000, 1'700'000'000'123'456'789, 2, 3, "0123456789abcdef"};
  facts.device = "cpu";
  facts.precision = "bfloat16";
  facts.input = {0.8, 1, 99, -1, 1.5};
  facts.timings_s = {{"read", 0.25}};
  facts.warnings = {"its sform is singular"};
  const auto back = from_value<SegmentationFacts>(to_value(facts));
  EXPECT_EQ(to_value(back), to_value(facts));
  EXPECT_EQ(back.input, facts.input);
  EXPECT_EQ(back.source.modified_ns, facts.source.modified_ns);
  EXPECT_EQ(back.geometry.shape[1], 217);
  EXPECT_EQ(back.timings_s[0].step, "read");
  EXPECT_EQ(back.warnings, facts.warnings);
}

TEST(NodeValuesTest, AMissingMeasureKeepsItsReason) {
  const MeasureValue measure{"snr_csf", std::numeric_limits<double>::quiet_NaN(), "no CSF"};
  const auto back = from_value<MeasureValue>(to_value(measure));
  EXPECT_TRUE(std::isnan(back.value));
  EXPECT_EQ(back.note, "no CSF");
}

TEST(NodeValuesTest, AStoredValueOfAnotherShapeIsRefused) {
  EXPECT_THROW(from_value<StepTime>(to_value(std::vector<std::string>{"read"})),
               pipeline::ValueError);
}

TEST(ImageOutputsTest, AnImageIsDescribedByItsPathAlone) {
  const auto source = data_file_at("sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.nii.gz");
  EXPECT_EQ(source.suffix, "T2w");
  EXPECT_EQ(source.datatype, "anat");
  const auto outputs = outputs_of(source);
  EXPECT_EQ(outputs.labels,
            "sub-02/ses-a/anat/sub-02_ses-a_run-1_space-T2w_desc-hypersynth_dseg.nii.gz");
  EXPECT_EQ(outputs.figures, "sub-02/figures");
  EXPECT_EQ(viewer_script_of(source), "sub-02/figures/sub-02_ses-a_run-1_desc-viewer_T2w.js");
  EXPECT_EQ(thumbnail_of(source), "sub-02/figures/sub-02_ses-a_run-1_desc-thumbnail_T2w.png");
  EXPECT_EQ(group_outputs_of("T2w").table_sidecar, "group_T2w.json");
  EXPECT_EQ(group_outputs_of("T2w").summary, "group_T2w_summary.json");
  EXPECT_EQ(resampled_output(source, 1),
            "sub-02/ses-a/anat/sub-02_ses-a_run-1_space-T2w_res-1mm_desc-preproc_T2w.nii.gz");
  EXPECT_EQ(resampled_output(source, 0.8),
            "sub-02/ses-a/anat/sub-02_ses-a_run-1_space-T2w_res-0p8mm_desc-preproc_T2w.nii.gz");
  EXPECT_THROW(data_file_at("anat/a_picture.png"), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
