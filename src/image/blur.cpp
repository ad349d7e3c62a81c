#include "image/blur.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "image/slabs.h"

namespace hypersynth {

namespace {

constexpr double kLeastSigma = 0.2;
constexpr double kTruncation = 4;

/// `count` lines of `width` voxels, `stride` apart, that are blurred into each other.
struct Lines {
  float* first;
  std::int64_t count;
  std::int64_t stride;
  std::int64_t width;
};

/// Blurs across lines; `copy` is room for all of them.
void blur_across(const Lines& lines, const std::vector<float>& kernel, std::vector<float>& copy) {
  copy.resize(static_cast<std::size_t>(lines.count * lines.width));
  for (std::int64_t n = 0; n < lines.count; ++n) {
    std::copy_n(lines.first + n * lines.stride, lines.width, copy.data() + n * lines.width);
  }
  const auto line = [&](std::int64_t n) {
    return copy.data() + std::clamp<std::int64_t>(n, 0, lines.count - 1) * lines.width;
  };
  for (std::int64_t n = 0; n < lines.count; ++n) {
    float* const out = lines.first + n * lines.stride;
    const float* const centre = line(n);
    for (std::int64_t i = 0; i < lines.width; ++i) out[i] = kernel[0] * centre[i];
    for (std::size_t offset = 1; offset < kernel.size(); ++offset) {
      const float* const before = line(n - static_cast<std::int64_t>(offset));
      const float* const after = line(n + static_cast<std::int64_t>(offset));
      const float weight = kernel[offset];
      for (std::int64_t i = 0; i < lines.width; ++i) out[i] += weight * (before[i] + after[i]);
    }
  }
}

/// Blurs a row of `count` voxels along itself; `padded` is room for it with its borders repeated.
void blur_row(float* row, std::int64_t count, const std::vector<float>& kernel,
              std::vector<float>& padded) {
  const auto radius = static_cast<std::int64_t>(kernel.size()) - 1;
  padded.assign(static_cast<std::size_t>(count + 2 * radius), row[count - 1]);
  std::fill_n(padded.begin(), radius, row[0]);
  std::copy_n(row, count, padded.begin() + radius);
  const float* const centre = padded.data() + radius;
  for (std::int64_t i = 0; i < count; ++i) row[i] = kernel[0] * centre[i];
  for (std::int64_t offset = 1; offset <= radius; ++offset) {
    const float weight = kernel[static_cast<std::size_t>(offset)];
    for (std::int64_t i = 0; i < count; ++i) {
      row[i] += weight * (centre[i - offset] + centre[i + offset]);
    }
  }
}

}  // namespace

std::vector<float> gaussian_half_kernel(double sigma_voxels) {
  if (sigma_voxels < kLeastSigma) return {1.0F};
  const int radius = static_cast<int>(std::lround(kTruncation * sigma_voxels));
  std::vector<double> weights;
  double sum = 0;
  for (int offset = 0; offset <= radius; ++offset) {
    weights.push_back(std::exp(-0.5 * offset * offset / (sigma_voxels * sigma_voxels)));
    sum += (offset == 0 ? 1 : 2) * weights.back();
  }
  std::vector<float> kernel;
  for (const double weight : weights) kernel.push_back(static_cast<float>(weight / sum));
  return kernel;
}

void gaussian_blur(Image& image, const std::array<double, 3>& sigma_voxels, int threads) {
  const auto& shape = image.grid.shape;
  const std::array<std::int64_t, 3> strides = {1, shape[0], shape[0] * shape[1]};
  float* const voxels = image.voxels.data();
  if (sigma_voxels[0] >= kLeastSigma) {
    const auto kernel = gaussian_half_kernel(sigma_voxels[0]);
    for_each_slab(shape[1] * shape[2], threads, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> padded;
      for (std::int64_t row = begin; row < end; ++row) {
        blur_row(voxels + row * shape[0], shape[0], kernel, padded);
      }
    });
  }
  for (const std::size_t axis : {1, 2}) {
    if (sigma_voxels[axis] < kLeastSigma) continue;
    const auto kernel = gaussian_half_kernel(sigma_voxels[axis]);
    const std::size_t other = 3 - axis;
    for_each_slab(shape[other], threads, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> copy;
      for (std::int64_t n = begin; n < end; ++n) {
        const Lines lines{voxels + n * strides[other], shape[axis], strides[axis], shape[0]};
        blur_across(lines, kernel, copy);
      }
    });
  }
}

}  // namespace hypersynth
