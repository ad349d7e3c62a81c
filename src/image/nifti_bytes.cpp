#include "image/nifti_bytes.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "image/nifti_header.h"

namespace hypersynth {
namespace {

template <typename Stored, typename Value>
std::string bytes_of(const Volume<Value>& volume, NiftiType type) {
  Grid grid = volume.grid;
  grid.forms = nullptr;
  if (*std::max_element(grid.shape.begin(), grid.shape.end()) > 32767)
    throw std::invalid_argument("NIfTI-1 has at most 32767 voxels along an axis");
  NiftiHeader header = make_nifti_header(grid, 1, type);
  header.version = 1;
  header.data_offset = kNifti1HeaderBytes + 4;
  const std::vector<std::byte> start = encode_nifti_header(header);
  std::string bytes(start.size() + volume.voxels.size() * sizeof(Stored), '\0');
  std::memcpy(bytes.data(), start.data(), start.size());
  char* at = bytes.data() + start.size();
  for (const Value value : volume.voxels) {
    const auto stored = static_cast<Stored>(value);
    std::memcpy(at, &stored, sizeof stored);
    at += sizeof stored;
  }
  return bytes;
}

}  // namespace

std::string nifti_bytes(const Volume<std::uint8_t>& volume) {
  return bytes_of<std::uint8_t>(volume, NiftiType::kUint8);
}

std::string nifti_bytes(const LabelMap& labels) {
  const auto [least, most] = std::minmax_element(labels.voxels.begin(), labels.voxels.end());
  const auto fit = [least = *least, most = *most]<typename Stored>(Stored) {
    return least >= std::numeric_limits<Stored>::min() &&
           most <= std::numeric_limits<Stored>::max();
  };
  if (fit(std::uint8_t{})) return bytes_of<std::uint8_t>(labels, NiftiType::kUint8);
  if (fit(std::int16_t{})) return bytes_of<std::int16_t>(labels, NiftiType::kInt16);
  return bytes_of<std::int32_t>(labels, NiftiType::kInt32);
}

}  // namespace hypersynth
