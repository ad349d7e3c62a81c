#include "image/masked_copy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "core/error.h"
#include "image/gz_file.h"
#include "image/gz_output.h"
#include "image/nifti_header.h"

namespace hypersynth {

namespace {

constexpr std::size_t kChunkVoxels = std::size_t{1} << 16;

/// The bytes, in the machine's order, of the value of type `Stored` that is nearest to `value`.
template <typename Stored>
std::vector<std::byte> bytes_nearest_to(double value) {
  Stored stored{};
  if constexpr (std::is_integral_v<Stored>) {
    using Limits = std::numeric_limits<Stored>;
    const double rounded = std::nearbyint(value);
    if (rounded <= static_cast<double>(Limits::min())) {
      stored = Limits::min();
    } else if (rounded >= static_cast<double>(Limits::max())) {
      stored = Limits::max();
    } else {
      stored = static_cast<Stored>(rounded);
    }
  } else {
    stored = static_cast<Stored>(value);
  }
  const auto bytes = std::bit_cast<std::array<std::byte, sizeof(Stored)>>(stored);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> bytes_nearest_to(double value, NiftiType type) {
  switch (type) {
    case NiftiType::kUint8:
      return bytes_nearest_to<std::uint8_t>(value);
    case NiftiType::kInt8:
      return bytes_nearest_to<std::int8_t>(value);
    case NiftiType::kInt16:
      return bytes_nearest_to<std::int16_t>(value);
    case NiftiType::kUint16:
      return bytes_nearest_to<std::uint16_t>(value);
    case NiftiType::kInt32:
      return bytes_nearest_to<std::int32_t>(value);
    case NiftiType::kUint32:
      return bytes_nearest_to<std::uint32_t>(value);
    case NiftiType::kInt64:
      return bytes_nearest_to<std::int64_t>(value);
    case NiftiType::kUint64:
      return bytes_nearest_to<std::uint64_t>(value);
    case NiftiType::kFloat32:
      return bytes_nearest_to<float>(value);
    case NiftiType::kFloat64:
      return bytes_nearest_to<double>(value);
  }
  return {};
}

/// The stored bytes of a voxel without intensity. As in read_image(), a slope that is 0 or not
/// finite says that intensities are stored as they are.
std::vector<std::byte> empty_voxel(const NiftiHeader& header) {
  const bool is_scaled = std::isfinite(header.scl_slope) && header.scl_slope != 0;
  const double stored = is_scaled ? 0 - header.scl_inter / header.scl_slope : 0;  // never -0
  auto bytes = bytes_nearest_to(stored, static_cast<NiftiType>(header.datatype));
  if (header.byte_swapped) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::span<std::byte> read_all(GzFile& file, std::span<std::byte> bytes, const std::string& path) {
  const std::size_t count = file.read(bytes);
  if (count < bytes.size()) {
    throw InputError(path, "a whole NIfTI file", "a truncated one");
  }
  return bytes;
}

}  // namespace

void write_masked_copy(const std::string& source, const Mask& mask, const std::string& path) {
  GzFile in(source);
  std::vector<std::byte> head(kNifti2HeaderBytes);
  head.resize(in.read(head));
  const NiftiHeader header = parse_nifti_header(head, source);
  check_nifti_header(header, source);
  const auto& shape = mask.grid.shape;
  if (!std::equal(shape.begin(), shape.end(), header.dim.begin() + 1)) {
    throw InputError(source, "an image with the shape of its label map", "another shape");
  }
  const std::vector<std::byte> empty = empty_voxel(header);
  GzOutput out(path);
  head.resize(static_cast<std::size_t>(header.data_offset));
  in.seek(0);
  out.write(read_all(in, head, source));
  std::vector<std::byte> chunk;
  for (std::size_t begin = 0; begin < mask.voxels.size(); begin += kChunkVoxels) {
    const std::size_t count = std::min(kChunkVoxels, mask.voxels.size() - begin);
    chunk.resize(count * empty.size());
    read_all(in, chunk, source);
    for (std::size_t i = 0; i < count; ++i) {
      if (mask.voxels[begin + i] == 0)
        std::copy(empty.begin(), empty.end(),
                  chunk.begin() + static_cast<std::ptrdiff_t>(i * empty.size()));
    }
    out.write(chunk);
  }
  out.commit();
}

}  // namespace hypersynth
