// What must not change a measure, and inputs that can't be measured.

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "quality/head_phantom.h"
#include "quality/quality.h"

namespace hypersynth {
namespace {

using Measures = std::vector<MeasureValue>;

void expect_same(const Measures& a, const Measures& b, double relative, const char* what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].name, b[i].name);
    if (std::isnan(a[i].value)) {
      EXPECT_TRUE(std::isnan(b[i].value)) << what << ": " << a[i].name;
    } else {
      EXPECT_NEAR(a[i].value, b[i].value, relative * std::abs(a[i].value) + 1e-9)
          << what << ": " << a[i].name;
    }
  }
}

HeadPhantom noisy_phantom() {
  HeadPhantom phantom;
  phantom.add_noise(20);
  return phantom;
}

TEST(QualityInvarianceTest, TheScaleOfIntensitiesChangesNothing) {
  const HeadPhantom phantom = noisy_phantom();
  const auto expected = measure_quality(phantom.input());
  for (const float factor : {0.001F, 0.25F, 7.3F, 1e6F}) {
    HeadPhantom other = phantom;
    for (float& value : other.image.voxels) value *= factor;
    expect_same(expected, measure_quality(other.input()), 1e-3, "scaled");
  }
}

TEST(QualityInvarianceTest, ExchangingLeftAndRightLabelsChangesNothing) {
  const HeadPhantom phantom = noisy_phantom();
  HeadPhantom other = phantom;
  for (auto& label : other.labels.voxels) {
    for (const auto& [left, right] : {std::pair{2, 41}, std::pair{3, 42}}) {
      if (label == left) {
        label = right;
      } else if (label == right) {
        label = left;
      }
    }
  }
  expect_same(measure_quality(phantom.input()), measure_quality(other.input()), 0, "exchanged");
}

TEST(QualityInvarianceTest, TheOrderOfTheTableOfStructuresChangesNothing) {
  const HeadPhantom phantom = noisy_phantom();
  HeadPhantom other = phantom;
  std::reverse(other.structures.begin(), other.structures.end());
  expect_same(measure_quality(phantom.input()), measure_quality(other.input()), 0, "reversed");
}

/// The volume with its axes in another order and direction, and the affine that says so: the same
/// voxels at the same places in the world.
template <typename T>
Volume<T> reoriented(const Volume<T>& source, const std::array<std::size_t, 3>& axes,
                     const std::array<bool, 3>& flip) {
  const auto& from = source.grid;
  Grid grid;
  Affine step{};
  step[3][3] = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.shape[axis] = from.shape[axes[axis]];
    step[axes[axis]][axis] = flip[axis] ? -1 : 1;
    if (flip[axis]) step[axes[axis]][3] = static_cast<double>(grid.shape[axis] - 1);
  }
  grid.world_from_voxel = multiply(from.world_from_voxel, step);
  Volume<T> result(grid);
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < grid.shape[0]; ++i) {
        const auto at = transform(
            step, {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        result.at(i, j, k) = source.at(std::lround(at[0]), std::lround(at[1]), std::lround(at[2]));
      }
    }
  }
  return result;
}

/// Calls check(image, labels, axes) for the phantom with its axes in other orders and directions.
template <typename Check>
void for_other_axes(const HeadPhantom& phantom, const Check& check) {
  const std::array<std::array<std::size_t, 3>, 3> orders{{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}};
  for (const auto& axes : orders) {
    for (const auto& flip : {std::array{true, false, true}, std::array{false, true, false}})
      check(reoriented(phantom.image, axes, flip), reoriented(phantom.labels, axes, flip), axes);
  }
}

TEST(QualityInvarianceTest, TheOrderAndDirectionOfTheAxesChangeNothing) {
  const HeadPhantom phantom = noisy_phantom();
  QualityOptions options;
  options.correct_bias = false;
  const auto is_bias = [](const MeasureValue& measure) {
    return measure.name.rfind("inu_", 0) == 0;
  };
  auto expected = measure_quality(phantom.input(), options);
  expected.erase(std::remove_if(expected.begin(), expected.end(), is_bias), expected.end());
  for_other_axes(phantom, [&](const Image& image, const LabelMap& labels, const auto&) {
    auto measured = measure_quality({image, labels, phantom.structures}, options);
    measured.erase(std::remove_if(measured.begin(), measured.end(), is_bias), measured.end());
    // Thresholds come from every n-th voxel, which are others now: hence the tolerance.
    expect_same(expected, measured, 0.02, "reoriented");
  });
}

