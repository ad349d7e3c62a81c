#include "bids/entities.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hypersynth::bids {
namespace {

TEST(ParseNameTest, TakesEntitiesSuffixAndExtensionApart) {
  const auto name = parse_name("sub-01_ses-pre_acq-mp2rage_run-02_T1w.nii.gz");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->entities.get(Entity::kSubject), "01");
  EXPECT_EQ(name->entities.get(Entity::kSession), "pre");
  EXPECT_EQ(name->entities.get(Entity::kAcquisition), "mp2rage");
  EXPECT_EQ(name->entities.get(Entity::kRun), "02");
  EXPECT_FALSE(name->entities.has(Entity::kEcho));
  EXPECT_EQ(name->suffix, "T1w");
  EXPECT_EQ(name->extension, ".nii.gz");
}

TEST(ParseNameTest, LabelsMayHoldPlusSigns) {
  const auto name = parse_name("sub-01_acq-a+b_T1w.nii");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->entities.get(Entity::kAcquisition), "a+b");
}

TEST(ParseNameTest, NamesThatBidsDoesNotAllowAreNone) {
  for (const char* text :
       {"", "_", "sub-01_", "sub-01_sub-02_T1w.nii", "sub-_T1w.nii", "-01_T1w.nii", "sub-01_.nii",
        "sub_01_T1w.nii", "sub-0 1_T1w.nii", "sub-01_T1w copy.nii", "sub-01\n_T1w.nii",
        "sub-\xC3\xA9_T1w.nii", "sub-01_acq-hi-res_T1w.nii", "sub-01__T1w.nii", ".bidsignore"}) {
    EXPECT_FALSE(parse_name(text)) << text;
  }
}

TEST(ParseNameTest, KeysOutsideTheStandardAreKept) {
  const auto name = parse_name("sub-01_foo-bar_T1w.nii");
  ASSERT_TRUE(name);
  ASSERT_EQ(name->entities.other().size(), 1u);
  EXPECT_EQ(name->entities.other()[0].first, "foo");
  EXPECT_EQ(format_name(*name), "sub-01_foo-bar_T1w.nii");
}

TEST(FormatNameTest, WritesEntitiesInTheOrderOfTheStandard) {
  const auto name = parse_name("run-1_acq-x_sub-01_desc-brain_res-2_space-T1w_mask.nii.gz");
  ASSERT_TRUE(name);
  EXPECT_EQ(format_name(*name), "sub-01_acq-x_run-1_space-T1w_res-2_desc-brain_mask.nii.gz");
}

TEST(EntitiesTest, IndicesAreEqualByNumberAndLabelsByLetter) {
  EXPECT_TRUE(same_value(Entity::kRun, "1", "01"));
  EXPECT_TRUE(same_value(Entity::kRun, "000", "0"));
  EXPECT_FALSE(same_value(Entity::kRun, "1", "10"));
  EXPECT_FALSE(same_value(Entity::kSubject, "1", "01"));
}

TEST(EntitiesTest, EveryEntityIsFoundByItsKeyAndItsName) {
  for (const auto& kind : entity_kinds()) {
    EXPECT_EQ(&entity_kind(kind.entity), &kind);
    EXPECT_EQ(entity_with_key(kind.key), kind.entity);
    EXPECT_EQ(entity_named(kind.name), kind.entity);
  }
}

TEST(EntitiesTest, JsonHasTheLongNames) {
  const auto name = parse_name("sub-01_ses-2_acq-x_T1w.nii");
  EXPECT_EQ(to_json(name->entities).dump(), R"({"acquisition":"x","session":"2","subject":"01"})");
}

TEST(EntitiesTest, ALabelWithOtherCharactersIsRefused) {
  Entities entities;
  EXPECT_THROW(entities.set(Entity::kSubject, "a/b"), std::invalid_argument);
  EXPECT_THROW(entities.add_other("a-b", "c"), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth::bids
