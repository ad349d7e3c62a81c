#include "evaluation/label_mapping.h"

#include <fstream>
#include <iterator>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/tsv.h"
#include "image/structures.h"
#include "support/mutated_text.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTable =
    "index\tname\tmapping\n1\tone\t17\n2\ttwo\t17\n3\tthree\tn/a\n4\tfour\t\n";

std::string problem_of(const std::string& text) {
  try {
    LabelMapping::parse(text, "map.tsv");
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(LabelMappingTest, LabelsAreMergedIgnoredAndToldWhereTheTableDoesNotHaveThem) {
  Grid grid;
  grid.shape = {7, 1, 1};
  LabelMap map(grid, {0, 1, 1, 2, 3, 4, 99});
  EXPECT_THAT(LabelMapping::parse(kTable, "map.tsv").apply(map), ElementsAre(99));
  EXPECT_THAT(map.voxels, ElementsAre(0, 17, 17, 17, 0, 0, 0));
}

TEST(LabelMappingTest, WithoutATableLabelsStayWhatTheyAre) {
  Grid grid;
  grid.shape = {3, 1, 1};
  LabelMap map(grid, {0, 5, 99});
  const LabelMapping identity;
  EXPECT_TRUE(identity.is_identity());
  EXPECT_TRUE(identity.apply(map).empty());
  EXPECT_THAT(map.voxels, ElementsAre(0, 5, 99));
}

TEST(LabelMappingTest, WhatIsWrongWithATableIsToldWithItsLine) {
  EXPECT_EQ(problem_of(kTable), "");
  EXPECT_THAT(problem_of("index\tname\n1\tone\n"), HasSubstr("a column 'mapping'"));
  EXPECT_THAT(problem_of("index\tmapping\n1\tseventeen\n"), HasSubstr("line 2"));
  EXPECT_THAT(problem_of("index\tmapping\n1\t2\n1\t3\n"), HasSubstr("line 3"));
  EXPECT_THAT(problem_of("index\tmapping\n1\n"), HasSubstr("map.tsv"));
  EXPECT_THAT(problem_of(""), HasSubstr("map.tsv"));
}

TEST(LabelMappingTest, TheTableOfNeuromorphometricsLeadsToTheStructuresOfTheModelOnTheSameSide) {
  const std::string path =
      std::string(HYPERSYNTH_SOURCE_DIR) + "/src/evaluation/label_mappings/neuromorphometrics.tsv";
  std::ifstream stream(path);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const TsvTable table(text, path);
  const auto mapping = LabelMapping::parse(text, path);
  std::set<std::int32_t> reached;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const auto index = table.integer(row, table.column("index"));
    const std::string name(table.text(row, table.column("name")));
    const auto target = mapping.apply(index);
    if (target == 0) continue;
    const Structure* const structure = find_structure(target);
    ASSERT_NE(structure, nullptr) << name;
    const std::string abbreviation = structure->abbreviation;
    EXPECT_EQ(name.rfind("Left ", 0) == 0, abbreviation.rfind("L-", 0) == 0) << name;
    EXPECT_EQ(name.rfind("Right ", 0) == 0, abbreviation.rfind("R-", 0) == 0) << name;
    reached.insert(target);
  }
  EXPECT_EQ(reached.size(), 32u);  // all structures of the default model
  EXPECT_EQ(mapping.apply(48), 17);
  EXPECT_EQ(mapping.apply(207), 3);
  EXPECT_EQ(mapping.apply(71), 0);
}

TEST(LabelMappingTest, NoTextDoesMoreThanFail) {
  std::mt19937 generator(3);
  for (int i = 0; i < 2000; ++i) {
    try {
      LabelMapping::parse(mutated(kTable, generator), "map.tsv");
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace hypersynth
