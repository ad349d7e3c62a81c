#include "image/volume.h"

#include <cmath>
#include <stdexcept>

namespace hypersynth {

std::array<double, 3> spacing_mm(const Grid& grid) {
  std::array<double, 3> spacing{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto& m = grid.world_from_voxel;
    spacing[axis] = std::hypot(m[0][axis], m[1][axis], m[2][axis]);
  }
  return spacing;
}

double voxel_volume_mm3(const Grid& grid) { return std::abs(determinant(grid.world_from_voxel)); }

double determinant(const Affine& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

Affine multiply(const Affine& a, const Affine& b) {
  Affine result{};
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      for (std::size_t k = 0; k < 4; ++k) result[row][column] += a[row][k] * b[k][column];
    }
  }
  return result;
}

Affine inverse(const Affine& affine) {
  const double det = determinant(affine);
  if (!(std::abs(det) > 0)) throw std::domain_error("singular affine has no inverse");
  Affine result{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      // Cofactor of (column, row); cyclic indices give its sign.
      const std::size_t r1 = (column + 1) % 3;
      const std::size_t r2 = (column + 2) % 3;
      const std::size_t c1 = (row + 1) % 3;
      const std::size_t c2 = (row + 2) % 3;
      result[row][column] =
          (affine[r1][c1] * affine[r2][c2] - affine[r1][c2] * affine[r2][c1]) / det;
    }
  }
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t k = 0; k < 3; ++k) result[row][3] -= result[row][k] * affine[k][3];
  }
  result[3] = {0, 0, 0, 1};
  return result;
}

std::array<double, 3> transform(const Affine& affine, const std::array<double, 3>& point) {
  std::array<double, 3> result{};
  for (std::size_t row = 0; row < 3; ++row) {
    result[row] = affine[row][0] * point[0] + affine[row][1] * point[1] +
                  affine[row][2] * point[2] + affine[row][3];
  }
  return result;
}

bool same_grid(const Grid& a, const Grid& b, double tolerance_mm) {
  if (a.shape != b.shape) return false;
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      const double difference = a.world_from_voxel[row][column] - b.world_from_voxel[row][column];
      if (!(std::abs(difference) <= tolerance_mm)) return false;
    }
  }
  return true;
}

}  // namespace hypersynth
