#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hypersynth {

class OptionList;

/// Ranges of the generative model. Defaults: SynthSeg (Billot et al. 2023).
struct SynthesisOptions {
  /// Voxels of the images along X, Y(, Z); two sides make 2-D images of axial slices.
  std::vector<std::int64_t> patch{128, 128, 128};
  /// Voxel size of the label maps.
  double spacing_mm = 1;

  double scaling = 0.2;         // U(1 - x, 1 + x) along each axis
  double rotation_deg = 15;     // U(-x, x) about each axis
  double shearing = 0.012;      // U(-x, x)
  double velocity_std = 4;      // voxels; standard deviation of the velocity knots: U(0, x)
  double velocity_grid = 0.04;  // knots per voxel
  int squarings = 7;            // scaling and squaring steps

  double flip_probability = 0.5;          // left-right, with the labels of the other side
  double skull_strip_probability = 0.25;  // images without extracerebral tissue
  double slice_margin = 0.15;             // 2-D: share of the slices left out at either end

  double class_mean = 250;        // mean of each class: U(0, x)
  double class_deviation = 30;    // standard deviation inside a class: U(0, x)
  double background_zero = 0.05;  // probability of a background of zeros
  double background_low = 0.25;   // probability of a dark background
  double dark_mean = 15;          // mean of a dark background: U(0, x)
  double dark_deviation = 5;      // its standard deviation: U(0, x)

  double bias_probability = 0.95;
  double bias_std = 0.7;       // standard deviation of the log bias at its knots: U(0, x)
  double bias_grid = 0.025;    // knots per voxel
  double largest_value = 300;  // values are clipped to [0, x], then scaled to [0, 1]
  double gamma_std = 0.5;      // standard deviation of the logarithm of the exponent

  // Resolution of the acquisition along an axis: U(spacing_mm, x), with slices of thickness
  // U(spacing_mm, resolution). An axis at the resolution of the label maps stays as it was painted
  // (SynthSeg's code blurs it by half a voxel).
  double isotropic_probability = 0.10;  // low along all axes alike
  double isotropic_mm = 4;
  double native_probability = 0.05;  // that of the label maps
  double slice_mm = 8;               // else low along one axis
  double blur_factor = 0.75;         // standard deviation of the blur: x min(resolution, thickness)

  /// Scale images by their percentiles, as the default model wants them, rather than by the range.
  bool percentiles = true;

  int dimensions() const { return static_cast<int>(patch.size()); }
  /// Every violation, one sentence each.
  std::vector<std::string> check() const;
  /// Those that `describe` does not find: values that contradict each other, and the spacing.
  std::vector<std::string> contradictions() const;
};

/// The ranges and the size of the images, `--patch` to `--blur-factor`. The spacing is not among
/// them: training takes it from its data.
void describe(SynthesisOptions& options, OptionList& list);

/// Knots of a coarse grid along a side of the patch, at least two.
std::int64_t knots_along(std::int64_t side, double knots_per_voxel);

}  // namespace hypersynth
