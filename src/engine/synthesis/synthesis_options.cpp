#include "engine/synthesis/synthesis_options.h"

#include <algorithm>
#include <cmath>

namespace hypersynth {
namespace {

class Violations {
 public:
  void require(bool holds, const std::string& sentence) {
    if (!holds) sentences.push_back(sentence);
  }
  void not_negative(double value, const char* name) {
    require(value >= 0 && std::isfinite(value), std::string(name) + " must not be negative");
  }
  void at_least_one(double value, const char* name) {
    require(value >= 1 && std::isfinite(value), std::string(name) + " must be at least 1");
  }
  void probability(double value, const char* name) {
    require(value >= 0 && value <= 1, std::string(name) + " must lie in [0, 1]");
  }
  std::vector<std::string> sentences;
};

}  // namespace

std::vector<std::string> SynthesisOptions::check() const {
  Violations v;
  v.require(patch.size() == 2 || patch.size() == 3, "patch needs two or three sides");
  for (const auto side : patch) v.require(side >= 8, "sides of patch must be at least 8 voxels");
  v.require(spacing_mm > 0 && std::isfinite(spacing_mm), "spacing_mm must be positive");
  v.require(scaling >= 0 && scaling < 1, "scaling must lie in [0, 1)");
  v.not_negative(rotation_deg, "rotation_deg");
  v.not_negative(shearing, "shearing");
  v.not_negative(velocity_std, "velocity_std");
  v.require(velocity_grid > 0 && velocity_grid <= 1, "velocity_grid must lie in (0, 1]");
  v.require(squarings >= 0 && squarings <= 20, "squarings must lie in 0 to 20");
  v.probability(flip_probability, "flip_probability");
  v.probability(skull_strip_probability, "skull_strip_probability");
  v.require(slice_margin >= 0 && slice_margin < 0.5, "slice_margin must lie in [0, 0.5)");
  v.not_negative(class_mean, "class_mean");
  v.not_negative(class_deviation, "class_deviation");
  v.probability(background_zero, "background_zero");
  v.probability(background_zero + background_low, "background_zero + background_low");
  v.not_negative(background_low, "background_low");
  v.not_negative(dark_mean, "dark_mean");
  v.not_negative(dark_deviation, "dark_deviation");
  v.probability(bias_probability, "bias_probability");
  v.not_negative(bias_std, "bias_std");
  v.require(bias_grid > 0 && bias_grid <= 1, "bias_grid must lie in (0, 1]");
  v.require(largest_value > 0 && std::isfinite(largest_value), "largest_value must be positive");
  v.not_negative(gamma_std, "gamma_std");
  v.probability(isotropic_probability, "isotropic_probability");
  v.probability(native_probability, "native_probability");
  v.probability(isotropic_probability + native_probability,
                "isotropic_probability + native_probability");
  v.at_least_one(isotropic_mm, "isotropic_mm");
  v.at_least_one(slice_mm, "slice_mm");
  v.not_negative(blur_factor, "blur_factor");
  return v.sentences;
}

std::int64_t knots_along(std::int64_t side, double knots_per_voxel) {
  const auto count = std::ceil(knots_per_voxel * static_cast<double>(side));
  return std::max<std::int64_t>(2, static_cast<std::int64_t>(count));
}

}  // namespace hypersynth
