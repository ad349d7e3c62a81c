#include "engine/data/undrawn_labels.h"

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using Volumes = std::vector<std::map<std::int32_t, double>>;

std::vector<std::int32_t> undrawn(const Volumes& references, const Volumes& expected) {
  std::vector<std::int32_t> labels;
  for (const auto& label : undrawn_labels(references, expected)) labels.push_back(label.index);
  return labels;
}

TEST(UndrawnLabelsTest, AStructureWithLessThanATenthOfItsVolumeIsUndrawn) {
  const Volumes expected{{{2, 1000}, {24, 1000}, {42, 1000}}};
  EXPECT_EQ(undrawn({{{2, 100}, {24, 99.9}, {42, 5000}}}, expected),
            (std::vector<std::int32_t>{24}));
}

TEST(UndrawnLabelsTest, BothMediansAreReported) {
  const auto labels = undrawn_labels({{{24, 1}}, {{24, 9}}, {{24, 2}}},
                                     {{{24, 300}}, {{24, 500}}, {{24, 100}}, {{24, 400}}});
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].index, 24);
  EXPECT_DOUBLE_EQ(labels[0].reference_mm3, 2);
  EXPECT_DOUBLE_EQ(labels[0].expected_mm3, 350);
}

TEST(UndrawnLabelsTest, ALabelThatAVolumeDoesNotHaveCountsAsZero) {
  EXPECT_EQ(undrawn({{}, {}, {{2, 1000}}}, {{{2, 1000}}}), (std::vector<std::int32_t>{2}));
  EXPECT_EQ(undrawn({{}, {{2, 1000}}, {{2, 1000}}}, {{{2, 1000}}}), (std::vector<std::int32_t>{}));
  EXPECT_EQ(undrawn({{}}, {{{2, 1000}}, {}, {}}), (std::vector<std::int32_t>{}));
}

TEST(UndrawnLabelsTest, ALabelThatIsNotExpectedIsNotUndrawn) {
  EXPECT_EQ(undrawn({{{7, 0}}}, {{{7, 0}}}), (std::vector<std::int32_t>{}));
  EXPECT_EQ(undrawn({{{7, 5}}}, {{{2, 0}}}), (std::vector<std::int32_t>{}));
}

TEST(UndrawnLabelsTest, LabelsComeInAscendingOrder) {
  EXPECT_EQ(undrawn({{}}, {{{60, 5}, {2, 5}}, {{24, 20}, {2, 5}}}),
            (std::vector<std::int32_t>{2, 24, 60}));
}

TEST(UndrawnLabelsTest, WithoutReferencesOrExpectationsNothingIsKnown) {
  EXPECT_TRUE(undrawn({}, {{{2, 5}}}).empty());
  EXPECT_TRUE(undrawn({{{2, 5}}}, {}).empty());
  EXPECT_TRUE(undrawn({}, {}).empty());
}

}  // namespace
}  // namespace hypersynth
