#include <algorithm>
#include <array>
#include <cmath>
#include <itkImage.h>
#include <itkImageMaskSpatialObject.h>
#include <itkLandmarkBasedTransformInitializer.h>
#include <itkRegistrationParameterScalesFromPhysicalShift.h>
#include <itkSmoothingRecursiveGaussianImageFilter.h>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <itkEuler3DTransform.h>
#include <itkImageRegistrationMethodv4.h>
#include <itkMattesMutualInformationImageToImageMetricv4.h>
#include <itkRegularStepGradientDescentOptimizerv4.h>
#include <itkVersorRigid3DTransform.h>

#include "evaluation/rigid_alignment.h"
#include "image/itk_call.h"
#include "image/resample.h"
#include "image/resample_labels.h"

namespace hypersynth {
namespace {

using ItkImage = itk::Image<float, 3>;
using ItkMask = itk::Image<unsigned char, 3>;
using MaskObject = itk::ImageMaskSpatialObject<3>;
using Rigid = itk::Euler3DTransform<double>;
using Metric = itk::MattesMutualInformationImageToImageMetricv4<ItkImage, ItkImage>;
using Registration = itk::ImageRegistrationMethodv4<ItkImage, ItkImage, Rigid>;
using Optimizer = itk::RegularStepGradientDescentOptimizerv4<double>;
using Scales = itk::RegistrationParameterScalesFromPhysicalShift<Metric>;
using Place = std::array<double, 3>;

constexpr int kHistogramBins = 32;
constexpr double kFinest_mm = 2;  ///< voxels of what is aligned
/// Of each of the two levels: voxels are about this large and blurred by so many mm. Of the whole
/// scan about so many points are drawn, of which those around the labels count.
constexpr std::array<double, 2> kVoxel_mm{4, 2};
constexpr std::array<double, 2> kBlur_mm{2, 1};
constexpr double kSamples = 60000;
constexpr unsigned kMostSteps = 100;  ///< of each level
/// In units of the transform's parameters, where a step begins at 1 mm of the scan's corners.
constexpr double kShortestStep = 1e-5;
constexpr double kLargeRotation_deg = 20;
constexpr unsigned kSeed = 1;  ///< of the choice of samples

/// An ITK image of a grid's shape and place, all 0. ITK's world is our own (RAS+): nothing here
/// depends on which way its axes run.
template <typename T>
typename itk::Image<T, 3>::Pointer itk_image(const Grid& grid) {
  auto image = itk::Image<T, 3>::New();
  typename itk::Image<T, 3>::SizeType size{};
  std::copy(grid.shape.begin(), grid.shape.end(), size.begin());
  const auto spacing = spacing_mm(grid);
  typename itk::Image<T, 3>::DirectionType direction;
  typename itk::Image<T, 3>::PointType origin;
  for (unsigned row = 0; row < 3; ++row) {
    origin[row] = grid.world_from_voxel[row][3];
    for (unsigned column = 0; column < 3; ++column)
      direction[row][column] = grid.world_from_voxel[row][column] / spacing[column];
  }
  image->SetRegions(size);
  image->SetSpacing(spacing.data());
  image->SetOrigin(origin);
  image->SetDirection(direction);
  image->Allocate(true);
  return image;
}

ItkImage::Pointer itk_image_of(const Image& image) {
  auto result = itk_image<float>(image.grid);
  std::copy(image.voxels.begin(), image.voxels.end(), result->GetBufferPointer());
  return result;
}

/// The labelled voxels and what is within some 5 mm of them: the borders of the brain tell more of
/// how it lies than its inside.
MaskObject::Pointer surroundings_of(const LabelMap& labels) {
  auto labelled = itk_image<float>(labels.grid);
  for (std::size_t v = 0; v < labels.voxels.size(); ++v)
    labelled->GetBufferPointer()[v] = labels.voxels[v] != 0 ? 1.F : 0.F;
  auto blur = itk::SmoothingRecursiveGaussianImageFilter<ItkImage, ItkImage>::New();
  blur->SetInput(labelled);
  blur->SetSigma(3);
  blur->Update();
  auto mask = itk_image<unsigned char>(labels.grid);
  const float* const near = blur->GetOutput()->GetBufferPointer();
  for (std::size_t v = 0; v < labels.voxels.size(); ++v)
    mask->GetBufferPointer()[v] = near[v] > 0.05F ? 1 : 0;
  auto object = MaskObject::New();
  object->SetImage(mask);
  object->Update();
  return object;
}

/// The centre of each label, in the world; of all labels together under 0.
std::map<std::int32_t, Place> centres_of(const LabelMap& labels) {
  struct Sum {
    double count = 0;
    Place index{};
  };
  std::map<std::int32_t, Sum> sums;
  std::size_t v = 0;
  Sum* sum = nullptr;
  std::int32_t last = 0;
  for (std::int64_t k = 0; k < labels.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < labels.grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < labels.grid.shape[0]; ++i, ++v) {
        const std::int32_t label = labels.voxels[v];
        if (label == 0) continue;
        if (sum == nullptr || label != last) sum = &sums[last = label];
        ++sum->count;
        sum->index[0] += static_cast<double>(i);
        sum->index[1] += static_cast<double>(j);
        sum->index[2] += static_cast<double>(k);
      }
    }
  }
  Sum all;
  for (const auto& each : sums) {
    all.count += each.second.count;
    for (std::size_t axis = 0; axis < 3; ++axis) all.index[axis] += each.second.index[axis];
  }
  if (all.count == 0) throw std::invalid_argument("a scan without labels cannot be aligned");
  sums[0] = all;
  std::map<std::int32_t, Place> centres;
  for (const auto& [label, each] : sums) {
    Place index = each.index;
    for (double& part : index) part /= each.count;
    centres[label] = transform(labels.grid.world_from_voxel, index);
  }
  return centres;
}

