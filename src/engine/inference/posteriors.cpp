#include "engine/inference/posteriors.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>

#include "image/connected_components.h"

namespace hypersynth {

namespace {

constexpr float kOne = 65535.0F;

/// A copy of one class inside a box, as floats.
class BoxValues {
 public:
  explicit BoxValues(const VoxelBox& box)
      : box_(box), values_(static_cast<std::size_t>(box.voxel_count())) {}

  void load(const std::uint16_t* plane, const Grid& grid) {
    for_each_row(grid, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < box_.extent(0); ++i) values_[to + i] = plane[from + i];
    });
  }

  void store(std::uint16_t* plane, const Grid& grid) const {
    for_each_row(grid, [&](std::int64_t to, std::int64_t from) {
      for (std::int64_t i = 0; i < box_.extent(0); ++i) {
        plane[to + i] = static_cast<std::uint16_t>(values_[from + i] + 0.5F);
      }
    });
  }

  /// Convolves along one axis with a symmetric kernel of radius 2; values outside the box count as
  /// those at its faces.
  void smooth(int axis, const std::array<float, 3>& kernel, std::vector<float>& scratch) {
    const std::int64_t strides[3] = {1, box_.extent(0), box_.extent(0) * box_.extent(1)};
    const std::int64_t stride = strides[axis];
    const std::int64_t extent = box_.extent(axis);
    const std::int64_t count = box_.voxel_count();
    scratch.resize(values_.size());
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < count / box_.extent(0); ++row) {
      const std::int64_t begin = row * box_.extent(0);
      if (axis == 0) {
        smooth_within(begin, kernel, scratch);
        continue;
      }
      const std::int64_t at = begin / stride % extent;
      const auto neighbour = [&](std::int64_t step) {
        return values_.data() + begin +
               (std::clamp<std::int64_t>(at + step, 0, extent - 1) - at) * stride;
      };
      const float* rows[5] = {neighbour(-2), neighbour(-1), neighbour(0), neighbour(1),
                              neighbour(2)};
      for (std::int64_t i = 0; i < box_.extent(0); ++i) {
        scratch[begin + i] = kernel[0] * rows[2][i] + kernel[1] * (rows[1][i] + rows[3][i]) +
                             kernel[2] * (rows[0][i] + rows[4][i]);
      }
    }
    values_.swap(scratch);
  }

 private:
  template <typename Row>
  void for_each_row(const Grid& grid, const Row& row) const {
    const std::int64_t rows = box_.extent(1) * box_.extent(2);
#pragma omp parallel for schedule(static)
    for (std::int64_t index = 0; index < rows; ++index) {
      const std::int64_t j = box_.begin[1] + index % box_.extent(1);
      const std::int64_t k = box_.begin[2] + index / box_.extent(1);
      row(box_.begin[0] + grid.shape[0] * (j + grid.shape[1] * k), index * box_.extent(0));
    }
  }

  void smooth_within(std::int64_t begin, const std::array<float, 3>& kernel,
                     std::vector<float>& scratch) const {
    const std::int64_t extent = box_.extent(0);
    const float* in = values_.data() + begin;
    const auto at = [&](std::int64_t i) { return in[std::clamp<std::int64_t>(i, 0, extent - 1)]; };
    for (std::int64_t i = 0; i < extent; ++i) {
      scratch[begin + i] = kernel[0] * in[i] + kernel[1] * (at(i - 1) + at(i + 1)) +
                           kernel[2] * (at(i - 2) + at(i + 2));
    }
  }

  VoxelBox box_;
  std::vector<float> values_;
};

/// The box around all voxels that `inside` holds for, widened by the margin.
template <typename Inside>
VoxelBox bounding_box(const Grid& grid, const Inside& inside) {
  VoxelBox box{grid.shape, {0, 0, 0}};
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      const std::int64_t row = grid.shape[0] * (j + grid.shape[1] * k);
      std::int64_t first = 0;
      std::int64_t last = grid.shape[0];
      while (first < last && !inside(row + first)) ++first;
      while (last > first && !inside(row + last - 1)) --last;
      if (first == last) continue;
      box.begin = {std::min(box.begin[0], first), std::min(box.begin[1], j),
                   std::min(box.begin[2], k)};
      box.end = {std::max(box.end[0], last), std::max(box.end[1], j + 1),
                 std::max(box.end[2], k + 1)};
    }
  }
  if (box.empty()) return {};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    box.begin[axis] = std::max<std::int64_t>(0, box.begin[axis] - kForegroundMargin);
    box.end[axis] = std::min(grid.shape[axis], box.end[axis] + kForegroundMargin);
  }
  return box;
}

