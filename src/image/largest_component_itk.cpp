#include "image/largest_component_itk.h"

#include <algorithm>
#include <itkBinaryShapeKeepNObjectsImageFilter.h>
#include <itkImage.h>
#include <itkImportImageFilter.h>

#include "image/itk_call.h"

namespace hypersynth {

namespace {

using ItkMask = itk::Image<unsigned char, 3>;
using Importer = itk::ImportImageFilter<unsigned char, 3>;
using KeepLargest = itk::BinaryShapeKeepNObjectsImageFilter<ItkMask>;

/// A mask as ITK sees it, without a copy.
Importer::Pointer view_of(Mask& mask) {
  Importer::SizeType size{};
  std::copy(mask.grid.shape.begin(), mask.grid.shape.end(), size.begin());
  Importer::RegionType region;
  region.SetSize(size);
  auto importer = Importer::New();
  importer->SetRegion(region);
  importer->SetImportPointer(mask.voxels.data(), mask.voxels.size(), false);
  return importer;
}

}  // namespace

void keep_largest_piece(Mask& mask) {
  if (mask.voxels.empty()) return;
  call_itk("largest component", [&] {
    auto largest = KeepLargest::New();
    const auto view = view_of(mask);
    largest->SetInput(view->GetOutput());
    largest->SetForegroundValue(1);
    largest->SetBackgroundValue(0);
    largest->SetFullyConnected(true);
    largest->SetAttribute(KeepLargest::LabelObjectType::NUMBER_OF_PIXELS);
    largest->SetNumberOfObjects(1);
    largest->Update();
    std::copy_n(largest->GetOutput()->GetBufferPointer(), mask.voxels.size(), mask.voxels.begin());
  });
}

}  // namespace hypersynth
