#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quality/head_phantom.h"
#include "quality/quality.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

constexpr double kMad = 0.6744897501960817;

QualityOptions without_bias_correction() {
  QualityOptions options;
  options.correct_bias = false;
  return options;
}

/// A phantom whose tissues have three intensities each, equally often: the median is the middle
/// one, the median absolute deviation is the step.
HeadPhantom three_level_phantom() {
  HeadPhantom phantom;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < phantom.image.voxels.size(); ++i) {
    if (phantom.labels.voxels[i] == 0) continue;
    phantom.image.voxels[i] += static_cast<float>(seen++ % 3 - 1) * 20;
  }
  return phantom;
}

/// Standard deviation (population) of the intensities of labels a and b.
double standard_deviation(const HeadPhantom& phantom, std::int32_t a, std::int32_t b) {
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < phantom.image.voxels.size(); ++i) {
    if (phantom.labels.voxels[i] != a && phantom.labels.voxels[i] != b) continue;
    const double value = phantom.image.voxels[i];
    ++n;
    sum += value;
    squares += value * value;
  }
  return std::sqrt(squares / n - sum * sum / n / n);
}

TEST(ImageQualityTest, TissueMeasuresAreExactOnAPhantomOfThreeLevels) {
  const HeadPhantom phantom = three_level_phantom();
  const auto m = by_name(measure_quality(phantom.input(), without_bias_correction()));
  EXPECT_NEAR(m.at("cjv").value, (20 + 20) / kMad / 300, 1e-9);
  EXPECT_DOUBLE_EQ(m.at("summary_wm_median").value, 1000);
  EXPECT_NEAR(m.at("summary_gm_median").value, 700, 1e-9);
  EXPECT_NEAR(m.at("summary_csf_median").value, 300, 1e-9);
  EXPECT_NEAR(m.at("summary_gm_mad").value, 20 / kMad, 1e-9);
  EXPECT_NEAR(m.at("summary_gm_p05").value, 680, 1e-9);
  EXPECT_NEAR(m.at("summary_gm_p95").value, 720, 1e-9);
  const double n = m.at("summary_wm_n").value;
  const double stdv = standard_deviation(phantom, 2, 41);
  EXPECT_NEAR(m.at("snr_wm").value, 1000 / (stdv * std::sqrt(n / (n - 1))), 1e-6);
  EXPECT_NEAR(m.at("snr_total").value,
              (m.at("snr_csf").value + m.at("snr_gm").value + m.at("snr_wm").value) / 3, 1e-9);
  EXPECT_NEAR(m.at("wm2max").value, 1000.0 / 1200, 1e-9);
}

