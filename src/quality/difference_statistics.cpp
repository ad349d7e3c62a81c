#include "quality/difference_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint8_t kWhite = pure(Tissue::kWhiteMatter);
constexpr std::uint8_t kGrey = pure(Tissue::kGreyMatter);

void add(DifferenceSums& sums, double value) {
  ++sums.n;
  sums.sum += value;
  sums.squares += value * value;
}

void add_pair(DifferenceStatistics& statistics, std::size_t axis, double step, std::uint8_t from,
              std::uint8_t to) {
  add(statistics.axis[axis], step);
  if (from == to && (from == kWhite || from == kGrey)) {
    add(statistics.within, step);
  } else if (from == kGrey && to == kWhite) {
    add(statistics.edge, step);
  } else if (from == kWhite && to == kGrey) {
    add(statistics.edge, -step);
  }
}

}  // namespace

double DifferenceSums::mean() const { return n > 0 ? sum / static_cast<double>(n) : kNan; }

double DifferenceSums::variance() const {
  if (n == 0) return kNan;
  return std::max(0.0, squares / static_cast<double>(n) - mean() * mean());
}

double DifferenceStatistics::fwhm_voxels(std::size_t along) const {
  const double correlation = 1 - axis[along].variance() / (2 * intensity.variance());
  if (!(correlation > 0 && correlation < 1)) return kNan;
  return std::sqrt(-2 * std::log(2.0) / std::log(correlation));
}

DifferenceStatistics measure_differences(const Image& image, const TissueMap& map) {
  DifferenceStatistics statistics;
  const auto& shape = image.grid.shape;
  const auto ni = static_cast<std::size_t>(shape[0]);
  const std::size_t plane = ni * static_cast<std::size_t>(shape[1]);
  const std::array<std::size_t, 3> strides{1, ni, plane};
  std::size_t offset = 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      const std::array<bool, 3> has_next{true, j + 1 < shape[1], k + 1 < shape[2]};
      for (std::int64_t i = 0; i < shape[0]; ++i, ++offset) {
        const std::uint8_t tissue = map.tissue[offset];
        if (tissue == 0) continue;
        const double value = image.voxels[offset];
        add(statistics.intensity, value);
        for (std::size_t axis = 0; axis < 3; ++axis) {
          if (!has_next[axis] || (axis == 0 && i + 1 == shape[0])) continue;
          const std::size_t next = offset + strides[axis];
          if (map.tissue[next] == 0) continue;
          add_pair(statistics, axis, image.voxels[next] - value, tissue, map.tissue[next]);
        }
      }
    }
  }
  return statistics;
}

}  // namespace hypersynth
