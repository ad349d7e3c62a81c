#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hypersynth {

/// A 4x4 affine, row-major: world_from_voxel maps voxel indices (i, j, k, 1) to millimetres in
/// RAS+ world coordinates (right, anterior, superior positive; the convention of NIfTI).
using Affine = std::array<std::array<double, 4>, 4>;

struct NiftiForms;

/// Voxel grid: how many voxels along i, j, k and where they lie in the world.
struct Grid {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  Affine world_from_voxel{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  /// What the world is, as NIfTI's xform code: 1 scanner, 2 aligned to another file, 3 Talairach,
  /// 4 MNI 152, 5 other template. Written back to files; same_grid() ignores it.
  int world_code = 1;
  /// Of a grid read from a file: the qform and sform of its header, so that what is written on this
  /// grid carries both. Files on any other grid do without (see make_nifti_header()).
  std::shared_ptr<const NiftiForms> forms = nullptr;

  std::int64_t voxel_count() const { return shape[0] * shape[1] * shape[2]; }
};

/// A 3-D image: voxel values in memory with i fastest (offset = i + ni * (j + nj * k), as in a
/// NIfTI file) and the grid they lie on. `T` is float for intensities, int32_t for labels.
template <typename T>
struct Volume {
  Grid grid;
  std::vector<T> voxels;

  Volume() = default;
  Volume(Grid on_grid, std::vector<T> values) : grid(on_grid), voxels(std::move(values)) {}
  explicit Volume(Grid on_grid, T value = T{})
      : grid(on_grid), voxels(static_cast<std::size_t>(on_grid.voxel_count()), value) {}

  std::size_t offset(std::int64_t i, std::int64_t j, std::int64_t k) const {
    return static_cast<std::size_t>(i + grid.shape[0] * (j + grid.shape[1] * k));
  }
  T& at(std::int64_t i, std::int64_t j, std::int64_t k) { return voxels[offset(i, j, k)]; }
  T at(std::int64_t i, std::int64_t j, std::int64_t k) const { return voxels[offset(i, j, k)]; }
};

using Image = Volume<float>;
using LabelMap = Volume<std::int32_t>;
/// 0 outside, anything else inside.
using Mask = Volume<std::uint8_t>;

/// Edge lengths of a voxel in mm along i, j, k: the column norms of world_from_voxel.
std::array<double, 3> spacing_mm(const Grid& grid);

/// Volume of a voxel in mm3: |det| of the upper-left 3x3.
double voxel_volume_mm3(const Grid& grid);

/// Determinant of the upper-left 3x3; negative where the affine mirrors.
double determinant(const Affine& affine);

/// a * b.
Affine multiply(const Affine& a, const Affine& b);

/// Inverse of an affine whose 3x3 is regular; throws std::domain_error where it is singular.
Affine inverse(const Affine& affine);

/// World position (mm, RAS+) of a voxel index.
std::array<double, 3> transform(const Affine& affine, const std::array<double, 3>& point);

/// Same shape, and affines equal to `tolerance_mm` in every element.
bool same_grid(const Grid& a, const Grid& b, double tolerance_mm = 1e-5);

}  // namespace hypersynth
