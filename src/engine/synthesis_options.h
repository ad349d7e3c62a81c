#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hypersynth {

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
  double background_low =
      0.25;  // probability of a dark background: mean U(0, 15), deviation U(0, 5)

  double bias_probability = 0.95;
  double bias_std = 0.7;     // standard deviation of the log bias at its knots: U(0, x)
  double bias_grid = 0.025;  // knots per voxel
  double gamma_std = 0.5;    // standard deviation of the logarithm of the exponent

  double isotropic_probability = 0.10;  // low resolution along all axes: U(1, isotropic_mm)
  double isotropic_mm = 4;
  double native_probability = 0.05;  // resolution of the label maps
  double slice_mm = 8;        // else slices along one axis: U(1, slice_mm), thickness U(1, it)
  double blur_factor = 0.75;  // blur: factor x min(resolution, thickness)

  /// Scale images by their percentiles, as the default model wants them, rather than by the range.
  bool percentiles = true;

  int dimensions() const { return static_cast<int>(patch.size()); }
  /// Every violation, one sentence each.
  std::vector<std::string> check() const;
};

}  // namespace hypersynth
