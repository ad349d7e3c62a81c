// Where an image stands among those of other people.

#include "nodes/group_positions.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// People whose hippocampus follows from head size, age and sex, with some noise.
GroupReport people(int count, unsigned seed = 1) {
  GroupReport page;
  page.suffix = "T1w";
  page.measures = {
      {"snr_total", "Signal-to-noise ratio", "", "", GroupMeasure::Kind::kQuality},
      {"icv_mm3", "Intracranial volume", "mm³", "", GroupMeasure::Kind::kVolume},
      {"left_hippocampus_mm3", "left hippocampus", "mm³", "", GroupMeasure::Kind::kVolume}};
  page.icv = 1;
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int i = 0; i < count; ++i) {
    const bool is_man = i % 2 == 0;
    const double icv = 1.4e6 + 1.2e5 * normal(random) + (is_man ? 1e5 : 0);
    const double age = 20 + 60.0 * i / count;
    GroupRow row;
    row.subject = std::to_string(i);
    row.image = "sub-" + row.subject + "/anat/sub-" + row.subject + "_T1w.nii.gz";
    row.verdict = Verdict::kPass;
    row.values = {10 + normal(random), icv, 0.003 * icv - 15 * age + 60 * normal(random)};
    row.participant = {{"age", std::to_string(age)}, {"sex", is_man ? "M" : "F"}};
    page.rows.push_back(std::move(row));
  }
  return page;
}

MadeWith alike(const GroupReport& page) {
  MadeWith made;
  for (const auto& row : page.rows) made[row.image] = "same";
  return made;
}

std::string sentences(const GroupPosition& position) {
  std::string all;
  for (const auto& sentence : position.method) all += sentence + " ";
  return all;
}

const ValuePosition& hippocampus(const GroupPositions& positions, const GroupRow& row) {
  return positions.at(row.image).volumes.at(1);
}

TEST(GroupPositionsTest, LessThanFivePeopleHaveNone) {
  const auto page = people(4);
  const auto positions = group_positions(page, alike(page));
  ASSERT_EQ(positions.size(), 4u);
  for (const auto& [image, position] : positions) {
    EXPECT_THAT(position.volumes, IsEmpty());
    EXPECT_THAT(sentences(position), HasSubstr("from 5 people on"));
  }
}

TEST(GroupPositionsTest, LessThanTwentyAreNotAdjusted) {
  auto page = people(19);
  std::sort(page.rows.begin(), page.rows.end(),
            [](const auto& a, const auto& b) { return a.values[2] < b.values[2]; });
  const auto positions = group_positions(page, alike(page));
  EXPECT_NEAR(hippocampus(positions, page.rows[0]).percentile, 100 * 0.5 / 19, 1e-9);
  EXPECT_NEAR(hippocampus(positions, page.rows[9]).percentile, 50, 1e-9);
  EXPECT_EQ(hippocampus(positions, page.rows[9]).z, 0);
  EXPECT_THAT(sentences(positions.begin()->second), HasSubstr("Nothing is adjusted for"));
}

TEST(GroupPositionsTest, HeadSizeAgeAndSexDoNotMakeAPositionFromTwentyPeopleOn) {
  auto page = people(60);
  // A large old man with the hippocampus that is to be expected, and one with a small one for him.
  page.rows[58].values[1] = 1.75e6;
  page.rows[58].values[2] = 0.003 * 1.75e6 - 15 * 78.0;
  page.rows[57].values[2] -= 600;
  const auto positions = group_positions(page, alike(page));
  EXPECT_LT(std::abs(hippocampus(positions, page.rows[58]).z), 2);
  EXPECT_LT(hippocampus(positions, page.rows[57]).z, -kUnusual_z);
  EXPECT_LT(hippocampus(positions, page.rows[57]).percentile, 1);
  EXPECT_THAT(sentences(positions.at(page.rows[0].image)),
              HasSubstr("adjusted for intracranial volume, age and sex"));
  // The head itself is large.
  EXPECT_GT(positions.at(page.rows[58].image).volumes.at(0).z, 1.5);
}

TEST(GroupPositionsTest, QualityMeasuresAreNotAdjusted) {
  auto page = people(40);
  const auto before = group_positions(page, alike(page));
  for (auto& row : page.rows) row.participant.clear();
  const auto after = group_positions(page, alike(page));
  for (const auto& row : page.rows) {
    EXPECT_EQ(before.at(row.image).measures.at(0).z, after.at(row.image).measures.at(0).z);
    EXPECT_EQ(before.at(row.image).measures.at(0).percentile,
              after.at(row.image).measures.at(0).percentile);
  }
}

TEST(GroupPositionsTest, WhatIsNotKnownOfEverybodyIsNotAdjustedForAndThatIsSaid) {
  auto page = people(30);
  page.rows[3].participant = {{"sex", "F"}, {"age", "89+"}};
  for (auto& row : page.rows) row.participant[row.participant[0].name == "sex" ? 0 : 1].value = "F";
  const auto text = sentences(group_positions(page, alike(page)).begin()->second);
  EXPECT_THAT(text, HasSubstr("adjusted for intracranial volume ("));
  EXPECT_THAT(text, HasSubstr("Not adjusted for: age (not known of 1 of 30 people) and sex (the "
                              "same for all)"));
}

TEST(GroupPositionsTest, APersonCountsOnceAndFailedImagesNotAtAll) {
  auto page = people(6);
  page.rows.push_back(page.rows[0]);
  page.rows.back().image = "sub-0/ses-2/anat/sub-0_ses-2_T1w.nii.gz";
  page.rows[5].verdict = Verdict::kFail;
  const auto positions = group_positions(page, alike(page));
  EXPECT_THAT(sentences(positions.at(page.rows.back().image)), HasSubstr("5 people"));
  EXPECT_EQ(hippocampus(positions, page.rows.back()).z, hippocampus(positions, page.rows[0]).z);
  EXPECT_TRUE(std::isfinite(hippocampus(positions, page.rows[5]).z));
}

TEST(GroupPositionsTest, OnlyLikeIsComparedWithLike) {
  const auto page = people(30);
  auto made = alike(page);
  for (int i = 0; i < 4; ++i) made[page.rows[i].image] = "other model";
  const auto positions = group_positions(page, made);
  EXPECT_THAT(positions.at(page.rows[0].image).volumes, IsEmpty());
  EXPECT_THAT(sentences(positions.at(page.rows[9].image)), HasSubstr("26 people"));
}

TEST(GroupPositionsTest, AMissingValueHasNoPosition) {
  auto page = people(30);
  page.rows[2].values[2] = NAN;
  const auto positions = group_positions(page, alike(page));
  EXPECT_TRUE(std::isnan(hippocampus(positions, page.rows[2]).z));
  EXPECT_TRUE(std::isnan(hippocampus(positions, page.rows[2]).percentile));
  EXPECT_TRUE(std::isfinite(hippocampus(positions, page.rows[3]).z));
}

}  // namespace
}  // namespace hypersynth
