#include "nodes/score_model.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/model_support.h"
#include "engine/training_fixture.h"
#include "image/nifti.h"
#include "nodes/pack_training_data.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kNoDice = ScoreModel::kNoDice;
constexpr double kSpacing_mm = 4;  // synthetic images are then small

class ScoreModelTest : public testing::Test {
 protected:
  ScoreModelTest() {
    write_image(folder / "scan.nii.gz", image_of(small_volume()));
    in.images = {folder / "scan.nii.gz"};
    in.references = {write("reference", small_volume())};
    in.model = everywhere(2, 5);
    pack();
  }

  fs::path write(const std::string& name, const LabelMap& labels) const {
    write_labels(folder / (name + ".nii.gz"), labels);
    return folder / (name + ".nii.gz");
  }

  /// A model that finds the label everywhere in every image, the surer the larger `logit` is.
  fs::path everywhere(std::int32_t label, float logit) const {
    auto manifest = small_manifest();
    manifest.labels = {
        {0, "background"}, {2, "left white matter"}, {14, "ventricle"}, {41, "right white matter"}};
    manifest.input.spacing_mm = kSpacing_mm;
    ZeroTensors tensors(manifest.architecture);
    for (std::size_t channel = 0; channel < manifest.labels.size(); ++channel) {
      if (manifest.labels[channel].index == label) tensors.values["head.bias"][channel] = logit;
    }
    const std::string path = folder / ("all-" + std::to_string(label) + "-" +
                                       std::to_string(static_cast<int>(logit)) + ".safetensors");
    write_model_file(path, manifest, tensors.views);
    return path;
  }

  void pack() {
    PackTrainingData::Inputs data;
    data.images = in.images;
    data.references = in.references;
    data.label_maps = in.references;
    data.label_table = format_label_table(small_table());
    data.spacing_mm = kSpacing_mm;
    pipeline::NodeContext context("pack", fs::path(folder / "pack"), {}, 0, {});
    in.data = PackTrainingData{}.run(data, context).data;
  }

  ScoreModel::Outputs run(const std::stop_token& stop = {}) {
    pipeline::NodeContext context("score", fs::path(folder / "score"), {}, 0, stop);
    auto out = ScoreModel{}.run(in, context);
    warnings = context.warnings();
    return out;
  }

  /// A map of one label, but for a corner of another.
  static LabelMap filled(std::int32_t label, std::int32_t corner) {
    LabelMap map(small_volume().grid, label);
    map.at(0, 0, 0) = corner;
    return map;
  }

  TemporaryDir folder;
  ScoreModel::Inputs in;
  std::vector<std::string> warnings;
};

TEST_F(ScoreModelTest, ASegmentationIsScoredByStructureAndAMissedOneHasZero) {
  const auto out = run();
  EXPECT_THAT(out.labels, ElementsAre(2, 14, 41));
  EXPECT_THAT(out.names, ElementsAre("left white matter", "ventricle", "right white matter"));
  EXPECT_THAT(out.scans, ElementsAre("scan.nii.gz"));
  EXPECT_THAT(warnings, IsEmpty());
  const auto map = small_volume();
  const auto left = static_cast<double>(std::count(map.voxels.begin(), map.voxels.end(), 2));
  ASSERT_EQ(out.dice.size(), 1u);
  EXPECT_NEAR(out.dice[0][0], 2 * left / (left + static_cast<double>(map.voxels.size())), 1e-12);
  EXPECT_EQ(out.dice[0][1], 0);
  EXPECT_EQ(out.dice[0][2], 0);
  EXPECT_THAT(out.synthetic_dice, IsEmpty());
}

TEST_F(ScoreModelTest, APerfectSegmentationScoresOneAndWhatTheReferenceLacksIsNotScored) {
  in.references = {write("left", LabelMap(small_volume().grid, 2))};
  EXPECT_THAT(run().dice, ElementsAre(ElementsAre(1, kNoDice, kNoDice)));
}

TEST_F(ScoreModelTest, ASegmentationWithoutAnyStructureHasZeroWhereTheReferenceHasOne) {
  in.model = everywhere(0, 5);
  in.references = {write("left", filled(2, 14))};
  EXPECT_THAT(run().dice, ElementsAre(ElementsAre(0, 0, kNoDice)));
}

