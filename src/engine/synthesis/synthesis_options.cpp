#include "engine/synthesis/synthesis_options.h"

#include <algorithm>
#include <cmath>

#include "options/option.h"

namespace hypersynth {
namespace {

bool is_share(double value) { return value >= 0 && value <= 1; }

void describe_geometry(SynthesisOptions& o, OptionList& list) {
  list.add("--patch", o.patch, "size of the images; two sides make axial slices")
      .unit("voxels")
      .check([&o] { return o.patch.size() == 2 || o.patch.size() == 3; },
             "needs two or three sides")
      .check(
          [&o] {
            return std::all_of(o.patch.begin(), o.patch.end(), [](auto side) { return side >= 8; });
          },
          "must have sides of at least 8 voxels")
      .in_checkpoint();
  list.add("--scaling", o.scaling, "scaling along each axis: U(1 - x, 1 + x)")
      .range(Range::below(0, 1));
  list.add("--rotation-deg", o.rotation_deg, "rotation about each axis: U(-x, x)")
      .unit("degrees")
      .range(Range::not_negative());
  list.add("--shearing", o.shearing, "shear: U(-x, x)").range(Range::not_negative());
  list.add("--velocity-std", o.velocity_std,
           "standard deviation of the deformation's velocity: U(0, x)")
      .unit("voxels")
      .range(Range::not_negative());
  list.add("--velocity-grid", o.velocity_grid, "knots of the velocity")
      .unit("per voxel")
      .range(Range::above(0, 1));
  list.add("--squarings", o.squarings, "squarings that integrate the velocity")
      .range(Range::whole(0, 20));
  list.add("--slice-margin", o.slice_margin,
           "share of the axial slices left out at either end, where images are slices")
      .range(Range::below(0, 0.5));
  list.add("--flip-probability", o.flip_probability, "share of images with left and right swapped")
      .range(Range::closed(0, 1));
}

void describe_intensities(SynthesisOptions& o, OptionList& list) {
  list.add("--skull-strip-probability", o.skull_strip_probability,
           "share of images without extracerebral tissue")
      .range(Range::closed(0, 1));
  list.add("--class-mean", o.class_mean, "mean grey value of each class: U(0, x)")
      .range(Range::not_negative());
  list.add("--class-deviation", o.class_deviation, "its standard deviation: U(0, x)")
      .range(Range::not_negative());
  list.add("--background-zero", o.background_zero, "share of images with a background of zeros")
      .range(Range::closed(0, 1));
  list.add("--background-low", o.background_low, "share of images with a dark background")
      .range(Range::not_negative());
  list.add("--dark-mean", o.dark_mean, "mean of a dark background: U(0, x)")
      .range(Range::not_negative());
  list.add("--dark-deviation", o.dark_deviation, "its standard deviation: U(0, x)")
      .range(Range::not_negative());
}

void describe_artefacts(SynthesisOptions& o, OptionList& list) {
  list.add("--bias-probability", o.bias_probability, "share of images with a bias field")
      .range(Range::closed(0, 1));
  list.add("--bias-std", o.bias_std, "standard deviation of the log bias field: U(0, x)")
      .range(Range::not_negative());
  list.add("--bias-grid", o.bias_grid, "knots of the bias field")
      .unit("per voxel")
      .range(Range::above(0, 1));
  list.add("--largest-value", o.largest_value, "grey values are clipped to [0, x]")
      .range(Range::positive());
  list.add("--gamma-std", o.gamma_std, "standard deviation of the logarithm of the exponent")
      .range(Range::not_negative());
  list.add("--isotropic-probability", o.isotropic_probability,
           "share of images of low resolution along all axes")
      .range(Range::closed(0, 1));
  list.add("--isotropic-mm", o.isotropic_mm, "their resolution: U(spacing, x)")
      .unit("mm")
      .range(Range::at_least(1));
  list.add("--native-probability", o.native_probability,
           "share of images at the resolution of the label maps")
      .range(Range::closed(0, 1));
  list.add("--slice-mm", o.slice_mm, "all others: distance of slices along one axis, U(spacing, x)")
      .unit("mm")
      .range(Range::at_least(1));
  list.add("--blur-factor", o.blur_factor,
           "standard deviation of the blur as a share of the slice thickness")
      .range(Range::not_negative());
}

}  // namespace

void describe(SynthesisOptions& options, OptionList& list) {
  list.heading("Synthetic images (SynthSeg; U(a, b): uniform, drawn anew for every image)");
  describe_geometry(options, list);
  describe_intensities(options, list);
  describe_artefacts(options, list);
}

std::vector<std::string> SynthesisOptions::check() const {
  auto described = *this;
  OptionList list;
  describe(described, list);
  auto violations = list.violations(OptionSpelling::kField);
  for (auto& sentence : contradictions()) violations.push_back(std::move(sentence));
  return violations;
}

std::vector<std::string> SynthesisOptions::contradictions() const {
  std::vector<std::string> violations;
  const auto require = [&](bool holds, const char* sentence) {
    if (!holds) violations.emplace_back(sentence);
  };
  require(Range::positive().holds(spacing_mm), "spacing_mm must be positive");
  require(is_share(background_zero + background_low),
          "background_zero + background_low must lie in [0, 1]");
  require(is_share(isotropic_probability + native_probability),
          "isotropic_probability + native_probability must lie in [0, 1]");
  return violations;
}

std::int64_t knots_along(std::int64_t side, double knots_per_voxel) {
  const auto count = std::ceil(knots_per_voxel * static_cast<double>(side));
  return std::max<std::int64_t>(2, static_cast<std::int64_t>(count));
}

}  // namespace hypersynth
