#include "tools/synthesis_arguments.h"

namespace hypersynth {
namespace {

void add_geometry(CommandLine& line, SynthesisOptions& o) {
  line.add_sides("patch", o.patch, "voxels of the images; two sides make axial slices");
  line.add("scaling", o.scaling, "scaling along each axis: U(1 - x, 1 + x)");
  line.add("rotation-deg", o.rotation_deg, "rotation about each axis in degrees: U(-x, x)");
  line.add("shearing", o.shearing, "shear: U(-x, x)");
  line.add("velocity-std", o.velocity_std,
           "standard deviation of the deformation's velocity in voxels: U(0, x)");
  line.add("velocity-grid", o.velocity_grid, "knots of the velocity per voxel");
  line.add("squarings", o.squarings, "squarings that integrate the velocity");
  line.add("slice-margin", o.slice_margin, "share of the axial slices left out at either end");
  line.add("flip-probability", o.flip_probability, "share of images with left and right swapped");
}

void add_intensities(CommandLine& line, SynthesisOptions& o) {
  line.add("skull-strip-probability", o.skull_strip_probability,
           "share of images without extracerebral tissue");
  line.add("class-mean", o.class_mean, "mean grey value of each class: U(0, x)");
  line.add("class-deviation", o.class_deviation, "its standard deviation: U(0, x)");
  line.add("background-zero", o.background_zero, "share of images with a background of zeros");
  line.add("background-low", o.background_low, "share of images with a dark background");
  line.add("dark-mean", o.dark_mean, "mean of a dark background: U(0, x)");
  line.add("dark-deviation", o.dark_deviation, "its standard deviation: U(0, x)");
}

void add_artefacts(CommandLine& line, SynthesisOptions& o) {
  line.add("bias-probability", o.bias_probability, "share of images with a bias field");
  line.add("bias-std", o.bias_std, "standard deviation of the log bias field: U(0, x)");
  line.add("bias-grid", o.bias_grid, "knots of the bias field per voxel");
  line.add("largest-value", o.largest_value, "grey values are clipped to [0, x]");
  line.add("gamma-std", o.gamma_std, "standard deviation of the logarithm of the exponent");
  line.add("isotropic-probability", o.isotropic_probability,
           "share of images of low resolution along all axes");
  line.add("isotropic-mm", o.isotropic_mm, "their resolution in mm: U(spacing, x)");
  line.add("native-probability", o.native_probability,
           "share of images at the resolution of the label maps");
  line.add("slice-mm", o.slice_mm,
           "all others: distance of slices along one axis in mm, U(spacing, x)");
  line.add("blur-factor", o.blur_factor,
           "standard deviation of the blur as a share of the slice thickness");
}

}  // namespace

void add_synthesis_arguments(CommandLine& line, SynthesisOptions& options) {
  line.heading("Synthetic images (SynthSeg; U(a, b): uniform, drawn anew for every image)");
  add_geometry(line, options);
  add_intensities(line, options);
  add_artefacts(line, options);
}

}  // namespace hypersynth
