#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// Surface distances by comparing every surface voxel with every other: slow, and without the
/// product's own code.
struct BruteForce {
  std::vector<double> from_first_mm, from_second_mm;  // sorted

  BruteForce(const LabelMap& first, const LabelMap& second, std::int32_t index) {
    const auto a = surface(first, index), b = surface(second, index);
    from_first_mm = distances(a, b);
    from_second_mm = distances(b, a);
  }

  double hausdorff95() const {
    return std::max(percentile95(from_first_mm), percentile95(from_second_mm));
  }

  double mean() const {
    double sum = 0;
    for (const double d : from_first_mm) sum += d;
    for (const double d : from_second_mm) sum += d;
    return sum / static_cast<double>(from_first_mm.size() + from_second_mm.size());
  }

 private:
  using Point = std::array<double, 3>;

  static std::vector<Point> surface(const LabelMap& map, std::int32_t index) {
    const auto& n = map.grid.shape;
    const auto is_in = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
      const bool in_image = i >= 0 && j >= 0 && k >= 0 && i < n[0] && j < n[1] && k < n[2];
      return in_image && map.at(i, j, k) == index;
    };
    std::vector<Point> points;
    for (std::int64_t k = 0; k < n[2]; ++k) {
      for (std::int64_t j = 0; j < n[1]; ++j) {
        for (std::int64_t i = 0; i < n[0]; ++i) {
          if (!is_in(i, j, k)) continue;
          if (is_in(i - 1, j, k) && is_in(i + 1, j, k) && is_in(i, j - 1, k) &&
              is_in(i, j + 1, k) && is_in(i, j, k - 1) && is_in(i, j, k + 1))
            continue;
          const auto& m = map.grid.world_from_voxel;
          Point world{};
          for (std::size_t row = 0; row < 3; ++row)
            world[row] = m[row][0] * double(i) + m[row][1] * double(j) + m[row][2] * double(k);
          points.push_back(world);
        }
      }
    }
    return points;
  }

  static std::vector<double> distances(const std::vector<Point>& from,
                                       const std::vector<Point>& to) {
    std::vector<double> found;
    for (const auto& p : from) {
      double least = std::numeric_limits<double>::infinity();
      for (const auto& q : to)
        least = std::min(least, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
      found.push_back(least);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static double percentile95(const std::vector<double>& sorted) {
    const double at = 0.95 * double(sorted.size() - 1);
    const auto low = std::size_t(std::floor(at)), high = std::size_t(std::ceil(at));
    return sorted[low] * (1 - (at - std::floor(at))) + sorted[high] * (at - std::floor(at));
  }
};

}  // namespace hypersynth