TEST_F(ScoreModelTest, UndrawnStructuresAreNotScored) {
  in.references = {write("left", filled(2, 14))};
  in.undrawn = {14};
  const auto out = run();
  EXPECT_EQ(out.dice[0][1], kNoDice);
  EXPECT_GT(out.dice[0][0], 0.99);
}

TEST_F(ScoreModelTest, ReferencesAreTranslatedByTheMapping) {
  in.references = {write("other", LabelMap(small_volume().grid, 1002))};
  in.label_mapping = "index\tmapping\n1002\t2\n";
  EXPECT_THAT(run().dice, ElementsAre(ElementsAre(1, kNoDice, kNoDice)));
}

TEST_F(ScoreModelTest, AScanThatCannotBeReadIsLeftOutWithAWarning) {
  std::ofstream(folder / "brökén.nii.gz") << "no image";
  in.images.insert(in.images.begin(), folder / "brökén.nii.gz");
  in.references.insert(in.references.begin(), in.references[0]);
  const auto out = run();
  EXPECT_THAT(out.scans, ElementsAre("scan.nii.gz"));
  EXPECT_EQ(out.dice.size(), 1u);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("brökén.nii.gz is not scored")));
}

TEST_F(ScoreModelTest, AScanOnAnotherGridThanItsLabelMapIsNotScored) {
  LabelMap moved = small_volume();
  moved.grid.world_from_voxel[1][3] = 7;  // as many voxels, but elsewhere
  in.references = {write("moved", moved)};
  EXPECT_THAT(run().scans, IsEmpty());
}

TEST_F(ScoreModelTest, TheFirstScansAreScoredWithEachOtherLook) {
  in.images.assign(3, in.images[0]);
  in.references.assign(3, in.references[0]);
  in.shifts = {"inverted", "low-snr"};
  in.shifted_scans = 2;
  const auto out = run();
  EXPECT_EQ(out.dice.size(), 3u);
  // This model finds the same whatever the scan looks like.
  const double mean = mean_dice(out.dice[0]);
  EXPECT_THAT(out.shifted_dice, ElementsAre(ElementsAre(mean, mean), ElementsAre(mean, mean)));
}

TEST_F(ScoreModelTest, SyntheticImagesAreTheSameForASeedAndForAllModels) {
  in.synthetic_images = 3;
  in.seed = 5;
  const auto first = run().synthetic_dice;
  ASSERT_EQ(first.size(), 3u);
  EXPECT_THAT(first, Each(testing::AllOf(testing::Gt(0), testing::Lt(1))));
  EXPECT_EQ(run().synthetic_dice, first);
  in.model = everywhere(2, 9);
  EXPECT_EQ(run().synthetic_dice, first);
  in.seed = 6;
  EXPECT_NE(run().synthetic_dice, first);
}

TEST_F(ScoreModelTest, WithoutLabelMapsThereAreNoSyntheticImages) {
  const auto data = PackedData::open(in.data.string());
  const std::string path = folder / "scans.pack";
  write_packed_data(path, data.table(), data.spacing_mm(), data.real_images());
  in.data = path;
  in.synthetic_images = 3;
  EXPECT_THAT(run().synthetic_dice, IsEmpty());
}

TEST_F(ScoreModelTest, AModelThatCannotBeUsedIsNamed) {
  std::ofstream(folder / "bad.safetensors") << "no model";
  in.model = folder / "bad.safetensors";
  try {
    run();
    FAIL() << "no model was used";
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), in.model.string());
  }
}

TEST_F(ScoreModelTest, ACancelledRunSaysSo) {
  std::stop_source stop;
  stop.request_stop();
  try {
    run(stop.get_token());
    FAIL() << "a cancelled run has a result";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInterrupted);
  }
}

TEST(MeanDiceTest, StructuresWithoutADiceDoNotCount) {
  EXPECT_DOUBLE_EQ(mean_dice({0.5, kNoDice, 1}), 0.75);
  EXPECT_DOUBLE_EQ(mean_dice({0, kNoDice}), 0);
  EXPECT_EQ(mean_dice({kNoDice, kNoDice}), kNoDice);
  EXPECT_EQ(mean_dice({}), kNoDice);
}

}  // namespace
}  // namespace hypersynth
