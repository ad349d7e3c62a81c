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

/// `channels`, filled up to whole blocks.
inline int padded_channels(int channels) {
  return (channels + block_channels() - 1) / block_channels() * block_channels();
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

/// Whether this processor has instructions for bfloat16 that oneDNN uses (AVX512_BF16 or AMX).
bool has_bfloat16();

/// Whether it has those for matrices of bfloat16 (AMX): convolutions then take a fifth of the time
/// that they take with float32.
bool has_amx();

/// Whether the network is faster in bfloat16 than in float32: with AMX, and on AMD's processors
/// with AVX512_BF16, where it takes 0.6 of the time. On Intel's without AMX it takes 1.2 times as
/// long.
bool bfloat16_is_faster();

/// How the features of a network lie in memory: [blocks][nk][nj][ni][channels of a block].
struct FeatureLayout {
  FeatureType type = FeatureType::kFloat32;
  /// One block holds all channels of a voxel (ndhwc), which is the layout of oneDNN's kernels for
  /// AMX; else blocks have block_channels().
  bool channels_last = false;

  /// The fastest layout on this processor.
  static FeatureLayout of(FeatureType type) {
    return {type, type == FeatureType::kBfloat16 && has_amx()};
  }
  /// Of so many channels, a multiple of block_channels().
  int block_size(int channels) const { return channels_last ? channels : block_channels(); }
  int blocks(int channels) const { return channels / block_size(channels); }
};

/// 64-byte aligned values of features; grows and is reused, never shrinks.
class Buffer {
 public:
  void resize(int channels, const Extent& extent, FeatureType type);
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* pointer) const { std::free(pointer); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t capacity_ = 0;
};

/// The features of one level, a buffer [blocks][nj][ni][channels of a block] per slice so that
/// slices can be freed one by one.
class Features {
 public:
  explicit Features(const FeatureLayout& layout = {}) : layout_(layout) {}

  void allocate(int channels, const Extent& extent);
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
  int blocks() const { return layout_.blocks(channels_); }
  std::int64_t row_bytes() const {
    return extent_.ni * layout_.block_size(channels_) * bytes_of(layout_.type);
  }
  std::int64_t plane_bytes() const { return extent_.nj * row_bytes(); }

  FeatureLayout layout_;
  int channels_ = 0;
  Extent extent_;
  std::vector<Buffer> slices_;
};

/// Softmax over classes of one row of voxels: `logits` in blocks of `block_size` classes, with
/// `block_stride` floats from one block to the next; `row` receives [classes][ni].
void softmax_row(const float* logits, int block_size, std::int64_t block_stride, int classes,
                 std::int64_t ni, float* row);

}  // namespace hypersynth
