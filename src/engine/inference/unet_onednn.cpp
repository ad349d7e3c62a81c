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

/// Slices per slab whose layers' outputs take `bytes`: even, so that pooling and upsampling never
/// straddle two slabs.
std::int64_t slab_slices(const Extent& extent, int blocks, FeatureType type, std::int64_t bytes) {
  const std::int64_t slice_bytes =
      extent.nj * extent.ni * blocks * block_channels() * bytes_of(type);
  const std::int64_t slices = std::max<std::int64_t>(2, bytes / slice_bytes / 2 * 2);
  return std::min(slices, extent.nk);
}

/// Zeroes the slices of a slab that lie outside the volume: first slice at `start`, in a volume of
/// nk.
void zero_outside(Buffer& slab, int blocks, const Extent& slab_extent, FeatureType type,
                  std::int64_t start, std::int64_t nk) {
  const std::int64_t slice = slab_extent.nj * slab_extent.ni * block_channels() * bytes_of(type);
  for (int block = 0; block < blocks; ++block) {
    for (std::int64_t k = 0; k < slab_extent.nk; ++k) {
      if (start + k >= 0 && start + k < nk) continue;
      std::memset(slab.data() + (block * slab_extent.nk + k) * slice, 0, slice);
    }
  }
}

/// Throws Error kUsage where this processor has no instructions for what is asked for.
FeatureType feature_type(InferencePrecision precision) {
  if (precision != InferencePrecision::kBfloat16) return FeatureType::kFloat32;
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
        type_(feature_type(options.precision)),
        layers_(type_) {
    load(model, std::get<PoolUnetOptions>(model.manifest.architecture));
  }

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    omp_set_num_threads(threads_);
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
    return type_ == FeatureType::kFloat32 ? "float32" : "bfloat16";
  }

 private:
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
  FeatureType type_;
  OnednnLayers layers_;
  std::vector<Level> encoder_;
  std::vector<Level> decoder_;  ///< decoder_[level], level 0 = finest.
  ConvolutionWeights head_;
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
  for (std::size_t level = 0; level < encoder_.size(); ++level) skips.emplace_back(type_);
  Features pooled(type_);
  encode_finest(voxels, extent, skips[0], pooled);
  const auto levels = static_cast<int>(encoder_.size());
  for (int level = 1; level < levels; ++level) {
    const bool last = level + 1 == levels;
    Features next(type_);
    encode(level, pooled, skips[level], last ? nullptr : &next);
    pooled = std::move(next);
  }
  Features coarse = std::move(skips.back());
  for (int level = levels - 2; level > 0; --level) {
    Features finer(type_);
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
  zero_outside(first, level.second.in_blocks, first_extent, type_, start - 1, nk);
  second.resize(level.second.out_blocks, {first_extent.nk - 2, first_extent.nj, first_extent.ni},
                type_);
  layers_.convolve(level.second, first, first_extent, second, false);
}

void OnednnUnet::encode_finest(const float* voxels, const Extent& extent, Features& skip,
                               Features& pooled) {
  const Level& level = encoder_[0];
  skip.allocate(level.second.out_blocks, extent);
  pooled.allocate(level.second.out_blocks, extent.halved());
  const std::int64_t step = slab_slices(extent, level.second.out_blocks, type_, slab_bytes_);
  const std::int64_t slice = extent.nj * extent.ni;
  std::vector<float> input;
  Buffer first;
  Buffer second;
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    input.assign(static_cast<std::size_t>((slices + 4) * slice), 0.0F);
    const std::int64_t low = std::max<std::int64_t>(0, start - 2);
    const std::int64_t high = std::min(extent.nk, start + slices + 2);
    std::copy(voxels + low * slice, voxels + high * slice,
              input.begin() + (low - (start - 2)) * slice);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first.resize(level.first.out_blocks, first_extent, type_);
    layers_.convolve_plain(level.first, input.data(), {slices + 4, extent.nj, extent.ni}, first);
    finish_slab(level, first, first_extent, start, extent.nk, second);
    skip.store(second, start, slices);
    pooled.store_pooled(second, start, slices, extent);
  }
}

void OnednnUnet::encode(int index, const Features& input, Features& output, Features* pooled) {
  const Level& level = encoder_[index];
  const Extent extent = input.extent();
  output.allocate(level.second.out_blocks, extent);
  if (pooled != nullptr) pooled->allocate(level.second.out_blocks, extent.halved());
  const std::int64_t step = slab_slices(extent, level.second.out_blocks, type_, slab_bytes_);
  Buffer slab;
  Buffer first;
  Buffer second;
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    input.load(start - 2, slices + 4, slab);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first.resize(level.first.out_blocks, first_extent, type_);
    layers_.convolve(level.first, slab, {slices + 4, extent.nj, extent.ni}, first, false);
    finish_slab(level, first, first_extent, start, extent.nk, second);
    output.store(second, start, slices);
    if (pooled != nullptr) pooled->store_pooled(second, start, slices, extent);
  }
}

void OnednnUnet::decode(int index, const Features& coarse, Features& skip, Features* output,
                        const PosteriorRowSink* sink) {
  const Level& level = decoder_[index];
  const Extent extent = skip.extent();
  if (output != nullptr) output->allocate(level.second.out_blocks, extent);
  const std::int64_t step = slab_slices(extent, level.second.out_blocks, type_, slab_bytes_);
  Buffer slab;
  Buffer first;
  Buffer second;
  for (std::int64_t start = 0; start < extent.nk; start += step) {
    const std::int64_t slices = std::min(step, extent.nk - start);
    const Extent first_extent{slices + 2, extent.nj, extent.ni};
    first.resize(level.first.out_blocks, first_extent, type_);
    coarse.load(start / 2 - 1, slices / 2 + 2, slab);
    layers_.upsample(*level.upsample, slab, {slices / 2 + 2, extent.nj / 2, extent.ni / 2}, first);
    skip.load(start - 2, slices + 4, slab);
    skip.release_before(start + slices - 2);
    layers_.convolve(level.first, slab, {slices + 4, extent.nj, extent.ni}, first, true);
    finish_slab(level, first, first_extent, start, extent.nk, second);
    if (output != nullptr) output->store(second, start, slices);
    if (sink != nullptr) classify(second, {slices, extent.nj, extent.ni}, start, *sink);
  }
}

void OnednnUnet::classify(const Buffer& slab, const Extent& extent, std::int64_t start,
                          const PosteriorRowSink& sink) {
  Buffer logits;
  logits.resize(head_.out_blocks, extent, FeatureType::kFloat32);
  layers_.convolve(head_, slab, extent, logits, false);
  const std::int64_t rows = extent.nk * extent.nj;
#pragma omp parallel
  {
    std::vector<float> row(
        static_cast<std::size_t>(head_.out_blocks * block_channels() * extent.ni));
#pragma omp for schedule(static)
    for (std::int64_t index = 0; index < rows; ++index) {
      softmax_row(
          reinterpret_cast<const float*>(logits.data()) + index * extent.ni * block_channels(),
          rows * extent.ni * block_channels(), classes_, extent.ni, row.data());
      sink(start + index / extent.nj, index % extent.nj, row.data(), extent.ni);
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
