#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/number_text.h"
#include "image/gz_file.h"
#include "image/nifti.h"
#include "image/nifti_header.h"

namespace hypersynth {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 18;
constexpr double kIntegerTolerance = 1e-3;
/// Some programs pad a file to whole blocks. If there is more behind the voxels than that, it is
/// the end of another file, or a gzip stream made to fill the memory of a machine.
constexpr std::size_t kMostPaddingBytes = std::size_t{1} << 16;

/// An open file whose header is checked.
struct NiftiFile {
  explicit NiftiFile(const std::string& name, Log to = {})
      : path(name), log(std::move(to)), file(name) {
    std::array<std::byte, kNifti2HeaderBytes> bytes{};
    const std::size_t count = file.read(bytes);
    header = parse_nifti_header(std::span(bytes).first(count), path);
    check_nifti_header(header, path);
    grid = grid_of(header, path, log);
    if (!std::isfinite(header.scl_slope)) {
      log.warning(
          "the slope in its header (scl_slope) is no number; intensities are taken as stored");
    }
  }

  NiftiType type() const { return static_cast<NiftiType>(header.datatype); }
  /// In NIfTI, a slope of 0 means that the values are stored as they are. A slope that is not
  /// finite is taken in the same way.
  bool is_scaled() const {
    return std::isfinite(header.scl_slope) && header.scl_slope != 0 &&
           !(header.scl_slope == 1 && header.scl_inter == 0);
  }

  const std::string& path;
  Log log;
  GzFile file;
  NiftiHeader header;
  Grid grid;
};

/// Throws if the file is too small for what its header promises, before any memory is allocated.
void check_size(const NiftiFile& nifti) {
  const auto offset = static_cast<std::uint64_t>(nifti.header.data_offset);
  const auto voxels = static_cast<std::uint64_t>(nifti.grid.voxel_count());
  const std::uint64_t needed = offset + voxels * size_of(nifti.type());
  const std::uint64_t most = nifti.file.max_content_bytes();
  if (needed > most) {
    throw InputError(nifti.path, std::to_string(needed) + " bytes, as its header says",
                     "a truncated file (at most " + std::to_string(most) + " bytes)");
  }
}

std::uint64_t voxel_bytes_of(const NiftiFile& nifti) {
  return static_cast<std::uint64_t>(nifti.grid.voxel_count()) * size_of(nifti.type());
}

/// Throws if the `rest` bytes behind the voxels are more than padding.
void check_rest(const NiftiFile& nifti, std::uint64_t rest) {
  if (rest <= kMostPaddingBytes) return;
  throw InputError(nifti.path,
                   "a file that ends with its " + std::to_string(voxel_bytes_of(nifti)) +
                       " bytes of voxels, as its header says",
                   "more than " + std::to_string(kMostPaddingBytes) + " bytes behind them");
}

/// Throws if there is more than padding behind the voxels. Reads any other file to its end, which
/// verifies the checksum of a gzip stream.
void check_end(NiftiFile& nifti) {
  const std::size_t rest = nifti.file.skip_rest(kMostPaddingBytes);
  check_rest(nifti, rest);
  if (rest > 0) {
    nifti.log.warning(std::to_string(rest) + " bytes behind its voxels are not looked at");
  }
}

/// Calls store(index, value) for every voxel of stored type `Stored`, values in the machine's byte
/// order, then reads on to the end of the file.
template <typename Stored, typename Store>
void for_each_stored(NiftiFile& nifti, Store store) {
  const auto count = static_cast<std::size_t>(nifti.grid.voxel_count());
  std::vector<std::array<std::byte, sizeof(Stored)>> chunk(kChunkBytes / sizeof(Stored));
  nifti.file.seek(static_cast<std::uint64_t>(nifti.header.data_offset));
  for (std::size_t done = 0; done < count;) {
    const std::size_t wanted = std::min(chunk.size(), count - done);
    const std::size_t bytes =
        nifti.file.read(std::as_writable_bytes(std::span(chunk).first(wanted)));
    if (bytes < wanted * sizeof(Stored)) {
      throw InputError(nifti.path, std::to_string(count * sizeof(Stored)) + " bytes of voxels",
                       "a truncated file with " + std::to_string(done * sizeof(Stored) + bytes));
    }
    for (std::size_t i = 0; i < wanted; ++i) {
      if (nifti.header.byte_swapped) std::reverse(chunk[i].begin(), chunk[i].end());
      store(done + i, std::bit_cast<Stored>(chunk[i]));
    }
    done += wanted;
  }
  check_end(nifti);
}

template <typename Store>
void for_each_voxel(NiftiFile& nifti, Store store) {
  switch (nifti.type()) {
    case NiftiType::kUint8:
      return for_each_stored<std::uint8_t>(nifti, store);
    case NiftiType::kInt8:
      return for_each_stored<std::int8_t>(nifti, store);
    case NiftiType::kInt16:
      return for_each_stored<std::int16_t>(nifti, store);
    case NiftiType::kUint16:
      return for_each_stored<std::uint16_t>(nifti, store);
    case NiftiType::kInt32:
      return for_each_stored<std::int32_t>(nifti, store);
    case NiftiType::kUint32:
      return for_each_stored<std::uint32_t>(nifti, store);
    case NiftiType::kInt64:
      return for_each_stored<std::int64_t>(nifti, store);
    case NiftiType::kUint64:
      return for_each_stored<std::uint64_t>(nifti, store);
    case NiftiType::kFloat32:
      return for_each_stored<float>(nifti, store);
    case NiftiType::kFloat64:
      return for_each_stored<double>(nifti, store);
  }
}

/// Rounds a value to a label; false if it is further than kIntegerTolerance from an integer or
/// needs more than 32 bits.
bool to_label(double value, std::int32_t& label) {
  const double rounded = std::nearbyint(value);
  if (!(std::abs(value - rounded) <= kIntegerTolerance)) return false;
  if (rounded < std::numeric_limits<std::int32_t>::min() ||
      rounded > std::numeric_limits<std::int32_t>::max()) {
    return false;
  }
  label = static_cast<std::int32_t>(rounded);
  return true;
}

std::string text_of(double value) { return significant_digits(value, 6); }

/// Lengths along the axes of a grid as text, with a note if the header gave them in another unit.
std::string text_of(const std::array<double, 3>& lengths_mm, const Grid& grid) {
  std::string text = text_of(lengths_mm[0]) + " x " + text_of(lengths_mm[1]) + " x " +
                     text_of(lengths_mm[2]) + " mm";
  const LengthUnit unit = grid.forms ? length_unit(*grid.forms) : LengthUnit::kMillimetre;
  if (unit == LengthUnit::kMetre) text += " (the header gives metres)";
  if (unit == LengthUnit::kMicrometre) text += " (the header gives micrometres)";
  return text;
}

}  // namespace

