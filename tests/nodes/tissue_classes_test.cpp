#include "nodes/tissue_classes.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

std::vector<LabelVolume> volumes() {
  return {{2, "left cerebral white matter", 10, 11},
          {3, "left cerebral cortex", 20, 21},
          {4, "left lateral ventricle", 1, 1},
          {10, "left thalamus", 2, 2},
          {11, "left caudate", 3, 4},
          {16, "brain-stem", 5, 5},
          {24, "CSF", 7, 6},
          {41, "right cerebral white matter", 9, 9},
          {42, "right cerebral cortex", 19, 20}};
}

TEST(TissueClassesTest, SumsAreOfTwoStructuresOrMoreByClassAndSide) {
  std::string text;
  for (const auto& sum : volume_sums(volumes()))
    text += sum.name + " " + std::to_string(std::lround(sum.soft_mm3)) + " " +
            std::to_string(std::lround(sum.hard_mm3)) + "\n";
  EXPECT_EQ(text,
            "left subcortical grey matter 5 6\n"
            "left cerebral hemisphere 35 38\n"
            "right cerebral hemisphere 28 29\n"
            "white matter 19 20\n"
            "cerebrospinal fluid 8 7\n"
            "cortical grey matter 39 41\n"
            "subcortical grey matter 5 6\n"
            "brain parenchyma 68 72\n");
}

TEST(TissueClassesTest, TheParenchymaIsAllButFluid) {
  EXPECT_DOUBLE_EQ(brain_parenchymal_fraction(volumes()), 68.0 / 76);
  EXPECT_DOUBLE_EQ(volume_of_classes(volumes(), std::array{kCorticalGreyClass}, Side::kLeft), 20);
}

TEST(TissueClassesTest, AStructureWithoutAClassLeavesNoShareOfTheParenchyma) {
  auto some = volumes();
  some.push_back({1001, "left something", 4, 4});
  EXPECT_TRUE(std::isnan(brain_parenchymal_fraction(some)));
  for (const auto& sum : volume_sums(some)) EXPECT_NE(sum.name, "brain parenchyma");
  EXPECT_EQ(labels_without_class({{0, "background"}, {1001, "left something"}, {16, "brain-stem"}}),
            std::vector<std::string>{"left something"});
}

TEST(TissueClassesTest, TheStandardTableHasTheClassesOfTheModel) {
  const auto rows = standard_lookup_table({{0, "background"}, {16, "brain-stem"}, {24, "CSF"}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].index, 0);
  EXPECT_EQ(rows[1].name, "cerebrospinal fluid");
  EXPECT_EQ(rows[2].index, 10);
  for (const auto& row : rows) EXPECT_EQ(row.mapping, std::to_string(row.index));
}

}  // namespace
}  // namespace hypersynth
