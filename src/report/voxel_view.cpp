#include "report/voxel_view.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hypersynth {
namespace {

using Permutation = std::array<int, 3>;  ///< voxel axis of each world axis

void check_sizes(const VoxelView& view) {
  std::size_t voxels = 1;
  for (const std::int64_t n : view.shape) {
    if (n <= 0) throw std::invalid_argument("a picture needs at least one voxel along every axis");
    voxels *= static_cast<std::size_t>(n);
  }
  const std::size_t labels = std::visit([](auto span) { return span.size(); }, view.labels);
  if (view.intensities.size() != voxels || (labels != 0 && labels != voxels) ||
      (!view.brain_mask.empty() && view.brain_mask.size() != voxels)) {
    throw std::invalid_argument("intensities, labels and mask must have one value per voxel");
  }
}

double determinant(const std::array<std::array<double, 4>, 4>& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/// Column lengths: the voxel's edges in mm.
std::array<double, 3> edges_mm(const VoxelView& view) {
  const auto& m = view.world_from_voxel;
  std::array<double, 3> edges{};
  for (int axis = 0; axis < 3; ++axis) edges[axis] = std::hypot(m[0][axis], m[1][axis], m[2][axis]);
  const double volume = edges[0] * edges[1] * edges[2];
  if (!(std::abs(determinant(m)) > 1e-6 * volume) || !std::isfinite(volume)) {
    throw std::invalid_argument("world_from_voxel is singular");
  }
  return edges;
}

Permutation closest_axes(const VoxelView& view, const std::array<double, 3>& edges) {
  Permutation permutation{0, 1, 2}, best = permutation;
  double best_score = -1;
  do {
    double score = 0;
    for (int world = 0; world < 3; ++world) {
      const int voxel = permutation[world];
      score += std::abs(view.world_from_voxel[world][voxel]) / edges[voxel];
    }
    if (score > best_score + 1e-9) {
      best_score = score;
      best = permutation;
    }
  } while (std::next_permutation(permutation.begin(), permutation.end()));
  return best;
}

}  // namespace

RasAxes ras_axes(const VoxelView& view) {
  check_sizes(view);
  const std::array<double, 3> edges = edges_mm(view);
  const Permutation voxel_axis = closest_axes(view, edges);
  const std::array<std::ptrdiff_t, 3> memory{1, view.shape[0], view.shape[0] * view.shape[1]};
  RasAxes axes;
  for (int world = 0; world < 3; ++world) {
    const int voxel = voxel_axis[world];
    const std::int64_t n = view.shape[voxel];
    const double step = view.world_from_voxel[world][voxel];
    const bool flipped = step < 0;
    axes.shape[world] = n;
    axes.voxel_axis[world] = voxel;
    axes.flipped[world] = flipped;
    axes.spacing_mm[world] = edges[voxel];
    axes.stride[world] = flipped ? -memory[voxel] : memory[voxel];
    if (flipped) axes.origin += memory[voxel] * (n - 1);
    axes.step_mm[world] = std::abs(step);
    // The centre of the slice, half-way along the two axes that lie in it.
    double centre = view.world_from_voxel[world][3];
    for (int axis = 0; axis < 3; ++axis) {
      const double index = axis == voxel ? (flipped ? n - 1. : 0.) : (view.shape[axis] - 1) / 2.;
      centre += view.world_from_voxel[world][axis] * index;
    }
    axes.first_mm[world] = centre;
  }
  return axes;
}

std::array<double, 3> world_mm(const VoxelView& view, const RasAxes& axes,
                               const std::array<double, 3>& place) {
  std::array<double, 3> world{};
  for (int row = 0; row < 3; ++row) {
    const auto& from = view.world_from_voxel[row];
    world[row] = from[3];
    for (int axis = 0; axis < 3; ++axis) {
      const double last = static_cast<double>(axes.shape[axis] - 1);
      world[row] +=
          from[axes.voxel_axis[axis]] * (axes.flipped[axis] ? last - place[axis] : place[axis]);
    }
  }
  return world;
}

}  // namespace hypersynth