TEST(ImageQualityTest, VolumeSharesAndGridAreThoseOfTheLabels) {
  HeadPhantom phantom;
  const Affine two_mm{{{2, 0, 0, 0}, {0, 0.5, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  phantom.image.grid.world_from_voxel = two_mm;
  phantom.labels.grid.world_from_voxel = two_mm;
  const auto m = by_name(measure_quality(phantom.input()));
  const auto count = [&](std::int32_t a, std::int32_t b) {
    const auto& voxels = phantom.labels.voxels;
    return static_cast<double>(std::count(voxels.begin(), voxels.end(), a) +
                               std::count(voxels.begin(), voxels.end(), b));
  };
  const double all = count(2, 41) + count(3, 42) + count(24, -1);
  EXPECT_DOUBLE_EQ(m.at("icvs_wm").value, count(2, 41) / all);
  EXPECT_DOUBLE_EQ(m.at("icvs_gm").value, count(3, 42) / all);
  EXPECT_DOUBLE_EQ(m.at("icvs_csf").value, count(24, -1) / all);
  EXPECT_DOUBLE_EQ(m.at("size_x").value, 64);
  EXPECT_DOUBLE_EQ(m.at("spacing_x").value, 2);
  EXPECT_DOUBLE_EQ(m.at("spacing_y").value, 0.5);
}

TEST(ImageQualityTest, AxesAreThoseOfTheWorldNotOfTheFile) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  // The first axis of the file runs down, in steps of 3 mm.
  const Affine sagittal{{{0, 0, 1, 0}, {0, 2, 0, 0}, {-3, 0, 0, 0}, {0, 0, 0, 1}}};
  phantom.image.grid.world_from_voxel = sagittal;
  phantom.labels.grid.world_from_voxel = sagittal;
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_DOUBLE_EQ(m.at("spacing_x").value, 1);
  EXPECT_DOUBLE_EQ(m.at("spacing_y").value, 2);
  EXPECT_DOUBLE_EQ(m.at("spacing_z").value, 3);
  const double mm = m.at("fwhm_x").value + 2 * m.at("fwhm_y").value + 3 * m.at("fwhm_z").value;
  EXPECT_NEAR(m.at("qc_fwhm").value, mm / 3, 1e-9);
}

TEST(ImageQualityTest, NoiseInAirGivesTheSignalToNoiseRatioThatWentIn) {
  HeadPhantom phantom;
  constexpr double kSigma = 25;
  phantom.add_noise(kSigma);
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_NEAR(m.at("snrd_wm").value, 1000 / kSigma, 0.03 * 1000 / kSigma);
  EXPECT_NEAR(m.at("snrd_gm").value, 700 / kSigma, 0.03 * 700 / kSigma);
  EXPECT_NEAR(m.at("snr_wm").value, 1000 / kSigma, 0.03 * 1000 / kSigma);
  // A Rayleigh distribution: mean sigma sqrt(pi / 2), median sigma sqrt(2 ln 2).
  EXPECT_NEAR(m.at("summary_bg_mean").value, kSigma * std::sqrt(M_PI / 2), 0.5);
  EXPECT_NEAR(m.at("summary_bg_median").value, kSigma * std::sqrt(2 * std::log(2.0)), 0.5);
  EXPECT_NEAR(m.at("summary_bg_k").value, 0.245, 0.1);
  const double expected_cnr = 300 / std::sqrt(std::pow(m.at("summary_bg_stdv").value, 2) +
                                              std::pow(m.at("summary_wm_stdv").value, 2) +
                                              std::pow(m.at("summary_gm_stdv").value, 2));
  EXPECT_NEAR(m.at("cnr").value, expected_cnr, 0.02 * expected_cnr);
  EXPECT_DOUBLE_EQ(m.at("qi_1").value, 0);
  EXPECT_GT(m.at("fber").value, 100);
}

TEST(ImageQualityTest, AnArtefactInAirCountsWithoutTheEdgesThatOpeningRemoves) {
  HeadPhantom clean;
  clean.add_noise(10);
  HeadPhantom ghost = clean;
  constexpr std::int64_t kCube = 5;
  for (std::int64_t k = 0; k < kCube; ++k) {
    for (std::int64_t j = 0; j < kCube; ++j) {
      for (std::int64_t i = 0; i < kCube; ++i) ghost.image.at(2 + i, 2 + j, 57 + k) = 500;
    }
  }
  const auto before = by_name(measure_quality(clean.input()));
  QualityMaps maps;
  const auto after = by_name(measure_quality(ghost.input(), {}, &maps));
  const auto& where = maps.air;
  const double air = before.at("summary_bg_n").value;
  const double opened = kCube * kCube * kCube - (12 * (kCube - 2) + 8);
  EXPECT_NEAR(after.at("qi_1").value, opened / air, 0.01 * opened / air);
  EXPECT_NEAR(after.at("summary_bg_n").value, air - opened, 0.01 * air);
  EXPECT_GT(after.at("efc").value, before.at("efc").value);
  // The map of the air says the same.
  ASSERT_EQ(where.size(), ghost.image.voxels.size());
  EXPECT_EQ(std::count(where.begin(), where.end(), kArtefact), static_cast<std::ptrdiff_t>(opened));
  EXPECT_EQ(std::count(where.begin(), where.end(), kAir), after.at("summary_bg_n").value);
  const auto at = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    return where[static_cast<std::size_t>(i + HeadPhantom::kSide * (j + HeadPhantom::kSide * k))];
  };
  EXPECT_EQ(at(4, 4, 59), kArtefact);
  EXPECT_EQ(at(60, 60, 60), kAir);
  EXPECT_EQ(at(31, 31, 40), kNoAir);
  EXPECT_EQ(at(60, 60, 2), kNoAir) << "below the brain's centre";
}

/// The phantom with a darker copy of it, half a field of view behind.
HeadPhantom with_ghost(const HeadPhantom& phantom, float amount) {
  HeadPhantom ghost = phantom;
  constexpr std::int64_t kSide = HeadPhantom::kSide;
  for (std::int64_t k = 0; k < kSide; ++k) {
    for (std::int64_t j = 0; j < kSide; ++j) {
      for (std::int64_t i = 0; i < kSide; ++i)
        ghost.image.at(i, j, k) += amount * phantom.image.at(i, (j + kSide / 2) % kSide, k);
    }
  }
  return ghost;
}

TEST(ImageQualityTest, AGhostThatTouchesTheHeadIsAirAndCounts) {
  HeadPhantom still;
  const Affine two_mm{{{2, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 1}}};
  still.image.grid.world_from_voxel = still.labels.grid.world_from_voxel = two_mm;
  HeadPhantom clean = still;
  clean.add_noise(5);
  HeadPhantom ghost = with_ghost(still, 0.12F);
  ghost.add_noise(5);
  QualityMaps maps;
  const auto before = by_name(measure_quality(clean.input()));
  const auto after = by_name(measure_quality(ghost.input(), {}, &maps));
  EXPECT_EQ(before.at("qi_1").value, 0);
  EXPECT_GT(after.at("qi_1").value, 0.03);
  EXPECT_LT(before.at("qc_air_signal").value, 1);
  EXPECT_GT(after.at("qc_air_signal").value, 5);
  const auto offset = [](std::int64_t i, std::int64_t j, std::int64_t k) {
    return static_cast<std::size_t>(i + HeadPhantom::kSide * (j + HeadPhantom::kSide * k));
  };
  EXPECT_EQ(maps.head[offset(31, 1, 40)], 0) << "the ghost's white matter";
  EXPECT_EQ(maps.head[offset(31, 31, 31)], 1);
  EXPECT_EQ(maps.head[offset(31, 31, 52)], 1) << "scalp";
}

TEST(ImageQualityTest, WhatIsBrightFarAboveTheBrainIsAirEvenWhereItTouchesTheHead) {
  HeadPhantom phantom;
  const Affine four_mm{{{4, 0, 0, 0}, {0, 4, 0, 0}, {0, 0, 4, 0}, {0, 0, 0, 1}}};
  phantom.image.grid.world_from_voxel = phantom.labels.grid.world_from_voxel = four_mm;
  for (std::int64_t k = 36; k < 44; ++k) {
    for (std::int64_t j = 31; j < 64; ++j) {
      for (std::int64_t i = 28; i < 36; ++i) {
        if (phantom.labels.at(i, j, k) == 0) phantom.image.at(i, j, k) = 1200;
      }
    }
  }
  phantom.add_noise(10);
  QualityMaps maps;
  measure_quality(phantom.input(), {}, &maps);
  const auto at = [&](std::int64_t j) {
    return maps.head[static_cast<std::size_t>(31 + 64 * (j + 64 * 40))];
  };
  EXPECT_EQ(at(52), 1) << "20 mm off the brain";
  EXPECT_EQ(at(60), 0) << "50 mm off the brain";
}

TEST(ImageQualityTest, ZerosOfSkullStrippingAreNoTissue) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  phantom.strip_skull();
  const auto before = by_name(measure_quality(phantom.input()));
  // A segmentation that takes a rim of the removed skull for CSF.
  for (std::int64_t k = 0; k < 64; ++k) {
    for (std::int64_t j = 0; j < 64; ++j) {
      for (std::int64_t i = 0; i < 64; ++i) {
        const double radius = std::hypot(i - 31.5, j - 31.5, k - 31.5);
        if (radius >= 18 && radius < 24) phantom.labels.at(i, j, k) = 24;
      }
    }
  }
  const auto after = by_name(measure_quality(phantom.input()));
  for (const char* name : {"summary_csf_median", "summary_csf_n", "snr_csf", "fwhm_x"}) {
    EXPECT_NEAR(after.at(name).value, before.at(name).value, 0.02 * before.at(name).value) << name;
  }
}

