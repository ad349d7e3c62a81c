// The U-Net of the default model on libtorch: for CUDA, and for builds without oneDNN. Lives in the
// engine's shared library, which inference_loader.cpp opens when it is needed.

#include <map>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/max_pool3d.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_nearest3d.h>
#include <c10/core/InferenceMode.h>

#include "core/error.h"
#include "engine/inference/inference_network.h"

namespace hypersynth {

namespace {

class TorchUnet : public InferenceNetwork {
 public:
  TorchUnet(const Model& model, const std::string& device, int threads)
      : spec_(model.unet), device_(device) {
    if (device_.is_cuda() && !at::hasCUDA()) {
      throw Error(ExitCode::kInternal, "no usable CUDA device, or a libtorch without CUDA");
    }
    if (threads > 0) at::set_num_threads(threads);
    const c10::InferenceMode guard;
    for (const auto& [name, view] : model.weights.tensors()) load(model, name, view);
  }

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const c10::InferenceMode guard;
    try {
      const auto input =
          at::from_blob(const_cast<float*>(voxels), {1, 1, shape[0], shape[1], shape[2]});
      const auto posteriors = forward(input.to(device_)).softmax(1).cpu().contiguous();
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
  void load(const Model& model, const std::string& name, const TensorView& view) {
    auto values = model.weights.floats(name, view.shape);
    auto tensor = at::from_blob(values.data(), view.shape).clone();
    // The model's first axis is left-right (i), which is the fastest in memory here.
    if (tensor.dim() == 5) tensor = tensor.permute({0, 1, 4, 3, 2}).contiguous();
    weights_[name] = tensor.to(device_);
  }

  const at::Tensor& weight(const std::string& name) const {
    const auto found = weights_.find(name);
    if (found == weights_.end()) {
      throw Error(ExitCode::kInputMissing, "the model has no tensor \"" + name + "\"");
    }
    return found->second;
  }

  at::Tensor two_convolutions(at::Tensor x, const std::string& prefix) const {
    for (const char* index : {"0", "1"}) {
      const std::string conv = prefix + "conv" + index;
      const std::string norm = prefix + "norm" + index;
      x = at::conv3d(x, weight(conv + ".weight"), weight(conv + ".bias"), 1, 1);
      at::elu_(x);
      x = at::batch_norm(x, weight(norm + ".weight"), weight(norm + ".bias"),
                         weight(norm + ".running_mean"), weight(norm + ".running_var"), false, 0,
                         1e-5, true);
    }
    return x;
  }

  at::Tensor forward(at::Tensor x) const {
    std::vector<at::Tensor> skips;
    for (int level = 0; level < spec_.levels; ++level) {
      x = two_convolutions(x, "encoder." + std::to_string(level) + ".");
      if (level + 1 == spec_.levels) break;
      skips.push_back(x);
      x = at::max_pool3d(x, 2);
    }
    for (int level = spec_.levels - 2; level >= 0; --level) {
      const at::Tensor skip = std::move(skips.back());
      skips.pop_back();
      x = at::upsample_nearest3d(x, skip.sizes().slice(2));
      x = two_convolutions(at::cat({x, skip}, 1), "decoder." + std::to_string(level) + ".");
    }
    return at::conv3d(x, weight("head.weight"), weight("head.bias"));
  }

  UnetSpec spec_;
  c10::Device device_;
  std::map<std::string, at::Tensor> weights_;
};

}  // namespace

}  // namespace hypersynth

/// Entry point of the shared library; the caller owns the result.
extern "C" hypersynth::InferenceNetwork* hypersynth_make_torch_unet(const hypersynth::Model& model,
                                                                    const std::string& device,
                                                                    int threads) {
  try {
    return new hypersynth::TorchUnet(model, device, threads);
  } catch (const c10::Error& error) {
    throw hypersynth::Error(hypersynth::ExitCode::kInternal,
                            device + ": " + error.what_without_backtrace());
  }
}
