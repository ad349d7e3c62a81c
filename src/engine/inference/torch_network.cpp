// Any network of the registry on libtorch: on a GPU, and on the CPU where oneDNN's fast path does
// not know the network. Lives in the engine's shared library, which inference_loader.cpp opens when
// it is needed.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include "core/error.h"
#include "engine/inference/inference_network.h"
#include "engine/networks/build_network.h"
#include "engine/networks/stored_tensors.h"

namespace hypersynth {

namespace {

class TorchNetwork : public InferenceNetwork {
 public:
  TorchNetwork(const Model& model, const std::string& device, int threads)
      : network_(build_network(model.manifest.architecture)), device_(device) {
    if (device_.is_cuda() && !at::hasCUDA()) {
      throw Error(ExitCode::kInternal, "no usable CUDA device, or a libtorch without CUDA");
    }
    if (threads > 0) at::set_num_threads(threads);
    parameters_ =
        network_->parameters().views(read_flat(model.weights, network_->parameters()).to(device_));
    // Inference normalises with the running statistics of the training.
    statistics_.running =
        network_->buffers().views(read_flat(model.weights, network_->buffers()).to(device_));
    statistics_.update = false;
  }

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    try {
      const auto posteriors = posteriors_of(voxels, shape);
      const float* values = posteriors.data_ptr<float>();
      const std::int64_t rows = shape[0] * shape[1];
      at::parallel_for(0, rows, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          sink(row / shape[1], row % shape[1], values + row * shape[2], rows * shape[2]);
        }
      });
    } catch (const c10::Error& error) {
      throw Error(ExitCode::kTryAgain, device_.str() + ": " + error.what_without_backtrace());
    }
  }

  std::string device() const override { return device_.str(); }

 private:
  /// [1,K,nk,nj,ni] on the CPU. Networks are trained on [X,Y,Z] with Z fastest, which is [ni,nj,nk]
  /// here: the axes are turned before and after.
  at::Tensor posteriors_of(const float* voxels, const std::array<std::int64_t, 3>& shape) const {
    const c10::AutoGradMode no_gradient(false);
    auto values = at::from_blob(const_cast<float*>(voxels), {1, 1, shape[0], shape[1], shape[2]})
                      .to(device_)
                      .permute({0, 1, 4, 3, 2})
                      .contiguous();
    values = network_->forward(values, parameters_, statistics_);
    values = values.softmax(1);
    values = values.permute({0, 1, 4, 3, 2}).contiguous();
    return values.cpu();
  }

  std::unique_ptr<Network> network_;
  c10::Device device_;
  std::vector<at::Tensor> parameters_;
  NormStatistics statistics_;
};

}  // namespace

}  // namespace hypersynth

/// Entry point of the shared library; the caller owns the result.
extern "C" hypersynth::InferenceNetwork* hypersynth_make_torch_network(
    const hypersynth::Model& model, const std::string& device, int threads) {
  try {
    return new hypersynth::TorchNetwork(model, device, threads);
  } catch (const c10::Error& error) {
    throw hypersynth::Error(hypersynth::ExitCode::kInternal,
                            device + ": " + error.what_without_backtrace());
  }
}
