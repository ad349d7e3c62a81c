#include "filters_itk.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <itkBinaryDilateImageFilter.h>
#include <itkBinaryErodeImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkGrayscaleDilateImageFilter.h>
#include <itkGrayscaleErodeImageFilter.h>
#include <itkImportImageFilter.h>
#include <itkRelabelComponentImageFilter.h>
#include <itkScalarConnectedComponentImageFilter.h>
#include <vector>

#include "image/connected_components.h"
#include "image/itk_call.h"
#include "image/largest_component_itk.h"
#include "image/otsu_itk.h"
#include "quality/mask_morphology.h"

namespace hypersynth {
namespace {

using ItkMask = itk::Image<std::uint8_t, 3>;
using ItkLabels = itk::Image<std::uint16_t, 3>;
using Element = itk::FlatStructuringElement<3>;

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Shortest of three.
template <class Run>
void report(const char* what, const Run& run) {
  double best = 1e9;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const double begin = seconds();
    run();
    best = std::min(best, seconds() - begin);
  }
  std::printf("%-48s %.3f s\n", what, best);
  std::fflush(stdout);
}

template <typename T>
typename itk::ImportImageFilter<T, 3>::Pointer view_of(std::vector<T>& voxels, const Grid& grid) {
  using Importer = itk::ImportImageFilter<T, 3>;
  auto importer = Importer::New();
  typename Importer::SizeType size{};
  std::copy(grid.shape.begin(), grid.shape.end(), size.begin());
  typename Importer::RegionType region;
  region.SetSize(size);
  importer->SetRegion(region);
  importer->SetImportPointer(voxels.data(), voxels.size(), false);
  return importer;
}

Element box(unsigned radius) {
  Element::RadiusType size;
  size.Fill(radius);
  return Element::Box(size);
}

Element cross() {
  Element::RadiusType size;
  size.Fill(1);
  return Element::Cross(size);
}

void compare_components(const Mask& inside, const LabelMap& labels) {
  report("largest component, by hand", [&] {
    Mask mask = inside;
    keep_largest_component(mask, Connectivity::kCorners26);
  });
  report("largest component, ITK", [&] {
    Mask mask = inside;
    keep_largest_piece(mask);
  });
  std::vector<std::uint16_t> values(labels.voxels.begin(), labels.voxels.end());
  report("components of all labels, by hand", [&] { find_components(values, labels.grid.shape); });
  const auto view = view_of(values, labels.grid);
  report("components of all labels, ITK", [&] {
    using Components = itk::Image<std::uint32_t, 3>;
    auto components = itk::ScalarConnectedComponentImageFilter<ItkLabels, Components>::New();
    components->SetInput(view->GetOutput());
    components->SetDistanceThreshold(0);
    components->FullyConnectedOn();
    auto sizes = itk::RelabelComponentImageFilter<Components, Components>::New();
    sizes->SetInput(components->GetOutput());
    sizes->Update();
  });
}

void compare_morphology(Mask& inside) {
  const Shape& shape = inside.grid.shape;
  const auto view = view_of(inside.voxels, inside.grid);
  using Erode = itk::GrayscaleErodeImageFilter<ItkMask, ItkMask, Element>;
  using Dilate = itk::GrayscaleDilateImageFilter<ItkMask, ItkMask, Element>;
  report("opening with a 3 x 3 x 3 box, by hand", [&] {
    MaskVoxels mask = inside.voxels;
    open_box(mask, shape, {1, 1, 1});
  });
  report("opening with a 3 x 3 x 3 box, ITK", [&] {
    auto erode = Erode::New();
    erode->SetInput(view->GetOutput());
    erode->SetKernel(box(1));
    auto dilate = Dilate::New();
    dilate->SetInput(erode->GetOutput());
    dilate->SetKernel(box(1));
    dilate->Update();
  });
  for (const int radius : {1, 10}) {
    std::printf("radius %d: ", radius);
    report("dilation with a box, by hand", [&] {
      MaskVoxels mask = inside.voxels;
      dilate_box(mask, shape, {radius, radius, radius});
    });
    std::printf("radius %d: ", radius);
    report("dilation with a box, ITK", [&] {
      auto dilate = Dilate::New();
      dilate->SetInput(view->GetOutput());
      dilate->SetKernel(box(static_cast<unsigned>(radius)));
      dilate->Update();
    });
  }
  // By hand it takes as long as there are bright voxels in the air: hardly any.
  report("opening with a cross of 7 voxels, ITK", [&] {
    auto erode = itk::BinaryErodeImageFilter<ItkMask, ItkMask, Element>::New();
    erode->SetInput(view->GetOutput());
    erode->SetKernel(cross());
    erode->SetForegroundValue(1);
    auto dilate = itk::BinaryDilateImageFilter<ItkMask, ItkMask, Element>::New();
    dilate->SetInput(erode->GetOutput());
    dilate->SetKernel(cross());
    dilate->SetForegroundValue(1);
    dilate->Update();
  });
}

}  // namespace

void compare_filters(const Image& image, const LabelMap& labels) {
  prepare_itk();
  Mask inside(image.grid);
  std::vector<float> sample;
  for (std::size_t v = 0; v < inside.voxels.size(); ++v) {
    inside.voxels[v] = image.voxels[v] > 0 || labels.voxels[v] != 0;
    if (v % 25 == 0) sample.push_back(image.voxels[v]);
  }
  compare_components(inside, labels);
  compare_morphology(inside);
  const float top = *std::max_element(sample.begin(), sample.end());
  report("Otsu's threshold of every 25th voxel, ITK", [&] { otsu_threshold(sample, top); });
}

}  // namespace hypersynth
