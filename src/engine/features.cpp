#include "engine/features.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

// The hot loops are compiled for three instruction sets and the right one is chosen at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HYPERSYNTH_MULTIVERSION __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define HYPERSYNTH_MULTIVERSION
#endif

namespace hypersynth {

namespace {

HYPERSYNTH_MULTIVERSION
void max_of_eight(const float* in, std::int64_t row, std::int64_t slice, std::int64_t ni,
                  float* out) {
  for (std::int64_t i = 0; i < ni / 2; ++i) {
    for (int c = 0; c < kBlock; ++c) {
      const float* p = in + 2 * i * kBlock + c;
      const float near = std::max(std::max(p[0], p[kBlock]), std::max(p[row], p[row + kBlock]));
      const float far = std::max(std::max(p[slice], p[slice + kBlock]),
                                 std::max(p[slice + row], p[slice + row + kBlock]));
      out[i * kBlock + c] = std::max(near, far);
    }
  }
}

}  // namespace

void Buffer::resize(int blocks, const Extent& extent) {
  const auto floats = static_cast<std::size_t>(extent.voxels()) * static_cast<std::size_t>(blocks) *
                      static_cast<std::size_t>(kBlock);
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
  const std::int64_t fine_row = extent.ni * kBlock;
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
    max_of_eight(slab.data() + (block * slices + 2 * k) * fine_plane + 2 * j * fine_row, fine_row,
                 fine_plane, extent.ni,
                 slices_[start / 2 + k].data() + block * plane_floats() + j * extent_.ni * kBlock);
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
  for (std::int64_t begin = 0; begin < ni; begin += kChunk) {
    const std::int64_t count = std::min(kChunk, ni - begin);
    float largest[kChunk];
    float total[kChunk] = {};
    std::fill(largest, largest + kChunk, -INFINITY);
    for (int c = 0; c < classes; ++c) {
      const float* in = logits + c / kBlock * block_stride + begin * kBlock + c % kBlock;
      float* out = row + c * ni + begin;
      for (std::int64_t i = 0; i < count; ++i) {
        out[i] = in[i * kBlock];
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
