#include "engine/data/shifted_scan.h"

#include <cmath>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using testing::FloatNear;
using testing::Pointwise;

std::vector<float> shifted(std::vector<float> scan, ScanShift shift, std::uint64_t seed = 1) {
  shift_intensities(scan, shift, seed);
  return scan;
}

TEST(ShiftedScanTest, ContrastFollowsTheLinesAndAirStays) {
  const std::vector<float> scan{0, 0.165F, 0.33F, 0.57F, 0.88F, 1.2F};
  EXPECT_THAT(shifted(scan, ScanShift::kInverted),
              Pointwise(FloatNear(1e-6F), {0.F, 1.035F, 0.87F, 0.63F, 0.32F, 0.F}));
  EXPECT_THAT(shifted(scan, ScanShift::kT2Like),
              Pointwise(FloatNear(1e-6F), {0.F, 0.95F, 1.F, 0.6F, 0.35F, 0.3F}));
}

TEST(ShiftedScanTest, NoiseIsRicianAndTheSameForASeed) {
  const std::vector<float> scan(20000, 0.8F);
  const auto noisy = shifted(scan, ScanShift::kLowSnr);
  double sum = 0, squares = 0;
  for (const double x : noisy) {
    sum += x;
    squares += x * x;
  }
  const auto count = static_cast<double>(noisy.size());
  // E x^2 = a^2 + 2 sigma^2; the deviation is nearly sigma at this signal-to-noise ratio.
  EXPECT_NEAR(squares / count, 0.64 + 2 * 0.01, 0.005);
  EXPECT_NEAR(std::sqrt(squares / count - sum / count * sum / count), 0.1, 0.003);
  EXPECT_EQ(shifted(scan, ScanShift::kLowSnr), noisy);
  EXPECT_NE(shifted(scan, ScanShift::kLowSnr, 2), noisy);
  EXPECT_THAT(shifted({0, 0}, ScanShift::kLowSnr), testing::Each(0));
}

TEST(ShiftedScanTest, NamesAreReadBack) {
  for (const auto shift : kScanShifts) EXPECT_EQ(scan_shift(name_of(shift)), shift);
  EXPECT_THROW(scan_shift("flair"), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
