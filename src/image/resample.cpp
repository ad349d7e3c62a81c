#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "image/blur.h"
#include "image/rotation.h"
#include "image/slabs.h"

namespace hypersynth {

namespace {

/// Axes count as parallel if they deviate by at most this many source voxels over the whole target.
constexpr double kAlignedVoxels = 1e-3;

float lerp(float a, float b, float weight) { return a + weight * (b - a); }

/// out = a + weight (b - a), elementwise.
void blend(const float* a, const float* b, float weight, std::int64_t count, float* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = lerp(a[i], b[i], weight);
}

}  // namespace

Resampler::Resampler(const Grid& source, const Grid& target, int threads)
    : source_(source),
      target_(target),
      source_from_target_(multiply(inverse(source.world_from_voxel), target.world_from_voxel)),
      threads_(threads) {
  plan_separable();
}

void Resampler::plan_separable() {
  std::array<bool, 3> taken{false, false, false};
  bool identity = source_.shape == target_.shape;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto& row = source_from_target_[axis];
    std::size_t along = 0;
    for (std::size_t other = 1; other < 3; ++other) {
      if (std::abs(row[other]) > std::abs(row[along])) along = other;
    }
    double misalignment = 0;
    for (std::size_t other = 0; other < 3; ++other) {
      const auto extent = static_cast<double>(target_.shape[other] - 1);
      if (other != along) misalignment += std::abs(row[other]) * extent;
    }
    if (taken[along] || misalignment > kAlignedVoxels) return;
    taken[along] = true;
    target_axis_[axis] = along;
    axis_samples_[axis] =
        samples_along(row[3], row[along], target_.shape[along], source_.shape[axis]);
    const double drift =
        std::abs(row[3]) + std::abs(row[along] - 1) * static_cast<double>(target_.shape[along] - 1);
    identity = identity && along == axis && drift <= kAlignedVoxels;
  }
  kind_ = identity ? Kind::kCopy : Kind::kSeparable;
}

Resampler::AxisSamples Resampler::samples_along(double start, double step, std::int64_t count,
                                                std::int64_t source_count) {
  AxisSamples result;
  result.count = count;
  const auto last = static_cast<double>(source_count - 1);
  for (std::int64_t index = 0; index < count; ++index) {
    const double position = start + step * static_cast<double>(index);
    if (position < -0.5 || position > last + 0.5) continue;
    if (result.samples.empty()) result.first = index;
    const double inside = std::clamp(position, 0.0, last);
    const auto lower = static_cast<std::int32_t>(inside);
    const auto upper =
        static_cast<std::int32_t>(std::min<std::int64_t>(lower + 1, source_count - 1));
    result.samples.push_back({lower, upper, static_cast<float>(inside - lower)});
  }
  return result;
}

std::optional<std::array<Resampler::AxisLookup, 3>> Resampler::lookups() const {
  if (kind_ == Kind::kGeneral) return std::nullopt;
  std::array<AxisLookup, 3> result;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const AxisSamples& samples = axis_samples_[axis];
    AxisLookup& lookup = result[target_axis_[axis]];
    const auto count = static_cast<std::size_t>(samples.count);
    lookup = {axis, std::vector<std::int64_t>(count), std::vector<std::int64_t>(count),
              std::vector<float>(count), std::vector<float>(count)};
    for (std::size_t i = 0; i < samples.samples.size(); ++i) {
      const auto at = static_cast<std::size_t>(samples.first) + i;
      lookup.lower[at] = samples.samples[i].lower;
      lookup.upper[at] = samples.samples[i].upper;
      lookup.weight[at] = samples.samples[i].weight;
      lookup.inside[at] = 1;
    }
  }
  return result;
}

void Resampler::resample(const std::vector<float>& source, std::vector<float>& target) const {
  if (static_cast<std::int64_t>(source.size()) != source_.voxel_count()) {
    throw std::invalid_argument("the volume isn't on the source grid of the resampler");
  }
  if (kind_ == Kind::kCopy) {
    target = source;
    return;
  }
  target.assign(static_cast<std::size_t>(target_.voxel_count()), 0.0F);
  if (kind_ == Kind::kGeneral) {
    resample_general(source.data(), target.data());
    return;
  }
  resample_separable(source.data(), target.data());
}

void Resampler::resample_separable(const float* source, float* target) const {
  StridedView view;  // the target seen with its axes in the source's order
  const std::array<std::int64_t, 3> strides = {1, axis_samples_[0].count,
                                               axis_samples_[0].count * axis_samples_[1].count};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    view.shape[target_axis_[axis]] = axis_samples_[axis].count;
    view.strides[target_axis_[axis]] = strides[axis];
  }
  const bool in_order = target_axis_ == std::array<std::size_t, 3>{0, 1, 2};
  std::vector<float> reordered(in_order ? 0 : static_cast<std::size_t>(target_.voxel_count()));
  float* const out = in_order ? target : reordered.data();
  const AxisSamples& slices = axis_samples_[2];
  for_each_slab(
      static_cast<std::int64_t>(slices.samples.size()), threads_,
      [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> plane(static_cast<std::size_t>(source_.shape[0] * source_.shape[1]));
        std::vector<float> row(static_cast<std::size_t>(source_.shape[0]));
        for (std::int64_t k = begin; k < end; ++k) {
          resample_slice(source, k, plane, row, out + strides[2] * (slices.first + k));
        }
      });
  if (!in_order) copy_strided(reordered.data(), view, target, threads_);
}

