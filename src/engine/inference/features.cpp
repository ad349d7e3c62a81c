#include "engine/inference/features.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include <oneapi/dnnl/dnnl.hpp>

// The hot loops are compiled for three instruction sets and the right one is chosen at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HYPERSYNTH_MULTIVERSION __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define HYPERSYNTH_MULTIVERSION
#endif

namespace hypersynth {

namespace {

/// Maximum over 2x2x2 voxels of a row, for blocks of `kChannels`.
template <int kChannels>
inline __attribute__((always_inline)) void max_of_eight(const float* in, std::int64_t row,
                                                        std::int64_t slice, std::int64_t ni,
                                                        float* out) {
  for (std::int64_t i = 0; i < ni / 2; ++i) {
    for (int c = 0; c < kChannels; ++c) {
      const float* p = in + 2 * i * kChannels + c;
      const float near =
          std::max(std::max(p[0], p[kChannels]), std::max(p[row], p[row + kChannels]));
      const float far = std::max(std::max(p[slice], p[slice + kChannels]),
                                 std::max(p[slice + row], p[slice + row + kChannels]));
      out[i * kChannels + c] = std::max(near, far);
    }
  }
}

HYPERSYNTH_MULTIVERSION
void pool_row(const float* in, std::int64_t row, std::int64_t slice, std::int64_t ni, float* out) {
  if (block_channels() == 16) {
    max_of_eight<16>(in, row, slice, ni, out);
  } else {
    max_of_eight<8>(in, row, slice, ni, out);
  }
}

}  // namespace

int block_channels() {
  static const int channels = [] {
    const auto isa = dnnl::get_effective_cpu_isa();
    // The values of AVX-512 are those that hold all bits of its first one.
    const auto bits = static_cast<unsigned>(isa);
    const auto avx512 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
    return (bits & avx512) == avx512 ? 16 : 8;
  }();
  return channels;
}

void Buffer::resize(int blocks, const Extent& extent) {
  const auto floats = static_cast<std::size_t>(extent.voxels()) * static_cast<std::size_t>(blocks) *
                      static_cast<std::size_t>(block_channels());
  if (floats <= capacity_) return;
  data_.reset();
  data_.reset(static_cast<float*>(std::aligned_alloc(64, floats * sizeof(float))));
  if (!data_) throw std::bad_alloc();
  capacity_ = floats;
}

void Features::allocate(int blocks, const Extent& extent) {
  blocks_ = blocks;
  extent_ = extent;
  slices_.clear();
  slices_.resize(static_cast<std::size_t>(extent.nk));
}

void Features::load(std::int64_t start, std::int64_t slices, Buffer& slab) const {
  slab.resize(blocks_, {slices, extent_.nj, extent_.ni});
  const std::int64_t plane = plane_floats();
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < blocks_ * slices; ++index) {
    const std::int64_t block = index / slices;
    const std::int64_t k = start + index % slices;
    float* to = slab.data() + index * plane;
    if (k < 0 || k >= extent_.nk) {
      std::memset(to, 0, sizeof(float) * plane);
    } else {
      std::memcpy(to, slices_[k].data() + block * plane, sizeof(float) * plane);
    }
  }
}

void Features::store(const Buffer& slab, std::int64_t start, std::int64_t slices) {
  const std::int64_t plane = plane_floats();
  for (std::int64_t k = 0; k < slices; ++k) {
    slices_[start + k].resize(blocks_, {1, extent_.nj, extent_.ni});
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < blocks_ * slices; ++index) {
    std::memcpy(slices_[start + index % slices].data() + index / slices * plane,
                slab.data() + index * plane, sizeof(float) * plane);
  }
}

void Features::store_pooled(const Buffer& slab, std::int64_t start, std::int64_t slices,
                            const Extent& extent) {
  const std::int64_t fine_row = extent.ni * block_channels();
  const std::int64_t fine_plane = extent.nj * fine_row;
  for (std::int64_t k = 0; k < slices / 2; ++k) {
    slices_[start / 2 + k].resize(blocks_, {1, extent_.nj, extent_.ni});
  }
  const std::int64_t rows = blocks_ * (slices / 2) * extent_.nj;
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < rows; ++index) {
    const std::int64_t j = index % extent_.nj;
    const std::int64_t k = index / extent_.nj % (slices / 2);
    const std::int64_t block = index / extent_.nj / (slices / 2);
    pool_row(
        slab.data() + (block * slices + 2 * k) * fine_plane + 2 * j * fine_row, fine_row,
        fine_plane, extent.ni,
        slices_[start / 2 + k].data() + block * plane_floats() + j * extent_.ni * block_channels());
  }
}

void Features::release_before(std::int64_t slice) {
  for (std::int64_t k = std::min(slice, extent_.nk) - 1; k >= 0 && slices_[k].data() != nullptr;
       --k) {
    slices_[k] = Buffer();
  }
}

HYPERSYNTH_MULTIVERSION
void softmax_row(const float* logits, std::int64_t block_stride, int classes, std::int64_t ni,
                 float* row) {
  constexpr std::int64_t kChunk = 64;
  const int channels = block_channels();
  for (std::int64_t begin = 0; begin < ni; begin += kChunk) {
    const std::int64_t count = std::min(kChunk, ni - begin);
    float largest[kChunk];
    float total[kChunk] = {};
    std::fill(largest, largest + kChunk, -INFINITY);
    for (int c = 0; c < classes; ++c) {
      const float* in = logits + c / channels * block_stride + begin * channels + c % channels;
      float* out = row + c * ni + begin;
      for (std::int64_t i = 0; i < count; ++i) {
        out[i] = in[i * channels];
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
