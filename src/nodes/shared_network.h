#pragma once

#include <memory>
#include <mutex>

#include "engine/inference_network.h"

namespace hypersynth {

/// A network that several threads may use: loaded by the first image that needs it, one image at a
/// time, so that others are read and written meanwhile.
class SharedNetwork : public InferenceNetwork {
 public:
  /// Keeps references to `model` and `log`.
  SharedNetwork(const Model& model, InferenceOptions options, const Log& log)
      : model_(model), options_(std::move(options)), log_(log) {}

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const std::lock_guard lock(mutex_);
    if (!network_) network_ = load_inference_network(model_, options_, log_);
    network_->run(voxels, shape, sink);
  }

  /// Empty before the first image.
  std::string device() const override {
    const std::lock_guard lock(mutex_);
    return network_ ? network_->device() : std::string();
  }

 private:
  const Model& model_;
  InferenceOptions options_;
  const Log& log_;
  mutable std::mutex mutex_;
  std::unique_ptr<InferenceNetwork> network_;
};

}  // namespace hypersynth
