#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hypersynth {

/// A 4x4 affine, stored by rows. world_from_voxel maps voxel indices (i, j, k, 1) to world
/// coordinates in mm. These are RAS+, as in NIfTI: right, anterior and superior are positive.
using Affine = std::array<std::array<double, 4>, 4>;

struct NiftiForms;

/// A voxel grid: how many voxels there are along i, j and k, and where they lie in the world.
struct Grid {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  Affine world_from_voxel{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  /// What the world is, as an xform code of NIfTI: 1 = scanner, 2 = aligned to another file, 3 =
  /// Talairach, 4 = MNI 152, 5 = another template. It is written to files; same_grid() ignores it.
  /// The default is 1, as for an image straight from a scanner.
  int world_code = 1;
  /// If the grid was read from a file, the qform and sform of its header, so that files on this
  /// grid get both. Null otherwise (see make_nifti_header()).
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
/// A mask: 0 is outside, every other value inside.
using Mask = Volume<std::uint8_t>;

/// Edge lengths of a voxel in mm along i, j and k: the norms of the columns of world_from_voxel.
std::array<double, 3> spacing_mm(const Grid& grid);

/// Volume of a voxel in mm3: |det| of the upper-left 3x3.
double voxel_volume_mm3(const Grid& grid);

/// Determinant of the upper-left 3x3 matrix; negative if the affine mirrors.
double determinant(const Affine& affine);

/// The matrix product a * b.
Affine multiply(const Affine& a, const Affine& b);

/// The inverse of an affine; throws std::domain_error if its 3x3 matrix is singular.
Affine inverse(const Affine& affine);

/// The point to which `affine` maps `point`; for world_from_voxel, the world position (mm, RAS+) of
/// a voxel index.
std::array<double, 3> transform(const Affine& affine, const std::array<double, 3>& point);

/// Whether both grids have the same shape, and affines that differ by at most `tolerance_mm` in
/// every element. The default allows for affines that a NIfTI-1 header has rounded to 32 bits.
bool same_grid(const Grid& a, const Grid& b, double tolerance_mm = 1e-5);

}  // namespace hypersynth
