#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace hypersynth {

/// Channels per block of the layout that oneDNN's kernels for this processor take: 16 (nCdhw16c)
/// with AVX-512, else 8 (nCdhw8c). In the other layout oneDNN has no kernel and falls back on plain
/// loops, which take 50 times as long.
int block_channels();

/// Blocks that hold `channels` channels.
inline int block_count(int channels) {
  return (channels + block_channels() - 1) / block_channels();
}

/// Extents of a feature volume, i fastest.
struct Extent {
  std::int64_t nk = 0;
  std::int64_t nj = 0;
  std::int64_t ni = 0;

  std::int64_t voxels() const { return nk * nj * ni; }
  Extent halved() const { return {nk / 2, nj / 2, ni / 2}; }
};

/// 64-byte aligned floats in layout [blocks][nk][nj][ni][block_channels()]; grows and is reused,
/// never shrinks.
class Buffer {
 public:
  void resize(int blocks, const Extent& extent);
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* pointer) const { std::free(pointer); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t capacity_ = 0;
};

/// The features of one level, a buffer [blocks][nj][ni][block_channels()] per slice so that slices
/// can be freed one by one.
class Features {
 public:
  void allocate(int blocks, const Extent& extent);
  const Extent& extent() const { return extent_; }

  /// Slices start .. start + slices as one slab; zeros where they lie outside the volume.
  void load(std::int64_t start, std::int64_t slices, Buffer& slab) const;
  /// Copies a slab of `slices` slices to slices `start` and on.
  void store(const Buffer& slab, std::int64_t start, std::int64_t slices);
  /// Maximum over 2x2x2 voxels of a slab that began at slice `start` of a volume of `extent`.
  void store_pooled(const Buffer& slab, std::int64_t start, std::int64_t slices,
                    const Extent& extent);
  /// Frees all slices before `slice`.
  void release_before(std::int64_t slice);

 private:
  std::int64_t plane_floats() const { return extent_.nj * extent_.ni * block_channels(); }

  int blocks_ = 0;
  Extent extent_;
  std::vector<Buffer> slices_;
};

/// Softmax over classes of one row of voxels: `logits` in blocked layout with `block_stride` floats
/// from one block of classes to the next; `row` receives [classes][ni].
void softmax_row(const float* logits, std::int64_t block_stride, int classes, std::int64_t ni,
                 float* row);

}  // namespace hypersynth
