#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/inference_network.h"

namespace hypersynth {

/// A model and its network that several threads may use: loaded by the first image that needs them,
/// one image at a time, so that others are read and written meanwhile.
class SharedNetwork : public InferenceNetwork {
 public:
  explicit SharedNetwork(InferenceOptions options) : options_(std::move(options)) {}

  /// Loads `model` unless that was done before; the same file at every call. Throws InputError and
  /// what load_inference_network throws.
  const Model& load(const std::filesystem::path& model, const Log& log);

  /// With the device "auto", an image that is too large for the GPU's memory runs on the CPU.
  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override;

  /// What became of images that did not run where they should since the last call; may be empty.
  std::string take_notice();

  /// Empty before load().
  std::string device() const override;

 private:
  InferenceOptions options_;
  mutable std::mutex mutex_;
  std::optional<Model> model_;
  std::unique_ptr<InferenceNetwork> network_;
  std::unique_ptr<InferenceNetwork> cpu_network_;
  std::string notice_;
};

}  // namespace hypersynth
