#include "support/nifti_file.h"

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <zlib.h>

namespace hypersynth {
namespace {

// Byte offsets in the NIfTI-1 header (nifti1.h).
constexpr std::size_t kHeaderSize = 352;
constexpr std::size_t kDim = 40;
constexpr std::size_t kDatatype = 70;
constexpr std::size_t kBitsPerVoxel = 72;
constexpr std::size_t kPixdim = 76;
constexpr std::size_t kVoxOffset = 108;
constexpr std::size_t kSlope = 112;
constexpr std::size_t kUnits = 123;
constexpr std::size_t kQformCode = 252;
constexpr std::size_t kSformCode = 254;
constexpr std::size_t kQuaternOffset = 268;
constexpr std::size_t kSform = 280;
constexpr std::size_t kMagic = 344;

template <typename T>
void put(std::string& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <typename T>
T get(const std::string& bytes, std::size_t offset) {
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("the NIfTI file is truncated");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
std::vector<float> get_voxels(const std::string& bytes, std::size_t offset, std::size_t count) {
  std::vector<float> voxels(count);
  for (std::size_t n = 0; n < count; ++n)
    voxels[n] = static_cast<float>(get<T>(bytes, offset + n * sizeof(T)));
  return voxels;
}

std::vector<float> get_voxels(const std::string& bytes, int datatype, std::size_t offset,
                              std::size_t count) {
  switch (datatype) {
    case 2:
      return get_voxels<std::uint8_t>(bytes, offset, count);
    case 4:
      return get_voxels<std::int16_t>(bytes, offset, count);
    case 8:
      return get_voxels<std::int32_t>(bytes, offset, count);
    case 16:
      return get_voxels<float>(bytes, offset, count);
    case 64:
      return get_voxels<double>(bytes, offset, count);
    case 512:
      return get_voxels<std::uint16_t>(bytes, offset, count);
    default:
      throw std::runtime_error("unexpected NIfTI datatype " + std::to_string(datatype));
  }
}

std::string header_of(const NiftiFile& file) {
  std::string bytes(kHeaderSize, '\0');
  put<std::int32_t>(bytes, 0, 348);
  put<std::int16_t>(bytes, kDim, file.frames > 1 ? 4 : 3);
  const auto spacing = spacing_mm(file.grid);
  put<float>(bytes, kPixdim, 1.0f);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    put(bytes, kDim + 2 * (axis + 1), static_cast<std::int16_t>(file.grid.shape[axis]));
    put(bytes, kPixdim + 4 * (axis + 1), static_cast<float>(spacing[axis]));
  }
  for (std::size_t axis = 4; axis < 8; ++axis) {
    put<std::int16_t>(bytes, kDim + 2 * axis, axis == 4 ? file.frames : 1);
    put<float>(bytes, kPixdim + 4 * axis, 1.0f);
  }
  put<std::int16_t>(bytes, kDatatype, 16);
  put<std::int16_t>(bytes, kBitsPerVoxel, 32);
  put<float>(bytes, kVoxOffset, static_cast<float>(kHeaderSize));
  put<float>(bytes, kSlope, 1.0f);
  bytes[kUnits] = 2;  // mm
  put(bytes, kQformCode, file.qform_code);
  put(bytes, kSformCode, file.sform_code);
  for (std::size_t row = 0; row < 3; ++row) {
    const auto& values = file.grid.world_from_voxel[row];
    put(bytes, kQuaternOffset + 4 * row, static_cast<float>(values[3]));
    for (std::size_t column = 0; column < 4; ++column)
      put(bytes, kSform + 4 * (4 * row + column), static_cast<float>(values[column]));
  }
  std::memcpy(bytes.data() + kMagic, "n+1", 4);
  return bytes;
}

std::string read_gzipped_or_plain(const std::string& path) {
  gzFile stream = gzopen(path.c_str(), "rb");
  if (stream == nullptr) throw std::runtime_error("cannot open " + path);
  std::string bytes;
  std::array<char, 65536> block;
  int count = 0;
  while ((count = gzread(stream, block.data(), block.size())) > 0)
    bytes.append(block.data(), count);
  const bool whole = count == 0 && gzclose(stream) == Z_OK;
  if (!whole) throw std::runtime_error(path + " is truncated or damaged");
  return bytes;
}

}  // namespace

void write_nifti(const std::string& path, const NiftiFile& file) {
  std::string bytes = header_of(file);
  bytes.append(reinterpret_cast<const char*>(file.voxels.data()),
               file.voxels.size() * sizeof(float));
  const bool gzipped = path.size() > 3 && path.substr(path.size() - 3) == ".gz";
  gzFile stream = gzopen(path.c_str(), gzipped ? "wb6" : "wbT");
  if (stream == nullptr) throw std::runtime_error("cannot create " + path);
  gzwrite(stream, bytes.data(), static_cast<unsigned>(bytes.size()));
  if (gzclose(stream) != Z_OK) throw std::runtime_error("cannot write " + path);
}

NiftiFile read_nifti(const std::string& path) {
  const std::string bytes = read_gzipped_or_plain(path);
  if (get<std::int32_t>(bytes, 0) != 348) throw std::runtime_error(path + " is not NIfTI-1");
  NiftiFile file;
  for (std::size_t axis = 0; axis < 3; ++axis)
    file.grid.shape[axis] = get<std::int16_t>(bytes, kDim + 2 * (axis + 1));
  if (get<std::int16_t>(bytes, kDim) > 3) file.frames = get<std::int16_t>(bytes, kDim + 8);
  file.qform_code = get<std::int16_t>(bytes, kQformCode);
  file.sform_code = get<std::int16_t>(bytes, kSformCode);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column)
      file.grid.world_from_voxel[row][column] = get<float>(bytes, kSform + 4 * (4 * row + column));
  }
  file.forms = bytes.substr(kPixdim, 16) + bytes.substr(kQformCode, kMagic - 16 - kQformCode);
  const auto count = static_cast<std::size_t>(file.grid.voxel_count() * file.frames);
  const auto offset = static_cast<std::size_t>(get<float>(bytes, kVoxOffset));
  file.voxels = get_voxels(bytes, get<std::int16_t>(bytes, kDatatype), offset, count);
  const float slope = get<float>(bytes, kSlope);
  const float intercept = get<float>(bytes, kSlope + 4);
  if (slope != 0.0f) {
    for (float& voxel : file.voxels) voxel = slope * voxel + intercept;
  }
  return file;
}

}  // namespace hypersynth