itk::Point<double, 3> point_of(const Place& place) {
  itk::Point<double, 3> point;
  std::copy(place.begin(), place.end(), point.begin());
  return point;
}

Rigid::Pointer shift(const Place& from, const Place& to) {
  auto rigid = Rigid::New();
  rigid->SetCenter(point_of(from));
  rigid->SetTranslation(point_of(to) - point_of(from));
  return rigid;
}

/// Aligns the centres of the labels that both have: the best rigid transform, or, with less than
/// four of them, a shift.
Rigid::Pointer align_centres(const std::map<std::int32_t, Place>& first,
                             const std::map<std::int32_t, Place>& later) {
  using Whole = itk::VersorRigid3DTransform<double>;
  using Initializer = itk::LandmarkBasedTransformInitializer<Whole, ItkImage, ItkImage>;
  Initializer::LandmarkPointContainer from, to;
  for (const auto& [label, centre] : first) {
    const auto same = later.find(label);
    if (label == 0 || same == later.end()) continue;
    from.push_back(point_of(centre));
    to.push_back(point_of(same->second));
  }
  const auto rigid = shift(first.at(0), later.at(0));
  if (from.size() < 4) return rigid;
  auto whole = Whole::New();
  auto initializer = Initializer::New();
  initializer->SetTransform(whole);
  initializer->SetFixedLandmarks(from);
  initializer->SetMovingLandmarks(to);
  initializer->InitializeTransform();
  const auto centre = point_of(first.at(0));
  rigid->SetMatrix(whole->GetMatrix(), 1e-6);
  rigid->SetTranslation(whole->TransformPoint(centre) - centre);
  return rigid;
}

/// Moves `rigid` to where the mutual information of the images is largest, and returns it.
double refine(const ItkImage* first, const MaskObject* around, const ItkImage* later,
              Rigid* rigid) {
  auto metric = Metric::New();
  metric->SetNumberOfHistogramBins(kHistogramBins);
  metric->SetFixedImageMask(around);
  metric->SetUseMovingImageGradientFilter(false);
  metric->SetUseFixedImageGradientFilter(false);
  auto scales = Scales::New();
  scales->SetMetric(metric);
  scales->SetTransformForward(true);
  auto optimizer = Optimizer::New();
  optimizer->SetScalesEstimator(scales);
  optimizer->SetDoEstimateLearningRateOnce(true);
  optimizer->SetMaximumStepSizeInPhysicalUnits(1);
  optimizer->SetMinimumStepLength(kShortestStep);
  optimizer->SetRelaxationFactor(0.6);
  optimizer->SetNumberOfIterations(kMostSteps);
  optimizer->SetReturnBestParametersAndValue(true);
  auto registration = Registration::New();
  const auto size = first->GetBufferedRegion().GetSize();
  registration->SetNumberOfLevels(kVoxel_mm.size());
  Registration::SmoothingSigmasArrayType blur(kVoxel_mm.size());
  Registration::MetricSamplingPercentageArrayType sampled(kVoxel_mm.size());
  for (unsigned level = 0; level < kVoxel_mm.size(); ++level) {
    Registration::ShrinkFactorsPerDimensionContainerType shrink;
    double voxels = 1;
    for (unsigned axis = 0; axis < 3; ++axis) {
      const double factor = std::round(kVoxel_mm[level] / first->GetSpacing()[axis]);
      shrink[axis] = std::max(1U, static_cast<unsigned>(factor));
      voxels *= static_cast<double>(size[axis]) / static_cast<double>(shrink[axis]);
    }
    registration->SetShrinkFactorsPerDimension(level, shrink);
    blur[level] = kBlur_mm[level];
    sampled[level] = std::min(1.0, kSamples / voxels);
  }
  registration->SetFixedImage(first);
  registration->SetMovingImage(later);
  registration->SetMetric(metric);
  registration->SetOptimizer(optimizer);
  registration->SetInitialTransform(rigid);
  registration->InPlaceOn();
  registration->SetSmoothingSigmasPerLevel(blur);
  registration->SetSmoothingSigmasAreSpecifiedInPhysicalUnits(true);
  registration->SetMetricSamplingStrategy(Registration::MetricSamplingStrategyEnum::REGULAR);
  registration->SetMetricSamplingPercentagePerLevel(sampled);
  registration->MetricSamplingReinitializeSeed(kSeed);
  registration->Update();
  return -optimizer->GetCurrentMetricValue();
}