/// Largest component of the voxels in `box` with inside(offset in grid), as a mask of the box.
template <typename Inside>
Mask largest_in_box(const Grid& grid, const VoxelBox& box, const Inside& inside) {
  Mask mask(Grid{{box.extent(0), box.extent(1), box.extent(2)}, grid.world_from_voxel});
  std::size_t next = 0;
  for (std::int64_t k = box.begin[2]; k < box.end[2]; ++k) {
    for (std::int64_t j = box.begin[1]; j < box.end[1]; ++j) {
      const std::int64_t row = grid.shape[0] * (j + grid.shape[1] * k);
      for (std::int64_t i = box.begin[0]; i < box.end[0]; ++i)
        mask.voxels[next++] = inside(row + i);
    }
  }
  keep_largest_component(mask);
  return mask;
}

/// Calls change(offset in grid) for the voxels of `box` outside `mask`.
template <typename Change>
void outside(const Grid& grid, const VoxelBox& box, const Mask& mask, const Change& change) {
  std::size_t next = 0;
  for (std::int64_t k = box.begin[2]; k < box.end[2]; ++k) {
    for (std::int64_t j = box.begin[1]; j < box.end[1]; ++j) {
      const std::int64_t row = grid.shape[0] * (j + grid.shape[1] * k);
      for (std::int64_t i = box.begin[0]; i < box.end[0]; ++i) {
        if (mask.voxels[next++] == 0) change(row + i);
      }
    }
  }
}

void smooth_all(Posteriors& posteriors, const VoxelBox& box, double sigma) {
  const auto kernel = smoothing_kernel(sigma);
  BoxValues values(box);
  std::vector<float> scratch;
  for (int channel = 0; channel < posteriors.classes(); ++channel) {
    values.load(posteriors.plane(channel), posteriors.grid());
    for (int axis = 0; axis < 3; ++axis) values.smooth(axis, kernel, scratch);
    values.store(posteriors.plane(channel), posteriors.grid());
  }
}

void keep_largest_of_structure(Posteriors& posteriors, int channel, const VoxelBox& box,
                               std::uint16_t threshold) {
  std::uint16_t* plane = posteriors.plane(channel);
  const Grid& grid = posteriors.grid();
  VoxelBox own = bounding_box(grid, [&](std::int64_t v) { return plane[v] > 0; });
  for (std::size_t axis = 0; axis < 3; ++axis) {
    own.begin[axis] = std::max(own.begin[axis], box.begin[axis]);
    own.end[axis] = std::min(own.end[axis], box.end[axis]);
  }
  if (own.empty()) return;
  const Mask mask = largest_in_box(grid, own, [&](std::int64_t v) { return plane[v] > threshold; });
  outside(grid, own, mask, [&](std::int64_t v) {
    if (plane[v] > threshold) plane[v] = 0;
  });
}

/// Makes the classes of every voxel in the box sum to 1; where all are 0 it is background.
void renormalise(Posteriors& posteriors, int background, const VoxelBox& box) {
  const Grid& grid = posteriors.grid();
  const std::int64_t rows = box.extent(1) * box.extent(2);
#pragma omp parallel
  {
    std::vector<float> total(static_cast<std::size_t>(box.extent(0)));
#pragma omp for schedule(static)
    for (std::int64_t index = 0; index < rows; ++index) {
      const std::int64_t j = box.begin[1] + index % box.extent(1);
      const std::int64_t k = box.begin[2] + index / box.extent(1);
      const std::int64_t row = box.begin[0] + grid.shape[0] * (j + grid.shape[1] * k);
      std::fill(total.begin(), total.end(), 0.0F);
      for (int channel = 0; channel < posteriors.classes(); ++channel) {
        const std::uint16_t* plane = posteriors.plane(channel) + row;
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += plane[i];
      }
      for (std::size_t i = 0; i < total.size(); ++i) {
        if (total[i] == 0) posteriors.plane(background)[row + static_cast<std::int64_t>(i)] = 65535;
        total[i] = total[i] > 0 ? kOne / total[i] : 1.0F;
      }
      for (int channel = 0; channel < posteriors.classes(); ++channel) {
        std::uint16_t* plane = posteriors.plane(channel) + row;
        for (std::size_t i = 0; i < total.size(); ++i) {
          plane[i] = static_cast<std::uint16_t>(std::min(kOne, plane[i] * total[i] + 0.5F));
        }
      }
    }
  }
}

}  // namespace

