#include "quality/ranked_values.h"

#include <algorithm>
#include <cmath>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

namespace hypersynth {
namespace {

double quantile_by_sorting(std::vector<float> values, double p) {
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(position);
  const std::size_t upper = std::min(lower + 1, values.size() - 1);
  const double fraction = position - std::floor(position);
  return values[lower] + fraction * (static_cast<double>(values[upper]) - values[lower]);
}

RC_GTEST_PROP(RankedValuesTest, QuantilesAreThoseOfTheSortedValues, ()) {
  // Few different values give ties and ranks that fall between two of them.
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<float>>(rc::gen::oneOf(
      rc::gen::arbitrary<float>(), rc::gen::element(-1.5F, 0.0F, -0.0F, 3.0F, 1000.0F))));
  const double p = *rc::gen::inRange(0, 101) / 100.0;
  RC_ASSERT(RankedValues(values).quantile(p) == quantile_by_sorting(values, p));
}

TEST(RankedValuesTest, QuantilesInterpolateAsNumpyDoes) {
  const std::vector<float> values{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.05), 1.15);
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
}

TEST(RankedValuesTest, NoValuesHaveNoQuantile) { EXPECT_TRUE(std::isnan(quantile({}, 0.5))); }

}  // namespace
}  // namespace hypersynth
