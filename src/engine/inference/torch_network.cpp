// Any network of the registry on libtorch: on a GPU, and on the CPU where oneDNN's fast path does
// not know the network. Lives in the engine's shared library, which inference_loader.cpp opens when
// it is needed.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include "core/error.h"
#include "engine/inference/device_memory.h"
#include "engine/inference/device_segmenter.h"
#include "engine/inference/inference_network.h"
#include "engine/networks/build_network.h"
#include "engine/networks/precision.h"
#include "engine/networks/short_memory.h"
#include "engine/networks/stored_tensors.h"

namespace hypersynth {

namespace {

/// "cuda" is the first GPU.
c10::Device numbered(const std::string& name) {
  const c10::Device device(name);
  return device.is_cuda() && !device.has_index() ? c10::Device(device.type(), 0) : device;
}

class TorchNetwork : public InferenceNetwork {
 public:
  TorchNetwork(const Model& model, const InferenceOptions& options)
      : network_(build_network(model.manifest.architecture)),
        manifest_(model.manifest),
        device_(numbered(options.device)),
        options_(options) {
    if (device_.is_cuda() && !at::hasCUDA()) {
      throw Error(ExitCode::kUsage,
                  "no usable CUDA device: expected a GPU, its driver and a libtorch with CUDA");
    }
    if (options.precision == InferencePrecision::kBfloat16 && !device_.is_cuda()) {
      throw Error(ExitCode::kUsage,
                  "precision bf16: expected a network that runs on oneDNN, or a GPU, found one "
                  "that libtorch runs on the CPU in float32; leave the option out");
    }
    if (options.threads > 0) at::set_num_threads(options.threads);
    parameters_ =
        network_->parameters().views(read_flat(model.weights, network_->parameters()).to(device_));
    // Inference normalises with the running statistics of the training.
    statistics_.running =
        network_->buffers().views(read_flat(model.weights, network_->buffers()).to(device_));
    statistics_.update = false;
    if (!device_.is_cuda()) return;
    plan_memory();
    // The layout in which tensor cores take 16-bit convolutions.
    for (auto& parameter : parameters_) {
      if (parameter.dim() == 5) parameter = parameter.contiguous(at::MemoryFormat::ChannelsLast3d);
    }
  }

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const std::unique_lock alone(turns_);
    const auto [nk, nj, ni] = shape;
    const std::int64_t step =
        takes_slices() ? slices_at_once(manifest_.architecture, nj * ni, options_.slab_bytes) : nk;
    try {
      for (std::int64_t start = 0; start < nk; start += step) {
        if (options_.stop != nullptr && *options_.stop)
          throw Error(ExitCode::kInterrupted, "interrupted");
        const std::int64_t slices = std::min(step, nk - start);
        run_slab(voxels + start * nj * ni, {slices, nj, ni}, start, sink);
      }
    } catch (const c10::Error& error) {
      throw Error(ExitCode::kTryAgain, device_.str() + ": " + error.what_without_backtrace());
    }
  }

  bool segment(const Image& source, const SegmenterOptions& options,
               Segmentation& result) override {
    if (!takes_whole_images()) return false;
    try {
      try {
        return segment_in(autocast(), source, options, result);
      } catch (const DeviceSegmenter::OutOfRange&) {
        result = Segmentation();
        result.again_in_float32 = true;
      }
      return segment_in(Precision::kFull, source, options, result);
    } catch (const c10::Error& error) {
      throw Error(ExitCode::kTryAgain, device_.str() + ": " + error.what_without_backtrace());
    }
  }

  /// While one image is in the network, the processors find the components of another.
  int images_at_once() const override { return takes_whole_images() ? 2 : 1; }

  std::string device() const override { return device_.str(); }

  std::string precision() const override {
    if (!takes_whole_images() || autocast() == Precision::kFull) return "float32";
    return autocast() == Precision::kBfloat16 ? "bfloat16" : "float16";
  }

 private:
  bool takes_whole_images() const {
    return !takes_slices() && (device_.is_cuda() || options_.cpu_as_gpu);
  }

  /// Of segment(); run() is float32.
  Precision autocast() const {
    if (!device_.is_cuda() || options_.precision == InferencePrecision::kFull)
      return Precision::kFull;
    return options_.precision == InferencePrecision::kBfloat16 ? Precision::kBfloat16
                                                               : Precision::kFloat16;
  }