std::array<float, 3> smoothing_kernel(double sigma_voxels) {
  const double first = std::exp(-0.5 / (sigma_voxels * sigma_voxels));
  const double second = std::exp(-2.0 / (sigma_voxels * sigma_voxels));
  const double total = 1 + 2 * (first + second);
  return {static_cast<float>(1 / total), static_cast<float>(first / total),
          static_cast<float>(second / total)};
}

Posteriors::Posteriors(const Grid& grid, int classes)
    : grid_(grid),
      classes_(classes),
      values_(static_cast<std::uint16_t*>(std::calloc(
          static_cast<std::size_t>(grid.voxel_count()) * static_cast<std::size_t>(classes),
          sizeof(std::uint16_t)))) {
  if (!values_) throw std::bad_alloc();
}

void Posteriors::add_row(std::int64_t j, std::int64_t k, const float* values,
                         std::int64_t class_stride, float weight) {
  const std::int64_t ni = grid_.shape[0];
  const std::int64_t row = ni * (j + grid_.shape[1] * k);
  const float factor = weight * kOne;
  constexpr std::int64_t kPage = 4096 / sizeof(std::uint16_t);
  for (int channel = 0; channel < classes_; ++channel) {
    std::uint16_t* to = plane(channel) + row;
    const float* from = values + channel * class_stride;
    float largest = 0;
    for (std::int64_t i = 0; i < ni; ++i) largest = std::max(largest, from[i]);
    if (largest * factor < 0.5F) continue;
    // A fresh page is written to before it is read (GCC makes this a locked `or`). A page that is
    // read first is mapped to a page of zeros and copied when it is written to, which stops all
    // processors: that took a quarter of the time of the network with AMX.
    const auto touch = [](std::uint16_t& value) {
      std::atomic_ref<std::uint16_t>(value).fetch_or(0, std::memory_order_relaxed);
    };
    touch(*to);
    for (std::int64_t i = ni - 1; i > 0; i -= kPage) touch(to[i]);
    for (std::int64_t i = 0; i < ni; ++i) {
      const int sum = to[i] + static_cast<int>(from[i] * factor + 0.5F);
      to[i] = static_cast<std::uint16_t>(std::min(sum, 65535));
    }
  }
}

void Posteriors::copy_to(int channel, std::vector<float>& values) const {
  const std::int64_t count = grid_.voxel_count();
  values.resize(static_cast<std::size_t>(count));
  const std::uint16_t* from = plane(channel);
#pragma omp parallel for schedule(static)
  for (std::int64_t v = 0; v < count; ++v) values[v] = from[v] * (1 / kOne);
}

VoxelBox postprocess(Posteriors& posteriors, int background, const std::vector<int>& scattered,
                     const PostprocessOptions& options) {
  const Grid& grid = posteriors.grid();
  std::uint16_t* outer = posteriors.plane(background);
  const auto wide =
      static_cast<std::uint16_t>(kOne * widened_background(options.foreground_threshold));
  const VoxelBox box = bounding_box(grid, [&](std::int64_t v) { return outer[v] < wide; });
  if (box.empty()) return box;
  if (options.smoothing_sigma_voxels > 0) {
    smooth_all(posteriors, box, options.smoothing_sigma_voxels);
  }
  const auto foreground = static_cast<std::uint16_t>(kOne * (1 - options.foreground_threshold));
  const Mask head =
      largest_in_box(grid, box, [&](std::int64_t v) { return outer[v] < foreground; });
  const auto threshold = static_cast<std::uint16_t>(kOne * options.structure_threshold);
#pragma omp parallel for schedule(dynamic)
  for (int channel = 0; channel < posteriors.classes(); ++channel) {
    if (channel == background) continue;
    std::uint16_t* plane = posteriors.plane(channel);
    outside(grid, box, head, [&](std::int64_t v) { plane[v] = 0; });
    const bool whole = std::find(scattered.begin(), scattered.end(), channel) == scattered.end();
    if (whole) keep_largest_of_structure(posteriors, channel, box, threshold);
  }
  renormalise(posteriors, background, box);
  return bounding_box(grid, [&](std::int64_t v) { return outer[v] < 65535; });
}

