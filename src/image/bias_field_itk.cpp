#include "image/bias_field_itk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <itkBSplineControlPointImageFilter.h>
#include <itkImage.h>
#include <limits>
#include <stdexcept>
#include <vector>

#include <itkN4BiasFieldCorrectionImageFilter.h>

#include "image/itk_call.h"
#include "image/resample.h"

namespace hypersynth {

namespace {

using ItkImage = itk::Image<float, 3>;
using ItkMask = itk::Image<unsigned char, 3>;
using N4 = itk::N4BiasFieldCorrectionImageFilter<ItkImage, ItkMask, ItkImage>;

constexpr unsigned kSplineOrder = 3;

bool is_usable(const Image& image, const Mask& mask, std::size_t voxel) {
  return mask.voxels[voxel] != 0 && image.voxels[voxel] > 0;
}

/// What is known of the usable voxels before the fit.
struct Usable {
  double count = 0;
  float least = std::numeric_limits<float>::max();
  float most = 0;
  double mean_log = 0;
};

Usable survey(const Image& image, const Mask& mask) {
  Usable usable;
  for (std::size_t v = 0; v < image.voxels.size(); ++v) {
    if (!is_usable(image, mask, v)) continue;
    const float value = image.voxels[v];
    usable.least = std::min(usable.least, value);
    usable.most = std::max(usable.most, value);
    usable.mean_log += std::log(static_cast<double>(value));
    ++usable.count;
  }
  usable.mean_log /= usable.count;
  return usable;
}

/// Every `step`-th voxel of a box, along each axis: sample n lies at voxel first + n * step. At
/// least two samples along each axis, since a spline has no other extent; those beyond the image
/// repeat its last voxel.
struct Lattice {
  std::array<std::int64_t, 3> first{};
  std::array<std::int64_t, 3> step{1, 1, 1};
  std::array<std::int64_t, 3> count{};
};

/// First and last voxel of the box around those of `region` that are not 0, along each axis.
struct Box {
  std::array<std::int64_t, 3> first{};
  std::array<std::int64_t, 3> last{};

  double extent(std::size_t axis) const {
    return static_cast<double>(last[axis] - first[axis] + 1);
  }
};

Box box_around(const Mask& region) {
  const auto& shape = region.grid.shape;
  Box box{shape, {-1, -1, -1}};
  std::size_t v = 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i, ++v) {
        if (region.voxels[v] == 0) continue;
        const std::array<std::int64_t, 3> at{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          box.first[axis] = std::min(box.first[axis], at[axis]);
          box.last[axis] = std::max(box.last[axis], at[axis]);
        }
      }
    }
  }
  if (box.last[0] < 0) throw std::invalid_argument("the region of the bias field is empty");
  return box;
}

/// The samples of a box that are nearest to `distance_mm` apart.
Lattice lattice_over(const Box& box, const std::array<double, 3>& spacing, double distance_mm) {
  Lattice lattice;
  lattice.first = box.first;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t step = std::max<std::int64_t>(1, std::llround(distance_mm / spacing[axis]));
    const std::int64_t steps = (box.last[axis] - box.first[axis] + step - 1) / step;
    lattice.step[axis] = step;
    lattice.count[axis] = std::max<std::int64_t>(2, steps + 1);
  }
  return lattice;
}

/// The densest lattice over `region` that takes at most about `samples` of `usable` voxels.
Lattice lattice_of(const Mask& region, double usable, int samples) {
  const Box box = box_around(region);
  const auto spacing = spacing_mm(region.grid);
  double distance_mm = *std::min_element(spacing.begin(), spacing.end());
  for (;; distance_mm *= 1.05) {
    const Lattice lattice = lattice_over(box, spacing, distance_mm);
    double taken = usable;
    bool is_coarsest = true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      taken *= static_cast<double>(lattice.count[axis]) / box.extent(axis);
      is_coarsest = is_coarsest && lattice.count[axis] == 2;
    }
    if (taken <= samples || is_coarsest) return lattice;
  }
}

/// Grid of the samples, in the world of `grid`.
Grid grid_of(const Lattice& lattice, const Grid& grid) {
  Affine voxel_from_sample{};
  voxel_from_sample[3][3] = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    voxel_from_sample[axis][axis] = static_cast<double>(lattice.step[axis]);
    voxel_from_sample[axis][3] = static_cast<double>(lattice.first[axis]);
  }
  return Grid{.shape = lattice.count,
              .world_from_voxel = multiply(grid.world_from_voxel, voxel_from_sample)};
}

/// An ITK image of a grid's shape and spacing, all 0. The field follows the voxel axes, so where
/// they lie in the world doesn't matter (and ITK wants them orthogonal).
template <typename T>
typename itk::Image<T, 3>::Pointer itk_image(const Grid& grid) {
  auto image = itk::Image<T, 3>::New();
  typename itk::Image<T, 3>::SizeType size{};
  std::copy(grid.shape.begin(), grid.shape.end(), size.begin());
  image->SetRegions(size);
  image->SetSpacing(spacing_mm(grid).data());
  image->Allocate(true);
  return image;
}

/// The sampled voxels as ITK takes them.
struct Samples {
  ItkImage::Pointer image;
  ItkMask::Pointer usable;
};