bool is_nifti_name(const std::string& name) {
  const std::string_view text = name;
  for (const std::string_view ending : {".nii", ".nii.gz"}) {
    if (text.size() > ending.size() && text.ends_with(ending)) return true;
  }
  return false;
}

Image read_image(const std::string& path, const Log& log) {
  NiftiFile nifti(path, log);
  check_size(nifti);
  Image image(nifti.grid);
  float* const voxels = image.voxels.data();
  if (nifti.is_scaled()) {
    const double slope = nifti.header.scl_slope;
    const double inter = nifti.header.scl_inter;
    for_each_voxel(nifti, [=](std::size_t i, auto value) {
      voxels[i] = static_cast<float>(static_cast<double>(value) * slope + inter);
    });
  } else {
    for_each_voxel(nifti,
                   [=](std::size_t i, auto value) { voxels[i] = static_cast<float>(value); });
  }
  return image;
}

LabelMap read_labels(const std::string& path, const Log& log) {
  NiftiFile nifti(path, log);
  check_size(nifti);
  LabelMap labels(nifti.grid);
  const double slope = nifti.is_scaled() ? nifti.header.scl_slope : 1;
  const double inter = nifti.is_scaled() ? nifti.header.scl_inter : 0;
  std::int32_t* const voxels = labels.voxels.data();
  for_each_voxel(nifti, [&](std::size_t i, auto stored) {
    const double value = static_cast<double>(stored) * slope + inter;
    if (!to_label(value, voxels[i])) {
      throw InputError(path, "integer labels of at most 32 bits", "the value " + text_of(value));
    }
  });
  return labels;
}

Grid read_grid(const std::string& path) {
  const NiftiFile nifti(path);
  if (nifti.file.is_plain()) {
    // The size of a file that is not compressed is known without reading it, so a wrong one is
    // refused before gigabytes are read to compute its digest.
    const auto end = static_cast<std::uint64_t>(nifti.header.data_offset) + voxel_bytes_of(nifti);
    const std::uint64_t size = nifti.file.max_content_bytes();
    check_rest(nifti, size > end ? size - end : 0);
  }
  return nifti.grid;
}

void check_usable(const Image& image, const std::string& path) {
  const auto spacing = spacing_mm(image.grid);
  std::array<double, 3> field_of_view = spacing;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    field_of_view[axis] *= static_cast<double>(image.grid.shape[axis]);
  }
  if (*std::max_element(spacing.begin(), spacing.end()) > kMaxSpacingMm) {
    throw InputError(path, "voxels of at most 10 mm", text_of(spacing, image.grid));
  }
  if (*std::min_element(field_of_view.begin(), field_of_view.end()) < kMinFieldOfViewMm) {
    throw InputError(path, "a field of view of at least 50 mm", text_of(field_of_view, image.grid));
  }
  check_intensities(image, path);
}

void check_intensities(const Image& image, const std::string& path) {
  const auto bad = std::count_if(image.voxels.begin(), image.voxels.end(),
                                 [](float value) { return !std::isfinite(value); });
  if (bad > 0) {
    throw InputError(path, "finite intensities",
                     std::to_string(bad) + (bad == 1 ? " voxel" : " voxels") +
                         " of NaN or infinity; replace them in the file, by 0 where they are air");
  }
  const float first = image.voxels.front();
  if (std::all_of(image.voxels.begin(), image.voxels.end(),
                  [first](float value) { return value == first; })) {
    throw InputError(path, "an image with contrast",
                     first == 0 ? "all voxels zero" : "all voxels equal to " + text_of(first));
  }
}

}  // namespace hypersynth
