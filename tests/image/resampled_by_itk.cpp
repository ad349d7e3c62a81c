#include "image/resampled_by_itk.h"

#include <algorithm>
#include <itkImage.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkResampleImageFilter.h>

namespace hypersynth {
namespace {

using ItkImage = itk::Image<float, 3>;

ItkImage::DirectionType direction_of(const Grid& grid) {
  const auto spacing = spacing_mm(grid);
  ItkImage::DirectionType direction;
  for (unsigned row = 0; row < 3; ++row) {
    for (unsigned axis = 0; axis < 3; ++axis) {
      direction[row][axis] = grid.world_from_voxel[row][axis] / spacing[axis];
    }
  }
  return direction;
}

ItkImage::PointType origin_of(const Grid& grid) {
  ItkImage::PointType origin;
  for (unsigned row = 0; row < 3; ++row) origin[row] = grid.world_from_voxel[row][3];
  return origin;
}

ItkImage::SizeType size_of(const Grid& grid) {
  ItkImage::SizeType size{};
  std::copy(grid.shape.begin(), grid.shape.end(), size.begin());
  return size;
}

ItkImage::Pointer itk_image(const Image& image) {
  auto result = ItkImage::New();
  result->SetRegions(size_of(image.grid));
  result->SetSpacing(spacing_mm(image.grid).data());
  result->SetOrigin(origin_of(image.grid));
  result->SetDirection(direction_of(image.grid));
  result->Allocate();
  std::copy(image.voxels.begin(), image.voxels.end(), result->GetBufferPointer());
  return result;
}

}  // namespace

std::vector<float> resampled_by_itk(const Image& image, const Grid& target) {
  auto filter = itk::ResampleImageFilter<ItkImage, ItkImage>::New();
  filter->SetInput(itk_image(image));
  filter->SetInterpolator(itk::LinearInterpolateImageFunction<ItkImage>::New());
  filter->SetSize(size_of(target));
  filter->SetOutputSpacing(spacing_mm(target).data());
  filter->SetOutputOrigin(origin_of(target));
  filter->SetOutputDirection(direction_of(target));
  filter->SetNumberOfWorkUnits(1);
  filter->Update();
  const float* const voxels = filter->GetOutput()->GetBufferPointer();
  return {voxels, voxels + target.voxel_count()};
}

}  // namespace hypersynth