/// Intensities are divided by their geometric mean: a field doesn't depend on their unit, and ITK's
/// single precision is best near 1.
Samples take_samples(const Image& image, const Mask& mask, double mean_log, const Lattice& lattice,
                     const Grid& grid) {
  Samples samples{itk_image<float>(grid), itk_image<unsigned char>(grid)};
  float* value = samples.image->GetBufferPointer();
  unsigned char* usable = samples.usable->GetBufferPointer();
  const auto voxel_at = [&](std::size_t axis, std::int64_t n) {
    return std::min(lattice.first[axis] + n * lattice.step[axis], image.grid.shape[axis] - 1);
  };
  for (std::int64_t k = 0; k < lattice.count[2]; ++k) {
    for (std::int64_t j = 0; j < lattice.count[1]; ++j) {
      for (std::int64_t i = 0; i < lattice.count[0]; ++i, ++value, ++usable) {
        const std::size_t v = image.offset(voxel_at(0, i), voxel_at(1, j), voxel_at(2, k));
        if (!is_usable(image, mask, v)) continue;
        *usable = 1;
        *value =
            static_cast<float>(std::exp(std::log(static_cast<double>(image.voxels[v])) - mean_log));
      }
    }
  }
  return samples;
}

bool is_constant(const Samples& samples) {
  const std::size_t size = samples.image->GetBufferedRegion().GetNumberOfPixels();
  const float* const values = samples.image->GetBufferPointer();
  float least = std::numeric_limits<float>::max();
  float most = 0;
  for (std::size_t s = 0; s < size; ++s) {
    if (samples.usable->GetBufferPointer()[s] == 0) continue;
    least = std::min(least, values[s]);
    most = std::max(most, values[s]);
  }
  return least >= most;
}

/// The logarithm of the field at the samples.
std::vector<float> fit_log_field(const Samples& samples, const N4Options& options) {
  N4::VariableSizeArrayType iterations(static_cast<unsigned>(options.iterations.size()));
  std::copy(options.iterations.begin(), options.iterations.end(), iterations.begin());
  const auto size = samples.image->GetBufferedRegion().GetSize();
  N4::ArrayType points;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const double extent_mm = samples.image->GetSpacing()[axis] * static_cast<double>(size[axis]);
    const double intervals = std::max(1.0, std::ceil(extent_mm / options.control_spacing_mm));
    points[axis] = kSplineOrder + static_cast<unsigned>(intervals);
  }
  auto n4 = N4::New();
  n4->SetInput(samples.image);
  n4->SetMaskImage(samples.usable);
  n4->SetNumberOfControlPoints(points);
  n4->SetNumberOfFittingLevels(static_cast<unsigned>(options.iterations.size()));
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetConvergenceThreshold(static_cast<float>(options.convergence));
  n4->Update();

  auto spline = itk::BSplineControlPointImageFilter<N4::BiasFieldControlPointLatticeType,
                                                    N4::ScalarImageType>::New();
  spline->SetInput(n4->GetLogBiasFieldControlPointLattice());
  spline->SetSplineOrder(kSplineOrder);
  spline->SetSize(size);
  spline->SetSpacing(samples.image->GetSpacing());
  spline->Update();
  const auto* const values = spline->GetOutput()->GetBufferPointer();
  std::vector<float> field(samples.image->GetBufferedRegion().GetNumberOfPixels());
  for (std::size_t s = 0; s < field.size(); ++s) field[s] = values[s][0];
  return field;
}

/// Divides a field by its geometric mean over the usable voxels; voxels that it does not reach (0)
/// get 1.
void normalise(Image& field, const Image& image, const Mask& mask) {
  double sum = 0;
  double count = 0;
  for (std::size_t v = 0; v < field.voxels.size(); ++v) {
    if (!is_usable(image, mask, v) || !(field.voxels[v] > 0)) continue;
    sum += std::log(static_cast<double>(field.voxels[v]));
    ++count;
  }
  const auto factor = static_cast<float>(count > 0 ? std::exp(-sum / count) : 1);
  for (float& value : field.voxels) value = value > 0 ? value * factor : 1.0F;
}

}  // namespace

Image estimate_bias_field(const Image& image, const Mask& mask, const Mask& region,
                          const N4Options& options) {
  if (mask.grid.shape != image.grid.shape || region.grid.shape != image.grid.shape)
    throw std::invalid_argument("mask of another shape");
  const Usable usable = survey(image, mask);
  if (usable.count == 0) throw std::invalid_argument("the mask holds no positive voxel");
  const Lattice lattice = lattice_of(region, usable.count, options.samples);
  // ITK divides by the range of the intensities.
  if (usable.least == usable.most) return Image(image.grid, 1.0F);
  const Grid grid = grid_of(lattice, image.grid);
  Image field = call_itk("bias field", [&] {
    const Samples samples = take_samples(image, mask, usable.mean_log, lattice, grid);
    if (is_constant(samples)) return Image(grid, 0.0F);
    return Image(grid, fit_log_field(samples, options));
  });
  for (float& value : field.voxels) value = std::exp(value);
  // Linear between samples: the control points are several samples apart.
  field = resample(field, image.grid);
  normalise(field, image, mask);
  return field;
}

Image estimate_bias_field(const Image& image, const Mask& mask, const N4Options& options) {
  return estimate_bias_field(image, mask, mask, options);
}

}  // namespace hypersynth
