#include "core/joined.h"

#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using Words = std::vector<std::string>;

TEST(JoinedTest, TheSeparatorStandsBetweenAllValuesAlsoEmptyOnes) {
  EXPECT_EQ(joined(Words{}, ", "), "");
  EXPECT_EQ(joined(Words{"a"}, ", "), "a");
  EXPECT_EQ(joined(Words{"", "b", ""}, ","), ",b,");
  EXPECT_EQ(joined(std::vector<int>{1, 2}, "x", [](int n) { return std::to_string(n); }), "1x2");
}

TEST(JoinedTest, AListInASentenceEndsWithItsLastWord) {
  EXPECT_EQ(joined_as_list(Words{}, " and "), "");
  EXPECT_EQ(joined_as_list(Words{"a"}, " and "), "a");
  EXPECT_EQ(joined_as_list(Words{"a", "b"}, " or "), "a or b");
  EXPECT_EQ(joined_as_list(Words{"a", "b", "c"}, " and "), "a, b and c");
}

}  // namespace
}  // namespace hypersynth