TEST(QualityInvarianceTest, TheOrderAndDirectionOfTheAxesHardlyChangeTheBiasField) {
  HeadPhantom phantom = noisy_phantom();
  for (std::size_t i = 0; i < phantom.image.voxels.size(); ++i) {
    const double x = static_cast<double>(i % 64) - HeadPhantom::kCentre;
    phantom.image.voxels[i] *= static_cast<float>(1 + 0.02 * x);
  }
  const auto expected = by_name(measure_quality(phantom.input()));
  for_other_axes(phantom, [&](const Image& image, const LabelMap& labels, const auto&) {
    const auto measured = by_name(measure_quality({image, labels, phantom.structures}));
    // It is fitted to every n-th voxel, which are others now.
    for (const char* name : {"inu_med", "inu_range", "cjv", "snr_wm", "summary_gm_median"}) {
      const double value = expected.at(name).value;
      EXPECT_NEAR(measured.at(name).value, value, 0.03 * value) << name;
    }
  });
}

TEST(QualityInvarianceTest, TheNumberOfThreadsChangesNoBit) {
  const HeadPhantom phantom = noisy_phantom();
  const auto expected = measure_quality(phantom.input());
  std::vector<Measures> measured(4);
  std::vector<std::thread> threads;
  for (auto& result : measured)
    threads.emplace_back([&] { result = measure_quality(phantom.input()); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : measured) expect_same(expected, result, 0, "at the same time");
}

void expect_one_value_per_catalogue_entry(const Measures& measures, const std::string& what) {
  const auto& catalogue = measure_catalogue();
  ASSERT_EQ(measures.size(), catalogue.size()) << what;
  for (std::size_t i = 0; i < measures.size(); ++i) {
    EXPECT_EQ(measures[i].name, catalogue[i].name) << what;
    EXPECT_FALSE(std::isinf(measures[i].value)) << what << ": " << measures[i].name;
    if (std::isnan(measures[i].value)) {
      EXPECT_FALSE(measures[i].note.empty())
          << what << ": " << measures[i].name << " has no reason";
    }
  }
}

TEST(QualityTest, GivesOneValueForEachEntryOfTheCatalogue) {
  expect_one_value_per_catalogue_entry(measure_quality(noisy_phantom().input()), "phantom");
}

TEST(QualityTest, WhatCannotBeMeasuredIsNotANumberAndSaysWhy) {
  const auto check = [](const HeadPhantom& phantom, const std::string& what) {
    expect_one_value_per_catalogue_entry(measure_quality(phantom.input()), what);
  };
  HeadPhantom phantom;
  for (const float value :
       {0.0F, 1.0F, -3.0F, std::numeric_limits<float>::max(),
        std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::quiet_NaN(),
        std::numeric_limits<float>::infinity()}) {
    std::fill(phantom.image.voxels.begin(), phantom.image.voxels.end(), value);
    check(phantom, "constant " + std::to_string(value));
  }
  phantom = noisy_phantom();
  std::fill(phantom.labels.voxels.begin(), phantom.labels.voxels.end(), 0);
  check(phantom, "nothing segmented");
  phantom.labels.at(32, 32, 32) = 2;
  check(phantom, "one voxel segmented");
  std::fill(phantom.labels.voxels.begin(), phantom.labels.voxels.end(), 2);
  check(phantom, "white matter everywhere");
  phantom = noisy_phantom();
  phantom.structures.clear();
  check(phantom, "no structures");
  phantom = noisy_phantom();
  for (auto& label : phantom.labels.voxels) label = label == 2 || label == 41 ? 0 : label;
  check(phantom, "no white matter");
  EXPECT_TRUE(std::isnan(by_name(measure_quality(phantom.input())).at("cjv").value));
}

TEST(QualityTest, ImagesOfOneVoxelOrOneSliceAreMeasuredAsFarAsPossible) {
  const std::vector<LabelledStructure> structures{{2, "left cerebral white matter"}};
  for (const auto& shape :
       {std::array<std::int64_t, 3>{1, 1, 1}, std::array<std::int64_t, 3>{40, 40, 1},
        std::array<std::int64_t, 3>{1, 40, 40}}) {
    const Grid grid{.shape = shape};
    Image image(grid, 1.0F);
    for (std::size_t i = 0; i < image.voxels.size(); ++i)
      image.voxels[i] = static_cast<float>(100 + i % 7);
    expect_one_value_per_catalogue_entry(measure_quality({image, LabelMap(grid, 2), structures}),
                                         "small");
  }
}

TEST(QualityTest, NegativeAndNonFiniteVoxelsCountAsZero) {
  HeadPhantom phantom = noisy_phantom();
  HeadPhantom zero = phantom;
  const float bad[] = {-5, std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < phantom.image.voxels.size(); i += 1001) {
    phantom.image.voxels[i] = bad[i % 3];
    zero.image.voxels[i] = 0;
  }
  expect_same(measure_quality(zero.input()), measure_quality(phantom.input()), 0, "cleaned");
}

TEST(QualityTest, ImageAndLabelsOnDifferentGridsAreRefused) {
  HeadPhantom phantom;
  phantom.labels.grid.world_from_voxel[0][3] = 1;
  EXPECT_THROW(measure_quality(phantom.input()), std::invalid_argument);
  phantom.image.grid.world_from_voxel = phantom.labels.grid.world_from_voxel = Affine{};
  EXPECT_THROW(measure_quality(phantom.input()), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