  /// Beside another image while there is memory for both, else alone.
  bool segment_in(Precision precision, const Image& source, const SegmenterOptions& options,
                  Segmentation& result) {
    const auto segment_now = [&](bool beside_others) {
      const DeviceSegmenter segmenter(manifest_,
                                      {*network_, parameters_, statistics_, device_, precision,
                                       options_.most_voxels_at_once, beside_others, options_.stop});
      return segmenter.segment(source, options, result);
    };
    if (!no_room_for_two_) {
      const bool again = result.again_in_float32;
      try {
        const std::shared_lock turn(turns_);
        return segment_now(true);
      } catch (const c10::Error& error) {
        if (!tells_of_short_memory(error.what_without_backtrace())) throw;
        no_room_for_two_ = true;
        result = Segmentation();
        result.again_in_float32 = again;
      }
    }
    const std::unique_lock alone(turns_);
    return segment_now(false);
  }

  bool takes_slices() const { return network_->dimensions() == 2; }

  /// What cannot fit into the memory that the GPU has left for this program is not tried.
  void plan_memory() {
    const auto free_bytes = gpu_memory(device_).free;
    if (free_bytes == 0) return;
    const auto most =
        most_voxels_in(free_bytes, manifest_.architecture, autocast() == Precision::kFull ? 4 : 2);
    auto& planned = options_.most_voxels_at_once;
    planned = planned == 0 ? most : std::min(planned, most);
  }

  /// Gives the posteriors of the slices [shape] at `voxels`, of which the first is `start`.
  void run_slab(const float* voxels, const std::array<std::int64_t, 3>& shape, std::int64_t start,
                const PosteriorRowSink& sink) const {
    const auto [slices, nj, ni] = shape;
    const auto posteriors = posteriors_of(voxels, shape);
    const float* values = posteriors.data_ptr<float>();
    const std::int64_t depth = slices / posteriors.size(0);  // 1 of a network of slices
    const std::int64_t class_stride = depth * nj * ni;
    const std::int64_t item_stride = posteriors.size(1) * class_stride;
    at::parallel_for(
        0, slices * nj, 64, [&, nj = nj, ni = ni](std::int64_t begin, std::int64_t end) {
          for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t k = row / nj;
            const std::int64_t j = row % nj;
            sink(start + k, j, values + k / depth * item_stride + (k % depth * nj + j) * ni,
                 class_stride);
          }
        });
  }

  /// [1,K,nk,nj,ni] on the CPU, of a network of slices [nk,K,nj,ni]. Networks are trained on
  /// [X,Y,Z] with Z fastest, which is [ni,nj,nk] here: the axes are turned before and after.
  at::Tensor posteriors_of(const float* voxels, const std::array<std::int64_t, 3>& shape) const {
    const c10::AutoGradMode no_gradient(false);
    const auto image = at::from_blob(const_cast<float*>(voxels), {shape[0], shape[1], shape[2]});
    auto values = image.to(device_);
    values = takes_slices() ? values.unsqueeze(1) : values.unsqueeze(0).unsqueeze(0);
    values = values.transpose(2, -1).contiguous();
    const WithoutTf32 all_bits(device_);
    values = network_->forward(values, parameters_, statistics_);
    values = values.softmax(1);
    values = values.transpose(2, -1).contiguous();
    return values.cpu();
  }

  std::unique_ptr<Network> network_;
  ModelManifest manifest_;
  c10::Device device_;
  InferenceOptions options_;
  std::vector<at::Tensor> parameters_;
  NormStatistics statistics_;
  /// Shared by the images that have the device's memory together. Alone, an image may be cut, and
  /// options_.most_voxels_at_once be changed.
  std::shared_mutex turns_;
  std::atomic<bool> no_room_for_two_{false};
};

}  // namespace

}  // namespace hypersynth

/// Entry point of the shared library; the caller owns the result.
extern "C" hypersynth::InferenceNetwork* hypersynth_make_torch_network(
    const hypersynth::Model& model, const hypersynth::InferenceOptions& options) {
  try {
    return new hypersynth::TorchNetwork(model, options);
  } catch (const c10::Error& error) {
    throw hypersynth::Error(hypersynth::ExitCode::kInternal,
                            options.device + ": " + error.what_without_backtrace());
  }
}
