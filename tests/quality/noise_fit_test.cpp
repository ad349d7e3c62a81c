#include "quality/noise_fit.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

/// Quantiles of a Rayleigh distribution: noise of one coil, without chance.
std::vector<float> rayleigh(double sigma) {
  std::vector<float> values;
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i)
    values.push_back(static_cast<float>(sigma * std::sqrt(-2 * std::log(1 - (i + 0.5) / kCount))));
  return values;
}

// The expected numbers are those of numpy and scipy's chi2.fit(data, 32) (SciPy 1.10) for the same
// intensities.
TEST(NoiseFitTest, TheMisfitIsThatOfTheBestChiSquaredDistribution) {
  auto values = rayleigh(25);
  EXPECT_NEAR(misfit_of_noise(values), 0.000310146, 1e-6);
  for (float& value : values) value = std::rint(value);
  EXPECT_NEAR(misfit_of_noise(values), 0.000308923, 1e-6);
}

TEST(NoiseFitTest, ArtefactsFitWorseThanNoise) {
  auto values = rayleigh(25);
  for (std::size_t i = 0; i < values.size(); i += 10) values[i] *= 4;
  EXPECT_NEAR(misfit_of_noise(values), 0.00137033, 2e-5);
}

TEST(NoiseFitTest, TheUnitOfIntensitiesDoesNotMatter) {
  EXPECT_NEAR(misfit_of_noise(rayleigh(1e-3)), misfit_of_noise(rayleigh(700)), 1e-9);
}

TEST(NoiseFitTest, TooLittleNoiseHasNoMisfit) {
  EXPECT_TRUE(std::isnan(misfit_of_noise({})));
  EXPECT_TRUE(std::isnan(misfit_of_noise(std::vector<float>(5000, 0.0F))));
  EXPECT_TRUE(std::isnan(misfit_of_noise(std::vector<float>(5000, 7.0F))));
  EXPECT_TRUE(std::isnan(misfit_of_noise(std::vector<float>(999, 1.0F))));
}

}  // namespace
}  // namespace hypersynth
