#include "image/bias_field_itk.h"

#include <algorithm>
#include <cmath>
#include <itkBSplineControlPointImageFilter.h>
#include <itkImage.h>
#include <itkShrinkImageFilter.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <itkN4BiasFieldCorrectionImageFilter.h>

#include "core/error.h"

namespace hypersynth {

namespace {

using ItkImage = itk::Image<float, 3>;
using ItkMask = itk::Image<unsigned char, 3>;
using N4 = itk::N4BiasFieldCorrectionImageFilter<ItkImage, ItkMask, ItkImage>;

constexpr unsigned kSplineOrder = 3;

/// An ITK image of a grid's shape and spacing. The field follows the voxel axes, so where they lie
/// in the world doesn't matter (and ITK wants them orthogonal).
template <typename T>
typename itk::Image<T, 3>::Pointer itk_image(const Grid& grid, const std::vector<T>& voxels) {
  auto image = itk::Image<T, 3>::New();
  typename itk::Image<T, 3>::SizeType size{};
  std::copy(grid.shape.begin(), grid.shape.end(), size.begin());
  image->SetRegions(size);
  image->SetSpacing(spacing_mm(grid).data());
  image->Allocate();
  std::copy(voxels.begin(), voxels.end(), image->GetBufferPointer());
  return image;
}

template <typename T>
typename T::Pointer shrunk(const T* image, const N4Options& options) {
  auto shrink = itk::ShrinkImageFilter<T, T>::New();
  shrink->SetInput(image);
  shrink->SetShrinkFactors(static_cast<unsigned>(std::max(1, options.shrink)));
  shrink->SetNumberOfWorkUnits(static_cast<unsigned>(options.threads));
  shrink->Update();
  return shrink->GetOutput();
}

/// Fits the field; both images are shrunk already.
N4::Pointer fitted(const ItkImage* image, const ItkMask* usable, const N4Options& options) {
  N4::VariableSizeArrayType iterations(static_cast<unsigned>(options.iterations.size()));
  std::copy(options.iterations.begin(), options.iterations.end(), iterations.begin());
  N4::ArrayType points;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const double extent_mm =
        image->GetSpacing()[axis] * static_cast<double>(image->GetBufferedRegion().GetSize()[axis]);
    const double intervals = std::max(1.0, std::ceil(extent_mm / options.control_spacing_mm));
    points[axis] = kSplineOrder + static_cast<unsigned>(intervals);
  }
  auto n4 = N4::New();
  n4->SetInput(image);
  n4->SetMaskImage(usable);
  n4->SetNumberOfControlPoints(points);
  n4->SetNumberOfFittingLevels(static_cast<unsigned>(options.iterations.size()));
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetConvergenceThreshold(static_cast<float>(options.convergence));
  n4->SetNumberOfWorkUnits(static_cast<unsigned>(options.threads));
  n4->Update();
  return n4;
}

/// Logarithm of a fitted field at every voxel: its control points spread over the whole image, as
/// ANTs does.
std::vector<float> log_field(const N4& n4, const ItkImage& image, int threads) {
  using Lattice = N4::BiasFieldControlPointLatticeType;
  auto spline = itk::BSplineControlPointImageFilter<Lattice, N4::ScalarImageType>::New();
  spline->SetInput(n4.GetLogBiasFieldControlPointLattice());
  spline->SetSplineOrder(kSplineOrder);
  spline->SetSize(image.GetLargestPossibleRegion().GetSize());
  spline->SetSpacing(image.GetSpacing());
  spline->SetNumberOfWorkUnits(static_cast<unsigned>(threads));
  spline->Update();
  const auto* const values = spline->GetOutput()->GetBufferPointer();
  std::vector<float> field(image.GetBufferedRegion().GetNumberOfPixels());
  for (std::size_t v = 0; v < field.size(); ++v) field[v] = values[v][0];
  return field;
}

/// exp(field - its mean over the usable voxels).
void exponentiate(std::vector<float>& field, const std::vector<unsigned char>& usable) {
  double sum = 0;
  double count = 0;
  for (std::size_t v = 0; v < field.size(); ++v) {
    if (usable[v] == 0) continue;
    sum += static_cast<double>(field[v]);
    ++count;
  }
  const auto mean = static_cast<float>(sum / count);
  for (auto& value : field) value = std::exp(value - mean);
}

}  // namespace

Image estimate_bias_field(const Image& image, const Mask& mask, const N4Options& options) {
  if (mask.grid.shape != image.grid.shape) throw std::invalid_argument("mask of another shape");
  std::vector<unsigned char> usable(image.voxels.size());
  float least = std::numeric_limits<float>::max();
  float most = 0;
  for (std::size_t v = 0; v < usable.size(); ++v) {
    if (mask.voxels[v] == 0 || !(image.voxels[v] > 0)) continue;
    usable[v] = 1;
    least = std::min(least, image.voxels[v]);
    most = std::max(most, image.voxels[v]);
  }
  if (most == 0) throw std::invalid_argument("the mask holds no positive voxel");
  // ITK divides by the range of the intensities.
  if (least == most) return Image(image.grid, 1.0F);
  try {
    const auto full = itk_image(image.grid, image.voxels);
    const auto small_image = shrunk(full.GetPointer(), options);
    const auto small_usable = shrunk(itk_image(image.grid, usable).GetPointer(), options);
    const auto n4 = fitted(small_image, small_usable, options);
    Image field(image.grid, log_field(*n4, *full, options.threads));
    exponentiate(field.voxels, usable);
    return field;
  } catch (const itk::ExceptionObject& error) {
    throw Error(ExitCode::kInternal, std::string("bias field: ") + error.GetDescription());
  }
}

}  // namespace hypersynth
