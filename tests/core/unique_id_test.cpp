#include "core/unique_id.h"

#include <set>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(UniqueIdTest, SixteenDigitsThatDoNotComeTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = unique_id();
    EXPECT_EQ(id.size(), 16u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace hypersynth
