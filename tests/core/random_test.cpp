#include "core/random.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(StreamSeedTest, IsTheSameForTheSameSeedAndName) {
  EXPECT_EQ(stream_seed(7, "noise"), stream_seed(7, "noise"));
}

TEST(StreamSeedTest, DiffersBetweenNamesAndBetweenSeeds) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (int name = 0; name < 100; ++name) seen.insert(stream_seed(seed, std::to_string(name)));
  }
  EXPECT_EQ(seen.size(), 10000u);
}

}  // namespace
}  // namespace hypersynth