TEST(ImageQualityTest, TheEntropyAndTheMaximumAreThoseOfTheCorrectedImage) {
  HeadPhantom flat;
  flat.add_noise(10);
  HeadPhantom biased = flat;
  for (std::size_t i = 0; i < biased.image.voxels.size(); ++i) {
    const double x = static_cast<double>(i % 64) - HeadPhantom::kCentre;
    biased.image.voxels[i] *= static_cast<float>(1 + 0.02 * x);
  }
  const auto before = by_name(measure_quality(flat.input()));
  const auto after = by_name(measure_quality(biased.input()));
  for (const char* name : {"efc", "wm2max"})
    EXPECT_NEAR(after.at(name).value, before.at(name).value, 0.12 * before.at(name).value) << name;
  // Not corrected, the scalp at one side is 1.46 times as bright.
  const auto uncorrected = by_name(measure_quality(biased.input(), without_bias_correction()));
  EXPECT_LT(uncorrected.at("wm2max").value, 0.8 * before.at("wm2max").value);
}

TEST(ImageQualityTest, WhyThereAreNoArtefactsToFindIsSaid) {
  HeadPhantom phantom;
  for (float& value : phantom.image.voxels) value = value == 0 ? 20.0F : value;
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_TRUE(std::isnan(m.at("qi_1").value));
  EXPECT_THAT(m.at("qi_1").note, HasSubstr("no noise to compare with"));
}

