#include "engine/data/sided_name.h"

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

std::string normalised(const std::string& name) {
  const auto sided = split_sided_name(name);
  return side_first(sided.side, sided.stem);
}

TEST(SidedNameTest, EveryWayToWriteTheSideIsUnderstood) {
  const std::pair<const char*, const char*> kNames[] = {
      {"Left-Thalamus", "left Thalamus"},
      {"RIGHT thalamus", "right thalamus"},
      {"left_CA2_3", "left CA2_3"},
      {"ctx-lh-insula", "left ctx-insula"},
      {"wm_rh_G_cuneus", "right wm_G_cuneus"},
      {"lh.V1", "left V1"},
      {"Cbm_Left_I_IV", "left Cbm_I_IV"},
      {"Precentral_L", "left Precentral"},
      {"Precentral.R", "right Precentral"},
      {"L_hippocampal_fissure", "left hippocampal_fissure"},
      {"Thalamus, left", "left Thalamus"},
      {"Thalamus Right", "right Thalamus"},
      {"thalamus (left)", "left thalamus"},
      {"thalamus_r", "right thalamus"},
      {"left (upper) part", "left (upper) part"},
      {"lh.L_V1", "left L_V1"},
  };
  for (const auto& [name, expected] : kNames) EXPECT_EQ(normalised(name), expected) << name;
}

TEST(SidedNameTest, NamesWithoutASideOrWithBothStayAsTheyAre) {
  for (const char* name :
       {"3rd-Ventricle", "Brain-Stem", "Brightness", "Cleft", "leftover", "Vermis_X", "CSF", "",
        "...", "Area L of the midline", "left and right thalamus", "L/R", "lateral-LR"}) {
    EXPECT_EQ(split_sided_name(name).side, NamedSide::kNone) << name;
    EXPECT_EQ(normalised(name), name);
  }
}

TEST(SidedNameTest, BothSidesHaveOneKeyHoweverTheyAreWritten) {
  const auto key = split_sided_name("Left-Ventral-DC").key;
  EXPECT_EQ(key, "ventral dc");
  EXPECT_EQ(split_sided_name("ventral_dc_R").key, key);
  EXPECT_NE(split_sided_name("Right-VentralDC").key, key);
  EXPECT_EQ(split_sided_name("left").key, "");
  EXPECT_EQ(split_sided_name("R").key, "");
}

TEST(SidedNameTest, LettersBeyondAsciiAreLetters) {
  EXPECT_EQ(split_sided_name("R\xc3\xbc"
                             "cken")
                .side,
            NamedSide::kNone);
  EXPECT_EQ(normalised("links\xc3\xa4ule_L"), "left links\xc3\xa4ule");
}

}  // namespace
}  // namespace hypersynth
