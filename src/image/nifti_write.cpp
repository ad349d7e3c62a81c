#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "image/gz_output.h"
#include "image/nifti.h"
#include "image/nifti_header.h"

namespace hypersynth {

namespace {

constexpr std::size_t kChunkVoxels = std::size_t{1} << 16;
/// Posterior 1 is stored as the largest 16-bit integer.
constexpr double kPosteriorSlope = 1.0 / std::numeric_limits<std::int16_t>::max();

/// Appends convert(value) of every value.
template <typename Stored, typename Value, typename Convert>
void write_voxels(GzOutput& file, const std::vector<Value>& values, Convert convert) {
  std::vector<Stored> chunk(std::min(kChunkVoxels, values.size()));
  for (std::size_t begin = 0; begin < values.size(); begin += kChunkVoxels) {
    const auto part =
        std::span(values).subspan(begin).first(std::min(kChunkVoxels, values.size() - begin));
    std::transform(part.begin(), part.end(), chunk.begin(), convert);
    file.write(std::as_bytes(std::span(chunk).first(part.size())));
  }
}

template <typename Stored, typename Value, typename Convert>
void write_volume(const std::string& path, const Volume<Value>& volume, NiftiType type,
                  Convert convert) {
  GzOutput file(path);
  file.write(encode_nifti_header(make_nifti_header(volume.grid, 1, type)));
  write_voxels<Stored>(file, volume.voxels, convert);
  file.commit();
}

template <typename Stored>
void write_labels_as(const std::string& path, const LabelMap& labels, NiftiType type) {
  write_volume<Stored>(path, labels, type,
                       [](std::int32_t label) { return static_cast<Stored>(label); });
}

std::int16_t to_stored_posterior(float value) {
  return static_cast<std::int16_t>(std::lround(std::clamp(value, 0.0F, 1.0F) / kPosteriorSlope));
}

template <typename Stored>
bool holds(std::pair<std::int32_t, std::int32_t> range) {
  return range.first >= std::numeric_limits<Stored>::min() &&
         range.second <= std::numeric_limits<Stored>::max();
}

}  // namespace

void write_labels(const std::string& path, const LabelMap& labels) {
  std::pair<std::int32_t, std::int32_t> range{0, 0};
  if (!labels.voxels.empty()) {
    const auto [least, most] = std::minmax_element(labels.voxels.begin(), labels.voxels.end());
    range = {*least, *most};
  }
  if (holds<std::uint8_t>(range)) {
    write_labels_as<std::uint8_t>(path, labels, NiftiType::kUint8);
  } else if (holds<std::int8_t>(range)) {
    write_labels_as<std::int8_t>(path, labels, NiftiType::kInt8);
  } else if (holds<std::int16_t>(range)) {
    write_labels_as<std::int16_t>(path, labels, NiftiType::kInt16);
  } else if (holds<std::uint16_t>(range)) {
    write_labels_as<std::uint16_t>(path, labels, NiftiType::kUint16);
  } else {
    write_labels_as<std::int32_t>(path, labels, NiftiType::kInt32);
  }
}

void write_mask(const std::string& path, const Mask& mask) {
  write_volume<std::uint8_t>(path, mask, NiftiType::kUint8,
                             [](std::uint8_t inside) { return std::uint8_t{inside != 0}; });
}

void write_image(const std::string& path, const Image& image) {
  write_volume<float>(path, image, NiftiType::kFloat32, [](float value) { return value; });
}

void write_posteriors(const std::string& path, const Grid& grid, std::int64_t classes,
                      const PosteriorSource& posterior) {
  NiftiHeader header = make_nifti_header(grid, classes, NiftiType::kInt16);
  header.scl_slope = kPosteriorSlope;
  GzOutput file(path);
  file.write(encode_nifti_header(header));
  for (std::int64_t index = 0; index < classes; ++index) {
    const auto& values = posterior(index);
    if (static_cast<std::int64_t>(values.size()) != grid.voxel_count()) {
      throw std::invalid_argument("a posterior needs one value per voxel of the grid");
    }
    write_voxels<std::int16_t>(file, values, to_stored_posterior);
  }
  file.commit();
}

}  // namespace hypersynth