std::vector<Channel> most_probable(const Posteriors& posteriors, int background,
                                   const VoxelBox& box) {
  const Grid& grid = posteriors.grid();
  std::vector<Channel> best(static_cast<std::size_t>(grid.voxel_count()),
                            static_cast<Channel>(background));
  const std::int64_t rows = box.extent(1) * box.extent(2);
#pragma omp parallel
  {
    std::vector<std::uint16_t> largest(
        static_cast<std::size_t>(std::max<std::int64_t>(0, box.extent(0))));
#pragma omp for schedule(static)
    for (std::int64_t index = 0; index < rows; ++index) {
      const std::int64_t j = box.begin[1] + index % box.extent(1);
      const std::int64_t k = box.begin[2] + index / box.extent(1);
      const std::int64_t row = box.begin[0] + grid.shape[0] * (j + grid.shape[1] * k);
      const std::uint16_t* outer = posteriors.plane(background) + row;
      std::copy(outer, outer + largest.size(), largest.begin());
      for (int channel = 0; channel < posteriors.classes(); ++channel) {
        const std::uint16_t* plane = posteriors.plane(channel) + row;
        Channel* to = best.data() + row;
        for (std::size_t i = 0; i < largest.size(); ++i) {
          const bool larger = plane[i] > largest[i];
          largest[i] = larger ? plane[i] : largest[i];
          to[i] = larger ? static_cast<Channel>(channel) : to[i];
        }
      }
    }
  }
  return best;
}

std::vector<double> soft_volumes_mm3(const Posteriors& posteriors, const VoxelBox& box) {
  const Grid& grid = posteriors.grid();
  std::vector<double> volumes(static_cast<std::size_t>(posteriors.classes()));
#pragma omp parallel for schedule(dynamic)
  for (int channel = 0; channel < posteriors.classes(); ++channel) {
    std::uint64_t sum = 0;
    for (std::int64_t k = box.begin[2]; k < box.end[2]; ++k) {
      for (std::int64_t j = box.begin[1]; j < box.end[1]; ++j) {
        const std::uint16_t* row =
            posteriors.plane(channel) + grid.shape[0] * (j + grid.shape[1] * k);
        for (std::int64_t i = box.begin[0]; i < box.end[0]; ++i) sum += row[i];
      }
    }
    volumes[channel] = static_cast<double>(sum) / 65535.0 * voxel_volume_mm3(grid);
  }
  return volumes;
}

std::vector<double> mean_posteriors(const Posteriors& posteriors,
                                    const std::vector<Channel>& channels, const VoxelBox& box) {
  const auto& shape = posteriors.grid().shape;
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(posteriors.classes()));
  std::vector<std::int64_t> counts(sums.size());
  for (std::int64_t k = box.begin[2]; k < box.end[2]; ++k) {
    for (std::int64_t j = box.begin[1]; j < box.end[1]; ++j) {
      const std::int64_t row = shape[0] * (j + shape[1] * k);
      for (std::int64_t v = row + box.begin[0]; v < row + box.end[0]; ++v) {
        const Channel channel = channels[static_cast<std::size_t>(v)];
        sums[channel] += posteriors.plane(channel)[v];
        ++counts[channel];
      }
    }
  }
  std::vector<double> means(sums.size());
  for (std::size_t c = 0; c < means.size(); ++c)
    means[c] = static_cast<double>(sums[c]) / 65535.0 / static_cast<double>(counts[c]);
  return means;
}

}  // namespace hypersynth
