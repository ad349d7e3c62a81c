#include "nodes/evaluation.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

EvaluatedImage image(const std::string& subject, const std::string& suffix, double dice) {
  EvaluatedImage image;
  image.image = "sub-" + subject + "_" + suffix;
  image.subject = subject;
  image.suffix = suffix;
  image.segmentation = image.image + "_dseg.nii.gz";
  image.reference = "reference.nii.gz";
  image.source = "sub-" + subject + "/anat/sub-" + subject + "_" + suffix + ".nii.gz";
  image.scores = {{17, Presence::kBoth, 100, 120, dice, 1.5, 0.5, 20, 20, 0.9},
                  {85, Presence::kReferenceOnly, 50, 0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}};
  return image;
}

Evaluation example() {
  Evaluation evaluation;
  evaluation.reference = "manual";
  evaluation.names = {{17, "left hippocampus"}};
  evaluation.images = {image("01", "T1w", 0.9), image("02", "T1w", 0.7), image("03", "T2w", 0.5)};
  EvaluatedImage& failed = evaluation.images.emplace_back(image("04", "T1w", 0));
  failed.scores.clear();
  failed.state = EvaluationState::kFailed;
  failed.message = "the file is damaged";
  return evaluation;
}

/// An output folder with the example's tables.
void write(const TemporaryFolder& folder, const Evaluation& evaluation) {
  folder.write(kEvaluationImages, format_images(evaluation));
  folder.write(kEvaluationScores, format_scores(evaluation));
  EvaluationFacts facts;
  facts.reference = evaluation.reference;
  folder.write("group_evaluation_scores.json", evaluation_sidecar(kEvaluationScores, facts));
}

TEST(EvaluationTest, TheTablesAreReadBackAsTheyWereWritten) {
  TemporaryFolder folder;
  EXPECT_FALSE(read_evaluation(folder.path()));
  write(folder, example());
  const auto found = read_evaluation(folder.path());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reference, "manual");
  EXPECT_EQ(format_images(*found), format_images(example()));
  EXPECT_EQ(format_scores(*found), format_scores(example()));
  EXPECT_EQ(found->scores().size(), 3u);
}

TEST(EvaluationTest, APageOfASuffixHasItsImagesAloneWorstFirstAndLinkedWhereThereIsAPage) {
  TemporaryFolder folder;
  folder.write("sub-02.html");
  const auto section = agreement_section(example(), folder.path(), "T1w");
  ASSERT_EQ(section.worst.size(), 2u);
  EXPECT_EQ(section.worst[0].image, "sub-02_T1w");
  EXPECT_EQ(section.worst[0].structures, "left hippocampus 0.700");
  EXPECT_EQ(section.worst[0].link.rfind("sub-02.html#", 0), 0u);
  EXPECT_EQ(section.worst[1].link, "");
  EXPECT_TRUE(section.unscored.empty());
  ASSERT_EQ(section.rows.size(), 3u);
  EXPECT_NEAR(section.rows[0].dice.value, 0.8, 1e-12);
  EXPECT_EQ(section.rows[1].reference_only, 2u);
  ASSERT_EQ(section.volumes.size(), 2u);
  EXPECT_DOUBLE_EQ(section.volumes[0].x, 110);
  EXPECT_NEAR(section.volumes[0].y, 100 * 20 / 110.0, 1e-12);
  EXPECT_TRUE(agreement_section(example(), folder.path(), "FLAIR").rows.empty());
  EXPECT_EQ(agreement_section(example(), folder.path()).unscored.size(), 1u);
}

TEST(EvaluationTest, ADamagedTableIsToldWithItsPath) {
  const auto damaged = [](const std::string& from, const std::string& to) {
    std::string text = format_scores(example());
    text.replace(text.find(from), from.size(), to);
    TemporaryFolder folder;
    write(folder, example());
    folder.write(kEvaluationScores, text);
    try {
      read_evaluation(folder.path());
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"dice", "dise"}, {"0.9", "many"}, {"scored", "done"}, {"sub-01_T1w", "sub-77_T1w"}}) {
    EXPECT_THAT(damaged(from, to), testing::HasSubstr(kEvaluationScores)) << to;
  }
}

}  // namespace
}  // namespace hypersynth