void Resampler::resample_slice(const float* source, std::int64_t k, std::vector<float>& plane,
                               std::vector<float>& row, float* target) const {
  const std::int64_t row_size = source_.shape[0];
  const std::int64_t plane_size = row_size * source_.shape[1];
  const Sample& z = axis_samples_[2].samples[static_cast<std::size_t>(k)];
  blend(source + z.lower * plane_size, source + z.upper * plane_size, z.weight, plane_size,
        plane.data());
  const auto& [i_count, i_first, x_samples] = axis_samples_[0];
  float* out_row = target + i_count * axis_samples_[1].first + i_first;
  for (const Sample& y : axis_samples_[1].samples) {
    blend(plane.data() + y.lower * row_size, plane.data() + y.upper * row_size, y.weight, row_size,
          row.data());
    for (std::size_t i = 0; i < x_samples.size(); ++i) {
      const Sample& x = x_samples[i];
      out_row[i] = lerp(row[static_cast<std::size_t>(x.lower)],
                        row[static_cast<std::size_t>(x.upper)], x.weight);
    }
    out_row += i_count;
  }
}

void Resampler::resample_general(const float* source, float* target) const {
  const auto [ni, nj, nk] = target_.shape;
  for_each_slab(nk, threads_, [&, ni = ni, nj = nj](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k) {
      for (std::int64_t j = 0; j < nj; ++j) resample_row(source, j, k, target + ni * (j + nj * k));
    }
  });
}

void Resampler::resample_row(const float* source, std::int64_t j, std::int64_t k,
                             float* target) const {
  const std::array<std::int64_t, 3> strides = {1, source_.shape[0],
                                               source_.shape[0] * source_.shape[1]};
  const auto start =
      transform(source_from_target_, {0, static_cast<double>(j), static_cast<double>(k)});
  for (std::int64_t i = 0; i < target_.shape[0]; ++i) {
    std::array<float, 3> weight{};
    std::array<std::int64_t, 3> step{};
    std::int64_t corner = 0;
    bool inside = true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto last = static_cast<double>(source_.shape[axis] - 1);
      const double position = start[axis] + source_from_target_[axis][0] * static_cast<double>(i);
      inside = inside && position >= -0.5 && position <= last + 0.5;
      const double clamped = std::clamp(position, 0.0, last);
      const auto lower = static_cast<std::int64_t>(clamped);
      weight[axis] = static_cast<float>(clamped - static_cast<double>(lower));
      step[axis] = lower + 1 < source_.shape[axis] ? strides[axis] : 0;
      corner += lower * strides[axis];
    }
    if (!inside) continue;
    const float* const c = source + corner;
    const auto along_x = [&](std::int64_t offset) {
      return lerp(c[offset], c[offset + step[0]], weight[0]);
    };
    const float front = lerp(along_x(0), along_x(step[1]), weight[1]);
    const float back = lerp(along_x(step[2]), along_x(step[2] + step[1]), weight[1]);
    target[i] = lerp(front, back, weight[2]);
  }
}

Image resample(const Image& image, const Grid& target, int threads) {
  Image result;
  result.grid = target;
  Resampler(image.grid, target, threads).resample(image.voxels, result.voxels);
  return result;
}

std::array<double, 3> antialiasing_sigma_voxels(const Grid& source, const Grid& target) {
  const double fwhm_per_sigma = 2 * std::sqrt(2 * std::log(2.0));
  const Affine source_from_target =
      multiply(inverse(source.world_from_voxel), target.world_from_voxel);
  std::array<double, 3> sigma_voxels{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto& row = source_from_target[axis];
    const double squared = row[0] * row[0] + row[1] * row[1] + row[2] * row[2];
    sigma_voxels[axis] = std::sqrt(std::max(0.0, squared - 1)) / fwhm_per_sigma;
  }
  return sigma_voxels;
}

Image resample_antialiased(const Image& image, const Grid& target, int threads) {
  Image blurred = image;
  gaussian_blur(blurred, antialiasing_sigma_voxels(image.grid, target), threads);
  return resample(blurred, target, threads);
}

Grid isotropic_grid(const Grid& source, double spacing_mm) {
  const Affine frame = nearest_orthogonal(source.world_from_voxel);
  const Affine frame_from_voxel = multiply(inverse(frame), source.world_from_voxel);
  Grid result;
  result.world_code = source.world_code;
  std::array<double, 3> first{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    // The field of view reaches half a voxel beyond the outermost voxel centres.
    double centre = frame_from_voxel[axis][3];
    double half_extent = 0;
    for (std::size_t voxel = 0; voxel < 3; ++voxel) {
      const auto count = static_cast<double>(source.shape[voxel]);
      centre += frame_from_voxel[axis][voxel] * (count - 1) / 2;
      half_extent += std::abs(frame_from_voxel[axis][voxel]) * count / 2;
    }
    // Not a slice more for a rounding error of the affine.
    const double count = std::max(1.0, std::ceil(2 * half_extent / spacing_mm - 1e-3));
    result.shape[axis] = static_cast<std::int64_t>(count);
    first[axis] = centre - (count - 1) / 2 * spacing_mm;
  }
  const auto origin = transform(frame, first);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      result.world_from_voxel[row][axis] = frame[row][axis] * spacing_mm;
    }
    // Rounded by less than 1e-4 mm to what NIfTI-1 can hold, however far the scanner's origin is.
    result.world_from_voxel[row][3] = static_cast<double>(static_cast<float>(origin[row]));
  }
  return result;
}

}  // namespace hypersynth
