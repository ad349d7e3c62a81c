#include <algorithm>
#include <itkImage.h>
#include <itkImportImageFilter.h>
#include <itkSignedMaurerDistanceMapImageFilter.h>
#include <vector>

#include "image/itk_call.h"
#include "image/volume.h"

namespace hypersynth {
namespace {

using ItkMask = itk::Image<unsigned char, 3>;
using ItkDistances = itk::Image<double, 3>;
using Importer = itk::ImportImageFilter<unsigned char, 3>;
/// Exact Euclidean distances in linear time (Maurer et al. 2003), to the voxels at the edge of the
/// marked ones: here all of them are.
using MaurerFilter = itk::SignedMaurerDistanceMapImageFilter<ItkMask, ItkDistances>;

/// A mask as ITK sees it, without a copy: ITK only reads it.
Importer::Pointer view_of(const Mask& mask) {
  Importer::SizeType size{};
  std::copy(mask.grid.shape.begin(), mask.grid.shape.end(), size.begin());
  Importer::RegionType region;
  region.SetSize(size);
  auto importer = Importer::New();
  importer->SetRegion(region);
  importer->SetSpacing(spacing_mm(mask.grid).data());
  importer->SetImportPointer(const_cast<unsigned char*>(mask.voxels.data()), mask.voxels.size(),
                             false);
  return importer;
}

std::vector<double> distances_to(const Mask& marked) {
  const auto view = view_of(marked);
  auto filter = MaurerFilter::New();
  filter->SetInput(view->GetOutput());
  filter->SetBackgroundValue(0);
  filter->SetSquaredDistance(false);
  filter->SetUseImageSpacing(true);
  filter->SetInsideIsPositive(false);
  filter->Update();
  const double* const found = filter->GetOutput()->GetBufferPointer();
  return {found, found + marked.voxels.size()};
}

}  // namespace
}  // namespace hypersynth

/// The entry point that distance_map.cpp looks up.
extern "C" void hypersynth_distance_map(const hypersynth::Mask* marked,
                                        std::vector<double>* distances) {
  *distances =
      hypersynth::call_itk("distance map", [&] { return hypersynth::distances_to(*marked); });
}
