#include "image/nifti_header.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/annex.h"
#include "core/error.h"

namespace hypersynth {

namespace {

constexpr std::string_view kMagic1("n+1\0", 4);
constexpr std::string_view kMagicOfPair("ni1\0", 4);
constexpr std::string_view kMagic2("n+2\0\r\n\032\n", 8);
constexpr std::size_t kMagic1Offset = 344;
constexpr std::size_t kMagic2Offset = 4;
/// The largest data offset that is accepted. Header extensions take kilobytes, and in a gzip stream
/// everything before the voxels has to be decompressed.
constexpr double kMostDataOffset = 1 << 28;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Calls field.visit<stored type>(offset, member) for every field, so that one list of fields
/// serves reading and writing.
template <typename Field, typename Header>
void visit_nifti1(Field& field, Header& header) {
  for (std::size_t i = 0; i < 8; ++i) {
    field.template visit<std::int16_t>(40 + 2 * i, header.dim[i]);
    field.template visit<float>(76 + 4 * i, header.pixdim[i]);
  }
  field.template visit<std::int16_t>(70, header.datatype);
  field.template visit<std::int16_t>(72, header.bits_per_voxel);
  field.template visit<float>(108, header.data_offset);
  field.template visit<float>(112, header.scl_slope);
  field.template visit<float>(116, header.scl_inter);
  field.template visit<std::uint8_t>(123, header.units);
  field.template visit<std::int16_t>(252, header.qform_code);
  field.template visit<std::int16_t>(254, header.sform_code);
  for (std::size_t row = 0; row < 3; ++row) {
    field.template visit<float>(256 + 4 * row, header.quaternion[row]);
    field.template visit<float>(268 + 4 * row, header.qoffset[row]);
    for (std::size_t column = 0; column < 4; ++column) {
      field.template visit<float>(280 + 16 * row + 4 * column, header.srow[row][column]);
    }
  }
}

template <typename Field, typename Header>
void visit_nifti2(Field& field, Header& header) {
  for (std::size_t i = 0; i < 8; ++i) {
    field.template visit<std::int64_t>(16 + 8 * i, header.dim[i]);
    field.template visit<double>(104 + 8 * i, header.pixdim[i]);
  }
  field.template visit<std::int16_t>(12, header.datatype);
  field.template visit<std::int16_t>(14, header.bits_per_voxel);
  field.template visit<std::int64_t>(168, header.data_offset);
  field.template visit<double>(176, header.scl_slope);
  field.template visit<double>(184, header.scl_inter);
  field.template visit<std::int32_t>(500, header.units);
  field.template visit<std::int32_t>(344, header.qform_code);
  field.template visit<std::int32_t>(348, header.sform_code);
  for (std::size_t row = 0; row < 3; ++row) {
    field.template visit<double>(352 + 8 * row, header.quaternion[row]);
    field.template visit<double>(376 + 8 * row, header.qoffset[row]);
    for (std::size_t column = 0; column < 4; ++column) {
      field.template visit<double>(400 + 32 * row + 8 * column, header.srow[row][column]);
    }
  }
}

struct FieldReader {
  std::span<const std::byte> bytes;
  bool swapped;

  template <typename Stored, typename Member>
  void visit(std::size_t offset, Member& member) const {
    std::array<std::byte, sizeof(Stored)> raw{};
    std::copy_n(bytes.subspan(offset, sizeof(Stored)).begin(), sizeof(Stored), raw.begin());
    if (swapped) std::reverse(raw.begin(), raw.end());
    member = static_cast<Member>(std::bit_cast<Stored>(raw));
  }
};

struct FieldWriter {
  std::span<std::byte> bytes;

  template <typename Stored, typename Member>
  void visit(std::size_t offset, const Member& member) {
    const auto stored = static_cast<Stored>(member);
    std::memcpy(bytes.subspan(offset, sizeof(Stored)).data(), &stored, sizeof(Stored));
  }
};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

/// Says what a file that has no NIfTI header is, as far as its first bytes tell.
std::string describe_foreign(std::string_view text) {
  if (is_annex_pointer(text)) {
    return "a git-annex pointer whose content is absent (run: datalad get)";
  }
  if (text.starts_with("version https://git-lfs")) {
    return "a git-lfs pointer whose content is absent (run: git lfs pull)";
  }
  if (text.size() >= 132 && text.substr(128, 4) == "DICM") return "a DICOM file";
  const auto first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  const auto body = first == std::string_view::npos ? std::string_view() : text.substr(first);
  if (starts_with_ignoring_case(body, "<!doctype html") ||
      starts_with_ignoring_case(body, "<html")) {
    return "an HTML page";
  }
  if (text.size() < kNifti1HeaderBytes) {
    return "only " + std::to_string(text.size()) + " bytes";
  }
  return "no NIfTI signature";
}

std::int32_t first_integer(std::span<const std::byte> bytes, bool swapped) {
  std::int32_t value = 0;
  if (bytes.size() >= sizeof(value)) FieldReader{bytes, swapped}.visit<std::int32_t>(0, value);
  return value;
}

std::string join(const std::int64_t* values, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : " x ") + std::to_string(values[i]);
  }
  return text;
}