Affine affine_of(const Rigid& rigid) {
  Affine affine{};
  affine[3][3] = 1;
  for (unsigned row = 0; row < 3; ++row) {
    affine[row][3] = rigid.GetOffset()[row];
    for (unsigned column = 0; column < 3; ++column)
      affine[row][column] = rigid.GetMatrix()[row][column];
  }
  return affine;
}

double rotation_deg(const Affine& m) {
  const double cosine = (m[0][0] + m[1][1] + m[2][2] - 1) / 2;
  return std::acos(std::clamp(cosine, -1.0, 1.0)) * 180 / std::numbers::pi;
}

/// Where a scan lies, and how much the one tells of the other there.
struct Alignment {
  Rigid::Pointer rigid;
  double information = 0;
};

/// The best alignment from the centres of the labels. Where they ask for a large rotation, which
/// scanners seldom do and wrong labels often, from a mere shift as well.
Alignment align_scans(const ItkImage* first, const MaskObject* around, const ItkImage* later,
                      const std::map<std::int32_t, Place>& first_centres,
                      const std::map<std::int32_t, Place>& later_centres) {
  Alignment best{align_centres(first_centres, later_centres), 0};
  const bool is_large = rotation_deg(affine_of(*best.rigid)) > kLargeRotation_deg;
  best.information = refine(first, around, later, best.rigid);
  if (!is_large) return best;
  Alignment other{shift(first_centres.at(0), later_centres.at(0)), 0};
  try {
    other.information = refine(first, around, later, other.rigid);
  } catch (const itk::ExceptionObject&) {
    return best;  // from there the scans do not overlap
  }
  return other.information > best.information ? other : best;
}

/// The grid as it lies after its world has been mirrored: left is right.
Grid mirrored(Grid grid) {
  for (double& value : grid.world_from_voxel[0]) value = -value;
  return grid;
}

std::map<std::int32_t, Place> mirrored(const std::map<std::int32_t, Place>& centres,
                                       const std::map<std::int32_t, std::int32_t>& partners) {
  std::map<std::int32_t, Place> result;
  for (const auto& [label, centre] : centres) {
    const auto partner = partners.find(label);
    result[partner == partners.end() ? label : partner->second] = {-centre[0], centre[1],
                                                                   centre[2]};
  }
  return result;
}

/// A scan with voxels of about kFinest_mm, so that it is blurred and looked up in a tenth of the
/// time; the places of brains are found to a fraction of a voxel.
LabelledScan coarser(const LabelledScan& scan) {
  const auto spacing = spacing_mm(scan.image.grid);
  const double size = std::max(kFinest_mm, *std::min_element(spacing.begin(), spacing.end()));
  const Grid grid = isotropic_grid(scan.image.grid, size);
  return {resample_antialiased(scan.image, grid), resample_labels(scan.labels, grid)};
}

RigidAlignment align(const LabelledScan& first, const LabelledScan& later,
                     const std::map<std::int32_t, std::int32_t>& partners) {
  const auto first_centres = centres_of(first.labels);
  const auto later_centres = centres_of(later.labels);
  const LabelledScan fixed = coarser(first), moving = coarser(later);
  const auto fixed_image = itk_image_of(fixed.image);
  const auto around = surroundings_of(fixed.labels);
  RigidAlignment found;
  const Alignment best =
      align_scans(fixed_image, around, itk_image_of(moving.image), first_centres, later_centres);
  found.information = best.information;
  found.later_from_first = affine_of(*best.rigid);
  found.rotation_deg = rotation_deg(found.later_from_first);
  const Place centre = first_centres.at(0), moved = transform(found.later_from_first, centre);
  found.shift_mm = std::hypot(moved[0] - centre[0], moved[1] - centre[1], moved[2] - centre[2]);
  const Image mirror(mirrored(moving.image.grid), moving.image.voxels);
  found.mirrored_information = align_scans(fixed_image, around, itk_image_of(mirror), first_centres,
                                           mirrored(later_centres, partners))
                                   .information;
  return found;
}

}  // namespace
}  // namespace hypersynth

/// The entry point that rigid_alignment.cpp looks up.
extern "C" void hypersynth_align_rigidly(const hypersynth::LabelledScan* first,
                                         const hypersynth::LabelledScan* later,
                                         const std::map<std::int32_t, std::int32_t>* partners,
                                         hypersynth::RigidAlignment* alignment) {
  *alignment = hypersynth::call_itk("alignment of sessions",
                                    [&] { return hypersynth::align(*first, *later, *partners); });
}
