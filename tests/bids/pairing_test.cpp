#include "bids/pairing.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<DataFile> files(const std::vector<std::string>& names) {
  std::vector<std::string> paths;
  for (const auto& name : names) paths.push_back("sub-01/anat/" + name + "_dseg.nii.gz");
  Query query;
  query.suffixes = {"dseg"};
  return memory_layout(paths).find(query);
}

std::vector<std::string> pairs(const std::vector<std::string>& first,
                               const std::vector<std::string>& second) {
  std::vector<std::string> found;
  for (const auto& pair : pair_by_source(files(first), files(second)).pairs) {
    const auto stem = [](const DataFile& file) {
      return file.path.substr(12, file.path.size() - 12 - 12);
    };
    found.push_back(stem(pair.first) + " = " + stem(pair.second));
  }
  return found;
}

TEST(PairingTest, TheKeyHasTheEntitiesOfTheImageAndNumbersWithoutZeros) {
  const auto name = parse_name("sub-01_ses-02_acq-x_run-01_space-T1w_res-1mm_desc-y_dseg.nii.gz");
  EXPECT_EQ(source_key(name->entities), "sub-01_ses-02_acq-x_run-1");
  EXPECT_EQ(source_key(name->entities, Entity::kSession), "sub-01_acq-x_run-1");
  EXPECT_FALSE(source_entities(name->entities).has(Entity::kDescription));
  EXPECT_TRUE(source_entities(name->entities).has(Entity::kAcquisition));
}

TEST(PairingTest, EntitiesOfTheImageMustAgreeAndThoseOfDerivativesNeedNot) {
  EXPECT_THAT(pairs({"sub-01_run-1_space-T1w_desc-hypersynth"}, {"sub-01_run-01_desc-manual"}),
              ElementsAre("sub-01_run-1_space-T1w_desc-hypersynth = sub-01_run-01_desc-manual"));
  for (const char* other : {"sub-02_run-1_desc-manual", "sub-01_desc-manual", "sub-01_run-2",
                            "sub-01_ses-1_run-1_desc-manual", "sub-01_acq-x_run-1"})
    EXPECT_THAT(pairs({"sub-01_run-1_space-T1w_desc-hypersynth"}, {other}), IsEmpty()) << other;
}

TEST(PairingTest, WhatHasNoPartnerIsListedOnBothSides) {
  const auto pairing =
      pair_by_source(files({"sub-01_desc-a", "sub-01_ses-1_desc-a"}), files({"sub-01_ses-2"}));
  EXPECT_THAT(pairing.pairs, IsEmpty());
  EXPECT_EQ(pairing.unpaired_first.size(), 2u);
  EXPECT_THAT(paths_of(pairing.unpaired_second),
              ElementsAre("sub-01/anat/sub-01_ses-2_dseg.nii.gz"));
}

TEST(PairingTest, OfSeveralReferencesTheOneInTheSameSpaceCounts) {
  EXPECT_THAT(pairs({"sub-01_space-T1w_desc-a", "sub-01_space-T2w_desc-a"},
                    {"sub-01_space-T1w_desc-m", "sub-01_space-T2w_desc-m"}),
              ElementsAre("sub-01_space-T1w_desc-a = sub-01_space-T1w_desc-m",
                          "sub-01_space-T2w_desc-a = sub-01_space-T2w_desc-m"));
  EXPECT_THAT(pairs({"sub-01_space-T1w_desc-a", "sub-01_space-T2w_desc-a"}, {"sub-01_desc-m"}),
              ElementsAre("sub-01_space-T1w_desc-a = sub-01_desc-m",
                          "sub-01_space-T2w_desc-a = sub-01_desc-m"));
}

TEST(PairingTest, FilesInDifferentSpacesAreNoPair) {
  EXPECT_THAT(pairs({"sub-01_space-T1w_desc-a"}, {"sub-01_space-MNI152NLin6Asym_desc-m"}),
              IsEmpty());
  EXPECT_THAT(pairs({"sub-01_desc-a"}, {"sub-01_space-MNI152NLin6Asym_desc-m"}), IsEmpty());
  EXPECT_THAT(pairs({"sub-01_space-T2w_desc-a"}, {"sub-01_space-T1w_desc-m"}), IsEmpty());
  EXPECT_EQ(pairs({"sub-01_desc-a"}, {"sub-01_space-T1w_desc-m"}).size(), 1u);
  EXPECT_EQ(pairs({"sub-01_space-MNI_desc-a"}, {"sub-01_space-MNI_desc-m"}).size(), 1u);
}

TEST(PairingTest, MoreThanOneReferenceIsAmbiguousAndSoAreTwoSegmentationsOfOneImage) {
  const auto references =
      pair_by_source(files({"sub-01_space-T1w"}), files({"sub-01_desc-a", "sub-01_desc-b"}));
  ASSERT_EQ(references.ambiguous.size(), 1u);
  EXPECT_EQ(references.ambiguous[0].candidates.size(), 2u);
  EXPECT_THAT(references.unpaired_second, IsEmpty());
  const auto segmentations =
      pair_by_source(files({"sub-01_desc-aseg", "sub-01_desc-aparcaseg"}), files({"sub-01"}));
  EXPECT_EQ(segmentations.ambiguous.size(), 2u);
  EXPECT_THAT(segmentations.pairs, IsEmpty());
}

TEST(PairingTest, SessionsAreInTheOrderOfTheirNumbers) {
  const auto pairing = pair_sessions(files({"sub-01_ses-12", "sub-01_ses-3"}));
  ASSERT_EQ(pairing.pairs.size(), 1u);
  EXPECT_EQ(pairing.pairs[0].first.path, "sub-01/anat/sub-01_ses-3_dseg.nii.gz");
}

TEST(PairingTest, TwoSessionsOfAPersonBelongTogether) {
  const auto pairing = pair_sessions(files(
      {"sub-01_ses-b_space-T1w", "sub-01_ses-a_space-T1w", "sub-01_ses-a_space-T2w", "sub-02_ses-a",
       "sub-03_ses-1", "sub-03_ses-2", "sub-03_ses-3", "sub-04_desc-x", "sub-04_desc-y"}));
  ASSERT_EQ(pairing.pairs.size(), 1u);
  EXPECT_EQ(pairing.pairs[0].first.path, "sub-01/anat/sub-01_ses-a_space-T1w_dseg.nii.gz");
  EXPECT_EQ(pairing.pairs[0].second.path, "sub-01/anat/sub-01_ses-b_space-T1w_dseg.nii.gz");
  EXPECT_EQ(pairing.unpaired_first.size(), 2u);
  ASSERT_EQ(pairing.ambiguous.size(), 2u);
  EXPECT_EQ(pairing.ambiguous[0].candidates.size(), 3u);
}

}  // namespace
}  // namespace hypersynth::bids
