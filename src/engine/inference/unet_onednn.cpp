// The U-Net of the default model on oneDNN, the library that libtorch itself runs convolutions with
// on a CPU. Used directly it keeps activations in its blocked layout (no reordering around every
// layer), fuses ELU and batch norm into the convolution, and needs no libtorch in the process.
//
// Three things keep time and memory down, all exact up to rounding:
// - Levels are computed slab by slab along k with the rows around the slab that two 3x3x3
//   convolutions reach, so that only the outputs of a level are ever whole in memory.
// - "Nearest upsampling, then 3x3x3 convolution" is one transposed convolution with kernel 4 and
//   stride 2 on the coarse grid: 64 instead of 216 products per coarse voxel.
// - The finest level's features are freed as the last decoder level consumes them.

#include <algorithm>
#include <cstring>
#include <omp.h>
#include <optional>
#include <unordered_map>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "core/error.h"
#include "engine/inference/features.h"
#include "engine/inference/inference_network.h"
#include "engine/inference/onednn_layers.h"

namespace hypersynth {

namespace {

/// Slices per slab whose layers' outputs would take `bytes` in float32: even, so that pooling and
/// upsampling never straddle two slabs.
std::int64_t slab_slices(const Extent& extent, int channels, std::int64_t bytes) {
  const std::int64_t slice_bytes =
      extent.nj * extent.ni * channels * bytes_of(FeatureType::kFloat32);
  const std::int64_t slices = std::max<std::int64_t>(2, bytes / slice_bytes / 2 * 2);
  return std::min(slices, extent.nk);
}

/// Zeroes the slices of a slab that lie outside the volume: first slice at `start`, in a volume of
/// nk.
void zero_outside(Buffer& slab, int channels, const Extent& slab_extent,
                  const FeatureLayout& layout, std::int64_t start, std::int64_t nk) {
  const std::int64_t slice =
      slab_extent.nj * slab_extent.ni * layout.block_size(channels) * bytes_of(layout.type);
  for (int block = 0; block < layout.blocks(channels); ++block) {
    for (std::int64_t k = 0; k < slab_extent.nk; ++k) {
      if (start + k >= 0 && start + k < nk) continue;
      std::memset(slab.data() + (block * slab_extent.nk + k) * slice, 0, slice);
    }
  }
}

/// Throws Error kUsage where this processor has no instructions for what is asked for.
FeatureType feature_type(InferencePrecision precision) {
  if (precision == InferencePrecision::kFull) return FeatureType::kFloat32;
  if (precision == InferencePrecision::kAuto)
    return bfloat16_is_faster() ? FeatureType::kBfloat16 : FeatureType::kFloat32;
  if (!has_bfloat16()) {
    throw Error(ExitCode::kUsage,
                "precision bf16: expected a processor with AVX512_BF16 or AMX instructions, found "
                "one without; leave the option out");
  }
  return FeatureType::kBfloat16;
}

struct Level {
  ConvolutionWeights first;  ///< Encoder: of the pooled input. Decoder: of the skip features.
  ConvolutionWeights second;
  std::optional<UpsampleWeights> upsample;  ///< Decoder: of the coarser features.
};

class OnednnUnet : public InferenceNetwork {
 public:
  OnednnUnet(const Model& model, const InferenceOptions& options)
      : classes_(static_cast<int>(classes_of(model.manifest.architecture))),
        threads_(options.threads > 0 ? options.threads : omp_get_max_threads()),
        slab_bytes_(options.slab_bytes),
        stop_(options.stop),
        layout_(FeatureLayout::of(feature_type(options.precision))),
        layers_(layout_) {
    load(model, std::get<PoolUnetOptions>(model.manifest.architecture));
  }

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    omp_set_num_threads(threads_);
    const Freed freed{*this};
    if (shape != shape_) layers_.forget_shapes();  // a study may have images of many sizes
    shape_ = shape;
    try {
      run_levels(voxels, {shape[0], shape[1], shape[2]}, sink);
    } catch (const dnnl::error& error) {
      const bool memory = error.status == dnnl_out_of_memory;
      throw Error(memory ? ExitCode::kTryAgain : ExitCode::kInternal,
                  memory ? std::string("not enough memory for the network")
                         : std::string("oneDNN: ") + error.what());
    }
  }

  std::string device() const override { return "cpu"; }
  std::string precision() const override {
    return layout_.type == FeatureType::kFloat32 ? "float32" : "bfloat16";
  }