TEST(ImageQualityTest, WithoutAirThereIsNoMapOfIt) {
  HeadPhantom stripped;
  stripped.strip_skull();
  QualityMaps maps;
  measure_quality(stripped.input(), {}, &maps);
  EXPECT_TRUE(maps.air.empty());
}

TEST(ImageQualityTest, EntropyIsOneWhereAllVoxelsAreEqualAndZeroWhereOneHasAllEnergy) {
  HeadPhantom phantom;
  std::fill(phantom.image.voxels.begin(), phantom.image.voxels.end(), 5.0F);
  EXPECT_NEAR(by_name(measure_quality(phantom.input())).at("efc").value, 1, 1e-7);
  std::fill(phantom.image.voxels.begin(), phantom.image.voxels.end(), 1e-12F);
  phantom.image.at(30, 30, 30) = 9;
  EXPECT_NEAR(by_name(measure_quality(phantom.input())).at("efc").value, 0, 1e-7);
}

TEST(ImageQualityTest, ForegroundToBackgroundIsTheRatioOfSquaredMedians) {
  HeadPhantom phantom;
  for (float& value : phantom.image.voxels) value = value == 0 ? 20.0F : 1000.0F;
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_NEAR(m.at("fber").value, 50 * 50, 1e-6);
  EXPECT_TRUE(std::isnan(m.at("qi_1").value)) << "constant air has no noise to compare with";
}

