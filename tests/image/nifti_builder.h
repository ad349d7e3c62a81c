#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>
#include <zlib.h>

namespace hypersynth {

/// Makes the bytes of NIfTI files, right or wrong, independently of the code under test. Offsets
/// are those of nifti1.h and nifti2.h.
struct NiftiBuilder {
  int version = 1;
  bool big_endian = false;
  std::vector<std::int64_t> dim = {60, 61, 62};
  int datatype = 2;
  std::vector<double> pixdim = {1, 1, 1, 1};  // qfac and the voxel size
  double data_offset = -1;                    // -1: behind the header
  double slope = 0;
  double inter = 0;
  int units = 0;
  int qform_code = 0;
  int sform_code = 1;
  std::array<double, 3> quaternion{};
  std::array<double, 3> qoffset{};
  std::array<double, 12> srow{1, 0, 0, -30, 0, 1, 0, -30, 0, 0, 1, -30};
  std::string magic;           // empty: that of the version
  std::vector<double> voxels;  // empty: a ramp of 0..99
  std::string bytes;

  std::size_t voxel_count() const {
    std::size_t count = 1;
    for (const auto n : dim) count *= static_cast<std::size_t>(n);
    return count;
  }

  /// The whole file, not compressed.
  std::string build() {
    const bool first = version == 1;
    bytes.assign(first ? 352 : 544, '\0');
    put<std::int32_t>(0, first ? 348 : 540);
    if (magic.empty()) magic = first ? std::string("n+1\0", 4) : std::string("n+2\0\r\n\x1a\n", 8);
    bytes.replace(first ? 344 : 4, magic.size(), magic);
    put_integer<std::int16_t, std::int64_t>(first ? 40 : 16, static_cast<double>(dim.size()));
    for (std::size_t i = 0; i < 7; ++i) {
      put_integer<std::int16_t, std::int64_t>(first ? 42 + 2 * i : 24 + 8 * i,
                                              i < dim.size() ? static_cast<double>(dim[i]) : 1);
    }
    put<std::int16_t>(first ? 70 : 12, datatype);
    for (std::size_t i = 0; i < 8; ++i) {
      put_real(first ? 76 + 4 * i : 104 + 8 * i, i < pixdim.size() ? pixdim[i] : 0);
    }
    const double offset = data_offset < 0 ? (first ? 352 : 544) : data_offset;
    if (first) {
      put<float>(108, offset);
    } else {
      put<std::int64_t>(168, offset);
    }
    put_real(first ? 112 : 176, slope);
    put_real(first ? 116 : 184, inter);
    if (first) {
      put<std::uint8_t>(123, units);
    } else {
      put<std::int32_t>(500, units);
    }
    put_integer<std::int16_t, std::int32_t>(first ? 252 : 344, qform_code);
    put_integer<std::int16_t, std::int32_t>(first ? 254 : 348, sform_code);
    const std::size_t width = first ? 4 : 8;
    for (std::size_t i = 0; i < 3; ++i) {
      put_real((first ? 256 : 352) + width * i, quaternion[i]);
      put_real((first ? 268 : 376) + width * i, qoffset[i]);
    }
    for (std::size_t i = 0; i < 12; ++i) put_real((first ? 280 : 400) + width * i, srow[i]);
    put_voxels();
    return bytes;
  }

 private:
  template <typename T>
  void put(std::size_t offset, double value) {
    const T stored = static_cast<T>(value);
    std::array<char, sizeof(T)> raw{};
    std::memcpy(raw.data(), &stored, sizeof(T));
    if (big_endian) std::reverse(raw.begin(), raw.end());
    std::copy(raw.begin(), raw.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  template <typename Narrow, typename Wide>
  void put_integer(std::size_t offset, double value) {
    version == 1 ? put<Narrow>(offset, value) : put<Wide>(offset, value);
  }
  void put_real(std::size_t offset, double value) {
    version == 1 ? put<float>(offset, value) : put<double>(offset, value);
  }

  template <typename T>
  void put_voxels_as() {
    const std::size_t begin = bytes.size();
    bytes.resize(begin + voxels.size() * sizeof(T));
    for (std::size_t i = 0; i < voxels.size(); ++i) put<T>(begin + i * sizeof(T), voxels[i]);
  }

  void put_voxels() {
    if (voxels.empty()) {
      for (std::size_t i = 0; i < voxel_count(); ++i)
        voxels.push_back(static_cast<double>(i % 100));
    }
    switch (datatype) {
      case 2:
        return put_voxels_as<std::uint8_t>();
      case 4:
        return put_voxels_as<std::int16_t>();
      case 8:
        return put_voxels_as<std::int32_t>();
      case 16:
        return put_voxels_as<float>();
      case 64:
        return put_voxels_as<double>();
      case 256:
        return put_voxels_as<std::int8_t>();
      case 512:
        return put_voxels_as<std::uint16_t>();
      case 768:
        return put_voxels_as<std::uint32_t>();
      case 1024:
        return put_voxels_as<std::int64_t>();
      case 1280:
        return put_voxels_as<std::uint64_t>();
      default:
        return put_voxels_as<std::uint8_t>();
    }
  }
};

inline void write_bytes(const std::string& path, const std::string& bytes) {
  // ext4 waits for the disk where a file is truncated and rewritten, not where it is new.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_gzip(const std::string& path, const std::string& bytes) {
  std::filesystem::remove(path);
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

}  // namespace hypersynth