 private:
  /// Frees the memory of the slabs when an image is done.
  struct Freed {
    OnednnUnet& unet;
    ~Freed() {
      for (Buffer* buffer : {&unet.slab_, &unet.first_, &unet.second_, &unet.logits_})
        *buffer = Buffer();
    }
  };

  void load(const Model& model, const PoolUnetOptions& unet);
  void run_levels(const float* voxels, const Extent& extent, const PosteriorRowSink& sink);
  void encode_finest(const float* voxels, const Extent& extent, Features& skip, Features& pooled);
  void encode(int level, const Features& input, Features& output, Features* pooled);
  void decode(int level, const Features& coarse, Features& skip, Features* output,
              const PosteriorRowSink* sink);
  void finish_slab(const Level& level, Buffer& first, const Extent& first_extent,
                   std::int64_t start, std::int64_t nk, Buffer& second);
  void classify(const Buffer& slab, const Extent& extent, std::int64_t start,
                const PosteriorRowSink& sink);

  int classes_;
  int threads_;
  std::int64_t slab_bytes_;
  const std::atomic<bool>* stop_;
  FeatureLayout layout_;
  OnednnLayers layers_;
  std::array<std::int64_t, 3> shape_{};  ///< of the last image
  std::vector<Level> encoder_;
  std::vector<Level> decoder_;  ///< decoder_[level], level 0 = finest.
  ConvolutionWeights head_;
  /// Of one slab: input, both convolutions, classes. All levels use the same, because fresh memory
  /// costs page faults.
  Buffer slab_, first_, second_, logits_;
};

void OnednnUnet::load(const Model& model, const PoolUnetOptions& unet) {
  const PoolUnetLayers network(unet);
  const WeightReader reader(model.weights, network.tensors);
  for (const auto& [first, second] : network.encoder)
    encoder_.push_back({reader.convolution(first), reader.convolution(second), std::nullopt});
  for (std::size_t level = 0; level < network.decoder.size(); ++level) {
    const auto& [first, second] = network.decoder[level];
    const auto coarse = static_cast<int>(unet.features(static_cast<int>(level) + 1));
    decoder_.push_back({reader.skip_convolution(first, coarse), reader.convolution(second),
                        reader.upsample(first, coarse)});
  }
  head_ = reader.head(network.head);
}

void OnednnUnet::run_levels(const float* voxels, const Extent& extent,
                            const PosteriorRowSink& sink) {
  std::vector<Features> skips;
  for (std::size_t level = 0; level < encoder_.size(); ++level) skips.emplace_back(layout_);
  Features pooled(layout_);
  encode_finest(voxels, extent, skips[0], pooled);
  const auto levels = static_cast<int>(encoder_.size());
  for (int level = 1; level < levels; ++level) {
    const bool last = level + 1 == levels;
    Features next(layout_);
    encode(level, pooled, skips[level], last ? nullptr : &next);
    pooled = std::move(next);
  }
  Features coarse = std::move(skips.back());
  for (int level = levels - 2; level > 0; --level) {
    Features finer(layout_);
    decode(level, coarse, skips[level], &finer, nullptr);
    coarse = std::move(finer);
  }
  decode(0, coarse, skips[0], nullptr, &sink);
}

// The slab of the first convolution holds slices start - 1 .. start + slices of the volume; the
// second needs zeros, not features, where those lie outside.
void OnednnUnet::finish_slab(const Level& level, Buffer& first, const Extent& first_extent,
                             std::int64_t start, std::int64_t nk, Buffer& second) {
  if (stop_ != nullptr && *stop_) throw Error(ExitCode::kInterrupted, "interrupted");
  zero_outside(first, level.second.in_channels, first_extent, layout_, start - 1, nk);
  second.resize(level.second.out_channels, {first_extent.nk - 2, first_extent.nj, first_extent.ni},
                layout_.type);
  layers_.convolve(level.second, first.data(), first_extent, second, false);
}

void OnednnUnet::encode_finest(const float* voxels, const Extent& extent, Features& skip,
                               Features& pooled) {
  const Level& level = encoder_[0];
  skip.allocate(level.second.out_channels, extent);
  pooled.allocate(level.second.out_channels, extent.halved());
  const std::int64_t step = slab_slices(extent, level.second.out_channels, slab_bytes_);
  const std::int64_t slice = extent.nj * extent.ni;
  std::vector<float> input;
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    input.assign(static_cast<std::size_t>((slices + 4) * slice), 0.0F);
    const std::int64_t low = std::max<std::int64_t>(0, start - 2);
    const std::int64_t high = std::min(extent.nk, start + slices + 2);
    std::copy(voxels + low * slice, voxels + high * slice,
              input.begin() + (low - (start - 2)) * slice);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first_.resize(level.first.out_channels, first_extent, layout_.type);
    layers_.convolve_plain(level.first, input.data(), {slices + 4, extent.nj, extent.ni}, first_);
    finish_slab(level, first_, first_extent, start, extent.nk, second_);
    skip.store(second_, start, slices);
    pooled.store_pooled(second_, start, slices, extent);
  }
}