/// Gaussian smoothing along one axis, wrapping at the border.
void smooth(Image& image, std::size_t axis, double sigma) {
  const Image source = image;
  const auto side = image.grid.shape[axis];
  const int radius = static_cast<int>(4 * sigma);
  double total = 0;
  for (int d = -radius; d <= radius; ++d) total += std::exp(-d * d / (2 * sigma * sigma));
  for (std::int64_t k = 0; k < image.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < image.grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < image.grid.shape[0]; ++i) {
        double sum = 0;
        for (int d = -radius; d <= radius; ++d) {
          std::array<std::int64_t, 3> at{i, j, k};
          at[axis] = (at[axis] + d + side) % side;
          sum += std::exp(-d * d / (2 * sigma * sigma)) * source.at(at[0], at[1], at[2]);
        }
        image.at(i, j, k) = static_cast<float>(sum / total);
      }
    }
  }
}

TEST(ImageQualityTest, SmoothnessIsThatOfTheGaussianWhiteNoiseWasSmoothedWith) {
  HeadPhantom phantom;
  std::mt19937 generator(3);
  std::normal_distribution<float> noise(1000, 100);
  for (float& value : phantom.image.voxels) value = noise(generator);
  smooth(phantom.image, 0, 1.5);
  smooth(phantom.image, 1, 1);
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_NEAR(m.at("fwhm_x").value, 1.5 * 2.3548, 0.25);
  EXPECT_NEAR(m.at("fwhm_y").value, 2.3548, 0.2);
  EXPECT_FALSE(m.at("fwhm_z").value > 0.9) << "white noise has no width, or hardly any";
}

TEST(ImageQualityTest, ABiasFieldIsMeasuredAndTakenOutOfTheTissues) {
  HeadPhantom flat;
  flat.add_noise(10);
  HeadPhantom biased = flat;
  for (std::size_t i = 0; i < biased.image.voxels.size(); ++i) {
    const double x = static_cast<double>(i % 64) - HeadPhantom::kCentre;
    biased.image.voxels[i] *= static_cast<float>(1 + 0.02 * x);
  }
  const auto before = by_name(measure_quality(flat.input()));
  const auto after = by_name(measure_quality(biased.input()));
  EXPECT_LT(before.at("inu_range").value, 0.01);
  // Along x, a ball of radius 18 has 5 % of its volume beyond 0.729 of its radius on either side.
  // The field is fitted within 12 mm of the centre, by splines that bend where there are no data:
  // hence 10 % and, with a field that is left over, 20 % for the spread of the tissues.
  const double expected_range = 2 * 0.729 * 18 * 0.02;
  EXPECT_NEAR(after.at("inu_range").value, expected_range, 0.1 * expected_range);
  EXPECT_NEAR(after.at("inu_med").value, 1, 0.02);
  EXPECT_NEAR(after.at("cjv").value, before.at("cjv").value, 0.2 * before.at("cjv").value);
  const auto uncorrected = by_name(measure_quality(biased.input(), without_bias_correction()));
  EXPECT_GT(uncorrected.at("cjv").value, 3 * before.at("cjv").value);
}

TEST(ImageQualityTest, ASkullStrippedImageHasNoAirAndSaysSo) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  phantom.strip_skull();
  const auto m = by_name(measure_quality(phantom.input()));
  for (const char* name : {"cnr", "snrd_wm", "fber", "qi_1", "summary_bg_mean"}) {
    EXPECT_TRUE(std::isnan(m.at(name).value)) << name;
    EXPECT_THAT(m.at(name).note, HasSubstr("set to zero")) << name;
  }
  EXPECT_TRUE(std::isnan(m.at("summary_bg_n").value));
  EXPECT_TRUE(std::isfinite(m.at("cjv").value));
  EXPECT_TRUE(std::isfinite(m.at("snr_wm").value));
}

TEST(ImageQualityTest, AFieldOfViewInsideTheHeadHasNoAirAndSaysSo) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  for (std::size_t i = 0; i < phantom.image.voxels.size(); ++i) {
    if (phantom.labels.voxels[i] == 0) phantom.image.voxels[i] = 1200;
  }
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_TRUE(std::isnan(m.at("cnr").value));
  EXPECT_THAT(m.at("cnr").note, HasSubstr("no air"));
}

}  // namespace
}  // namespace hypersynth
