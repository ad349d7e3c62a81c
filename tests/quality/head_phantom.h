#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "quality/quality.h"

namespace hypersynth {

/// A head of concentric balls, left half and right half: white matter, cortex, CSF, dark bone and
/// scalp, in air; 64 voxels of 1 mm a side, axes right, anterior, superior.
struct HeadPhantom {
  static constexpr std::int64_t kSide = 64;
  static constexpr double kCentre = 31.5;

  Image image{Grid{.shape = {kSide, kSide, kSide}}, 0.0F};
  LabelMap labels{Grid{.shape = {kSide, kSide, kSide}}, 0};
  std::vector<LabelledStructure> structures{{0, "background"},
                                            {2, "left cerebral white matter"},
                                            {41, "right cerebral white matter"},
                                            {3, "left cerebral cortex"},
                                            {42, "right cerebral cortex"},
                                            {24, "CSF"}};

  HeadPhantom() {
    for (std::int64_t k = 0; k < kSide; ++k) {
      for (std::int64_t j = 0; j < kSide; ++j) {
        for (std::int64_t i = 0; i < kSide; ++i) fill(i, j, k);
      }
    }
  }

  QualityInput input() const { return {image, labels, structures}; }

  /// Makes the image a magnitude image: Gaussian noise on both channels.
  void add_noise(double sigma, unsigned seed = 1) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> noise(0, sigma);
    for (float& value : image.voxels) {
      const double real = value + noise(generator);
      const double imaginary = noise(generator);
      value = static_cast<float>(std::hypot(real, imaginary));
    }
  }

  /// Sets everything that has no label to 0.
  void strip_skull() {
    for (std::size_t i = 0; i < labels.voxels.size(); ++i) {
      if (labels.voxels[i] == 0) image.voxels[i] = 0;
    }
  }

 private:
  void fill(std::int64_t i, std::int64_t j, std::int64_t k) {
    const double x = static_cast<double>(i) - kCentre;
    const double radius =
        std::hypot(x, static_cast<double>(j) - kCentre, static_cast<double>(k) - kCentre);
    const bool left = x < 0;
    float& value = image.at(i, j, k);
    std::int32_t& label = labels.at(i, j, k);
    if (radius < 12) {
      value = 1000;
      label = left ? 2 : 41;
    } else if (radius < 16) {
      value = 700;
      label = left ? 3 : 42;
    } else if (radius < 18) {
      value = 300;
      label = 24;
    } else if (radius < 20) {
      value = 60;
    } else if (radius < 23) {
      value = 1200;
    }
  }
};

/// The measures by name.
inline std::map<std::string, MeasureValue> by_name(const std::vector<MeasureValue>& measures) {
  std::map<std::string, MeasureValue> result;
  for (const auto& measure : measures) result[measure.name] = measure;
  return result;
}

}  // namespace hypersynth