void OnednnUnet::encode(int index, const Features& input, Features& output, Features* pooled) {
  const Level& level = encoder_[index];
  const Extent extent = input.extent();
  output.allocate(level.second.out_channels, extent);
  if (pooled != nullptr) pooled->allocate(level.second.out_channels, extent.halved());
  const std::int64_t step = slab_slices(extent, level.second.out_channels, slab_bytes_);
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    input.load(start - 2, slices + 4, slab_);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first_.resize(level.first.out_channels, first_extent, layout_.type);
    layers_.convolve(level.first, slab_.data(), {slices + 4, extent.nj, extent.ni}, first_, false);
    finish_slab(level, first_, first_extent, start, extent.nk, second_);
    output.store(second_, start, slices);
    if (pooled != nullptr) pooled->store_pooled(second_, start, slices, extent);
  }
}

void OnednnUnet::decode(int index, const Features& coarse, Features& skip, Features* output,
                        const PosteriorRowSink* sink) {
  const Level& level = decoder_[index];
  const Extent extent = skip.extent();
  if (output != nullptr) output->allocate(level.second.out_channels, extent);
  const std::int64_t step = slab_slices(extent, level.second.out_channels, slab_bytes_);
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first_.resize(level.first.out_channels, first_extent, layout_.type);
    coarse.load(start / 2 - 1, slices / 2 + 2, slab_);
    layers_.upsample(*level.upsample, slab_, {slices / 2 + 2, extent.nj / 2, extent.ni / 2},
                     first_);
    skip.load(start - 2, slices + 4, slab_);
    skip.release_before(start + slices - 2);
    layers_.convolve(level.first, slab_.data(), {slices + 4, extent.nj, extent.ni}, first_, true);
    finish_slab(level, first_, first_extent, start, extent.nk, second_);
    if (output != nullptr) output->store(second_, start, slices);
    if (sink != nullptr) classify(second_, {slices, extent.nj, extent.ni}, start, *sink);
  }
}

// Slice by slice where a slice is one piece of memory: the logits of a slab, with three times as
// many channels in float32, would not stay in the processor's cache.
void OnednnUnet::classify(const Buffer& slab, const Extent& extent, std::int64_t start,
                          const PosteriorRowSink& sink) {
  const Extent part{layout_.blocks(head_.in_channels) == 1 ? 1 : extent.nk, extent.nj, extent.ni};
  const std::int64_t part_bytes = part.voxels() * head_.in_channels * bytes_of(layout_.type);
  const std::int64_t rows = part.nk * part.nj;
  const int block = layout_.block_size(head_.out_channels);
  logits_.resize(head_.out_channels, part, FeatureType::kFloat32);
  for (std::int64_t k = 0; k < extent.nk; k += part.nk) {
    layers_.convolve(head_, slab.data() + k / part.nk * part_bytes, part, logits_, false);
#pragma omp parallel
    {
      std::vector<float> row(static_cast<std::size_t>(head_.out_channels * extent.ni));
#pragma omp for schedule(static)
      for (std::int64_t index = 0; index < rows; ++index) {
        softmax_row(reinterpret_cast<const float*>(logits_.data()) + index * extent.ni * block,
                    block, rows * extent.ni * block, classes_, extent.ni, row.data());
        sink(start + k + index / extent.nj, index % extent.nj, row.data(), extent.ni);
      }
    }
  }
}

}  // namespace

bool runs_on_onednn(const Architecture& architecture) {
  const auto* unet = std::get_if<PoolUnetOptions>(&architecture);
  return unet != nullptr && unet->dimensions == 3 && unet->norm == Norm::kBatch &&
         unet->levels >= 2 && unet->base_features >= 2;
}

std::unique_ptr<InferenceNetwork> make_onednn_unet(const Model& model,
                                                   const InferenceOptions& options) {
  return std::make_unique<OnednnUnet>(model, options);
}

}  // namespace hypersynth
