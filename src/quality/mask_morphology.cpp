#include "quality/mask_morphology.h"

#include <algorithm>
#include <cstddef>

namespace hypersynth {
namespace {

/// The voxels as lines of `count` blocks of `stride` contiguous bytes: shifting along an axis moves
/// whole blocks, so that the compiler makes vector instructions of it.
struct Lines {
  std::size_t stride;
  std::size_t count;
};

Lines lines_along(std::size_t axis, const Shape& shape) {
  std::size_t stride = 1;
  for (std::size_t i = 0; i < axis; ++i) stride *= static_cast<std::size_t>(shape[i]);
  return {stride, static_cast<std::size_t>(shape[axis])};
}

/// line |= line moved by `step` blocks both ways; `copy` is scratch of the line's size.
void spread(std::uint8_t* line, std::uint8_t* copy, const Lines& lines, std::size_t step) {
  if (step >= lines.count) step = lines.count - 1;
  const std::size_t moved = (lines.count - step) * lines.stride;
  const std::size_t offset = step * lines.stride;
  std::copy(line, line + lines.count * lines.stride, copy);
  for (std::size_t i = 0; i < moved; ++i) line[i] |= copy[i + offset];
  for (std::size_t i = 0; i < moved; ++i) line[i + offset] |= copy[i];
}

/// A box of radius r is the union of itself with radius s < r moved by up to s + 1, so steps
/// double.
void dilate_axis(MaskVoxels& mask, const Lines& lines, int radius) {
  const std::size_t size = lines.stride * lines.count;
  std::vector<std::uint8_t> copy(size);
  for (std::size_t begin = 0; begin < mask.size(); begin += size) {
    std::uint8_t* line = mask.data() + begin;
    for (int done = 0; done < radius;) {
      const int step = std::min(done + 1, radius - done);
      spread(line, copy.data(), lines, static_cast<std::size_t>(step));
      done += step;
    }
  }
}

void invert(MaskVoxels& mask) {
  for (auto& voxel : mask) voxel ^= 1;
}

}  // namespace

void dilate_box(MaskVoxels& mask, const Shape& shape, const std::array<int, 3>& radius) {
  if (mask.empty()) return;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    dilate_axis(mask, lines_along(axis, shape), radius[axis]);
  }
}

void erode_box(MaskVoxels& mask, const Shape& shape, const std::array<int, 3>& radius) {
  invert(mask);
  dilate_box(mask, shape, radius);
  invert(mask);
}

void open_box(MaskVoxels& mask, const Shape& shape, const std::array<int, 3>& radius) {
  erode_box(mask, shape, radius);
  dilate_box(mask, shape, radius);
}

}  // namespace hypersynth
