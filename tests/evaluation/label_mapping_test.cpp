#include "evaluation/label_mapping.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
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