std::string name_of_unsupported(std::int64_t datatype) {
  switch (datatype) {
    case 128:
    case 2304:
      return "RGB colour";
    case 32:
    case 1792:
    case 2048:
      return "complex numbers";
    default:
      return "NIfTI datatype " + std::to_string(datatype);
  }
}

}  // namespace

std::size_t size_of(NiftiType type) {
  switch (type) {
    case NiftiType::kUint8:
    case NiftiType::kInt8:
      return 1;
    case NiftiType::kInt16:
    case NiftiType::kUint16:
      return 2;
    case NiftiType::kInt32:
    case NiftiType::kUint32:
    case NiftiType::kFloat32:
      return 4;
    case NiftiType::kFloat64:
    case NiftiType::kInt64:
    case NiftiType::kUint64:
      return 8;
  }
  return 0;
}

NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, const std::string& path) {
  const std::string_view text = text_of(bytes);
  for (const bool swapped : {false, true}) {
    NiftiHeader header;
    header.byte_swapped = swapped;
    const std::int32_t size = first_integer(bytes, swapped);
    FieldReader reader{bytes, swapped};
    if (size == static_cast<std::int32_t>(kNifti1HeaderBytes) &&
        bytes.size() >= kNifti1HeaderBytes) {
      const auto magic = text.substr(kMagic1Offset, 4);
      if (magic == kMagicOfPair) {
        throw InputError(path, "a single-file NIfTI image (.nii, .nii.gz)",
                         "the header of a .hdr/.img pair");
      }
      if (magic != kMagic1) {
        throw InputError(path, "a NIfTI image", "an Analyze 7.5 header, which has no orientation");
      }
      visit_nifti1(reader, header);
      return header;
    }
    if (size == static_cast<std::int32_t>(kNifti2HeaderBytes) &&
        bytes.size() >= kNifti2HeaderBytes && text.substr(kMagic2Offset, 8) == kMagic2) {
      header.version = 2;
      visit_nifti2(reader, header);
      return header;
    }
  }
  if (bytes.empty()) throw InputError(path, "a NIfTI image", "an empty file");
  throw InputError(path, "a NIfTI image", describe_foreign(text));
}

void check_nifti_header(const NiftiHeader& header, const std::string& path) {
  const std::int64_t rank = header.dim[0];
  if (rank < 1 || rank > 7) {
    throw InputError(path, "a 3-D image", std::to_string(rank) + " dimensions in the header");
  }
  const auto count = static_cast<std::size_t>(rank);
  const std::string dims = join(header.dim.data() + 1, count);
  if (std::any_of(header.dim.begin() + 1, header.dim.begin() + 1 + rank,
                  [](std::int64_t n) { return n <= 0; })) {
    throw InputError(path, "positive dimensions", dims);
  }
  if (rank < 3)
    throw InputError(path, "a 3-D image", "a " + std::to_string(rank) + "-D image, " + dims);
  if (std::any_of(header.dim.begin() + 4, header.dim.begin() + 1 + rank,
                  [](std::int64_t n) { return n != 1; })) {
    throw InputError(path, "one 3-D frame", "several frames, " + dims);
  }
  const auto type = static_cast<NiftiType>(header.datatype);
  if (header.datatype < 0 || header.datatype > 1280 || size_of(type) == 0) {
    throw InputError(path, "real-valued voxels (8 to 64-bit integer or floating point)",
                     name_of_unsupported(header.datatype));
  }
  // A file can't hold 2^62 bytes; dividing keeps the product from overflowing.
  std::int64_t room = (std::int64_t{1} << 62) / static_cast<std::int64_t>(size_of(type));
  for (std::size_t axis = 1; axis <= 3; ++axis) room /= header.dim[axis];
  if (room == 0) throw InputError(path, "an image that fits a file", "dimensions " + dims);
  const std::size_t least = header.version == 1 ? kNifti1HeaderBytes : kNifti2HeaderBytes;
  if (!(header.data_offset >= static_cast<double>(least)) || header.data_offset > kMostDataOffset) {
    throw InputError(path, "voxel data behind the header",
                     "data offset " + std::to_string(header.data_offset));
  }
  // If the slope is 0 or not finite, the values are not scaled and the intercept does not matter.
  if (std::isfinite(header.scl_slope) && header.scl_slope != 0 &&
      !std::isfinite(header.scl_inter)) {
    throw InputError(path, "a number as intercept (scl_inter) in the header",
                     "the value " + std::to_string(header.scl_inter));
  }
}

std::vector<std::byte> encode_nifti_header(const NiftiHeader& header) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(header.data_offset), std::byte{0});
  FieldWriter writer{bytes};
  if (header.version == 1) {
    writer.visit<std::int32_t>(0, kNifti1HeaderBytes);
    std::memcpy(bytes.data() + kMagic1Offset, kMagic1.data(), kMagic1.size());
    visit_nifti1(writer, header);
  } else {
    writer.visit<std::int32_t>(0, kNifti2HeaderBytes);
    std::memcpy(bytes.data() + kMagic2Offset, kMagic2.data(), kMagic2.size());
    visit_nifti2(writer, header);
  }
  return bytes;
}

}  // namespace hypersynth
