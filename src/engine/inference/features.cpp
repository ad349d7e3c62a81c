#include "engine/inference/features.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include <oneapi/dnnl/dnnl.hpp>

// The hot loops are compiled for three instruction sets and the right one is chosen at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HYPERSYNTH_MULTIVERSION __attribute__((target_clones("avx512f", "avx2", "default")))
#define HYPERSYNTH_MULTIVERSION_16 __attribute__((target_clones("arch=skylake-avx512", "default")))
#else
#define HYPERSYNTH_MULTIVERSION
#define HYPERSYNTH_MULTIVERSION_16
#endif

namespace hypersynth {

namespace {

inline float ordered(float value) { return value; }

/// A bfloat16 as a whole number that grows with it, and back: of a negative number all bits but the
/// sign are turned over.
inline std::int16_t ordered(std::int16_t bits) {
  return static_cast<std::int16_t>(bits ^ (bits >> 15 & 0x7fff));
}

/// Maximum over 2x2x2 voxels of a row of `channels`, a multiple of `kChannels`. Strides in values.
template <int kChannels, typename Value>
inline __attribute__((always_inline)) void max_of_eight(const Value* in, std::int64_t channels,
                                                        std::int64_t row, std::int64_t slice,
                                                        std::int64_t ni, Value* out) {
  for (std::int64_t i = 0; i < ni / 2; ++i) {
    for (std::int64_t first = 0; first < channels; first += kChannels) {
      for (int c = 0; c < kChannels; ++c) {
        const Value* p = in + 2 * i * channels + first + c;
        const auto largest = [&](std::int64_t at) {
          return std::max(std::max(ordered(p[at]), ordered(p[at + channels])),
                          std::max(ordered(p[at + row]), ordered(p[at + row + channels])));
        };
        out[i * channels + first + c] = ordered(std::max(largest(0), largest(slice)));
      }
    }
  }
}

HYPERSYNTH_MULTIVERSION
void pool_row(const float* in, std::int64_t channels, std::int64_t row, std::int64_t slice,
              std::int64_t ni, float* out) {
  if (channels % 16 == 0) {
    max_of_eight<16>(in, channels, row, slice, ni, out);
  } else {
    max_of_eight<8>(in, channels, row, slice, ni, out);
  }
}

HYPERSYNTH_MULTIVERSION_16
void pool_row_of_bfloat16(const std::int16_t* in, std::int64_t channels, std::int64_t row,
                          std::int64_t slice, std::int64_t ni, std::int16_t* out) {
  max_of_eight<16>(in, channels, row, slice, ni, out);
}

/// Whether oneDNN may use an instruction set. The values of later sets hold all bits of it.
bool may_use(dnnl::cpu_isa isa) {
  const auto bits = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace

int block_channels() {
  static const int channels = may_use(dnnl::cpu_isa::avx512_core) ? 16 : 8;
  return channels;
}

bool has_bfloat16() {
  static const bool has = may_use(dnnl::cpu_isa::avx512_core_bf16);
  return has;
}

bool has_amx() {
  static const bool has = may_use(dnnl::cpu_isa::avx512_core_amx);
  return has;
}

bool bfloat16_is_faster() {
#if defined(__x86_64__)
  return has_amx() || (has_bfloat16() && __builtin_cpu_is("amd") != 0);
#else
  return false;
#endif
}

void Buffer::resize(int channels, const Extent& extent, FeatureType type) {
  const auto bytes = static_cast<std::size_t>(extent.voxels() * channels * bytes_of(type));
  if (bytes <= capacity_) return;
  capacity_ = 0;
  data_.reset();
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
  if (!data_) throw std::bad_alloc();
  capacity_ = bytes;
}

void Features::allocate(int channels, const Extent& extent) {
  channels_ = channels;
  extent_ = extent;
  slices_.clear();
  slices_.resize(static_cast<std::size_t>(extent.nk));
}

void Features::load(std::int64_t start, std::int64_t slices, Buffer& slab) const {
  slab.resize(channels_, {slices, extent_.nj, extent_.ni}, layout_.type);
  const std::int64_t plane = plane_bytes();
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < blocks() * slices; ++index) {
    const std::int64_t block = index / slices;
    const std::int64_t k = start + index % slices;
    std::byte* to = slab.data() + index * plane;
    if (k < 0 || k >= extent_.nk) {
      std::memset(to, 0, plane);
    } else {
      std::memcpy(to, slices_[k].data() + block * plane, plane);
    }
  }
}

void Features::store(const Buffer& slab, std::int64_t start, std::int64_t slices) {
  const std::int64_t plane = plane_bytes();
  for (std::int64_t k = 0; k < slices; ++k) {
    slices_[start + k].resize(channels_, {1, extent_.nj, extent_.ni}, layout_.type);
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < blocks() * slices; ++index) {
    std::memcpy(slices_[start + index % slices].data() + index / slices * plane,
                slab.data() + index * plane, plane);
  }
}

void Features::store_pooled(const Buffer& slab, std::int64_t start, std::int64_t slices,
                            const Extent& extent) {
  const std::int64_t channels = layout_.block_size(channels_);
  const std::int64_t fine_row = extent.ni * channels;
  const std::int64_t fine_plane = extent.nj * fine_row;
  for (std::int64_t k = 0; k < slices / 2; ++k) {
    slices_[start / 2 + k].resize(channels_, {1, extent_.nj, extent_.ni}, layout_.type);
  }
  const std::int64_t rows = blocks() * (slices / 2) * extent_.nj;
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < rows; ++index) {
    const std::int64_t j = index % extent_.nj;
    const std::int64_t k = index / extent_.nj % (slices / 2);
    const std::int64_t block = index / extent_.nj / (slices / 2);
    const std::byte* from =
        slab.data() +
        bytes_of(layout_.type) * ((block * slices + 2 * k) * fine_plane + 2 * j * fine_row);
    std::byte* to = slices_[start / 2 + k].data() + block * plane_bytes() + j * row_bytes();
    if (layout_.type == FeatureType::kFloat32) {
      pool_row(reinterpret_cast<const float*>(from), channels, fine_row, fine_plane, extent.ni,
               reinterpret_cast<float*>(to));
    } else {
      pool_row_of_bfloat16(reinterpret_cast<const std::int16_t*>(from), channels, fine_row,
                           fine_plane, extent.ni, reinterpret_cast<std::int16_t*>(to));
    }
  }
}

void Features::release_before(std::int64_t slice) {
  for (std::int64_t k = std::min(slice, extent_.nk) - 1; k >= 0 && slices_[k].data() != nullptr;
       --k) {
    slices_[k] = Buffer();
  }
}

HYPERSYNTH_MULTIVERSION
void softmax_row(const float* logits, int block_size, std::int64_t block_stride, int classes,
                 std::int64_t ni, float* row) {
  constexpr std::int64_t kChunk = 64;
  for (std::int64_t begin = 0; begin < ni; begin += kChunk) {
    const std::int64_t count = std::min(kChunk, ni - begin);
    float largest[kChunk];
    float total[kChunk] = {};
    std::fill(largest, largest + kChunk, -INFINITY);
    for (int c = 0; c < classes; ++c) {
      const float* in =
          logits + c / block_size * block_stride + begin * block_size + c % block_size;
      float* out = row + c * ni + begin;
      for (std::int64_t i = 0; i < count; ++i) {
        out[i] = in[i * block_size];
        largest[i] = std::max(largest[i], out[i]);
      }
    }
    for (int c = 0; c < classes; ++c) {
      float* out = row + c * ni + begin;
      for (std::int64_t i = 0; i < count; ++i) {
        out[i] = std::exp(out[i] - largest[i]);
        total[i] += out[i];
      }
    }
    for (std::int64_t i = 0; i < count; ++i) total[i] = 1.0F / total[i];
    for (int c = 0; c < classes; ++c) {
      float* out = row + c * ni + begin;
      for (std::int64_t i = 0; i < count; ++i) out[i] *= total[i];
    }
  }
}

}  // namespace hypersynth
