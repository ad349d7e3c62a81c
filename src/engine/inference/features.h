#pragma once

#include <cstddef>
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

/// How the values of features are stored. Sums are float32 with either.
enum class FeatureType { kFloat32, kBfloat16 };

constexpr std::int64_t bytes_of(FeatureType type) { return type == FeatureType::kFloat32 ? 4 : 2; }

/// Whether this processor has instructions for bfloat16 that oneDNN uses (AVX512_BF16, AMX): its
/// convolutions then take half the time that they take with float32.
bool has_bfloat16();

/// 64-byte aligned values in layout [blocks][nk][nj][ni][block_channels()]; grows and is reused,
/// never shrinks.
class Buffer {
 public:
  void resize(int blocks, const Extent& extent, FeatureType type);
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* pointer) const { std::free(pointer); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t capacity_ = 0;
};

/// The features of one level, a buffer [blocks][nj][ni][block_channels()] per slice so that slices
/// can be freed one by one.
class Features {
 public:
  explicit Features(FeatureType type = FeatureType::kFloat32) : type_(type) {}

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
  std::int64_t row_bytes() const { return extent_.ni * block_channels() * bytes_of(type_); }
  std::int64_t plane_bytes() const { return extent_.nj * row_bytes(); }

  FeatureType type_;
  int blocks_ = 0;
  Extent extent_;
  std::vector<Buffer> slices_;
};

/// Softmax over classes of one row of voxels: `logits` in blocked layout with `block_stride` floats
/// from one block of classes to the next; `row` receives [classes][ni].
void softmax_row(const float* logits, std::int64_t block_stride, int classes, std::int64_t ni,
                 float* row);

}  // namespace hypersynth
