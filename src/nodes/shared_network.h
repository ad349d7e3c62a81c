#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/filesystem/path.hpp>

#include "engine/inference/inference_network.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A model and its network that several threads may use: loaded by the first image that needs them,
/// one image at a time, so that others are read and written meanwhile.
class SharedNetwork {
 public:
  using Loader = std::function<std::unique_ptr<InferenceNetwork>(
      const Model& model, const InferenceOptions& options, const Log& log)>;

  /// `loader` puts the model on a device; tests give one whose GPU fails.
  explicit SharedNetwork(InferenceOptions options, Loader loader = load_inference_network)
      : options_(std::move(options)), loader_(std::move(loader)) {}

  /// Loads `model` unless that was done before; the same file at every call. Throws InputError and
  /// what load_inference_network throws.
  const Model& load(const fs::path& model, const Log& log);

  /// The digest of the model file that load() read.
  std::string model_digest() const;

  /// Runs the network; returns the device that it ran on. With the device "auto", an image that is
  /// too large for the GPU's memory runs on the CPU, and `notice` says so.
  std::string run(const float* voxels, const std::array<std::int64_t, 3>& shape,
                  const PosteriorRowSink& sink, std::string& notice);

  /// Where run() begins: "cpu", "cuda:0". Empty before load().
  std::string device() const;

 private:
  InferenceOptions options_;
  Loader loader_;
  mutable std::mutex mutex_;
  std::optional<Model> model_;
  std::unique_ptr<InferenceNetwork> network_;
  std::unique_ptr<InferenceNetwork> cpu_network_;
  std::string model_digest_;
};

/// The shared network as one image uses it: remembers which device the image really ran on.
class NetworkOfOneImage : public InferenceNetwork {
 public:
  explicit NetworkOfOneImage(SharedNetwork& shared) : shared_(shared) {}

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    device_ = shared_.run(voxels, shape, sink, notice_);
  }

  /// The device of the last run; before the first, the one that was asked for.
  std::string device() const override { return device_.empty() ? shared_.device() : device_; }

  /// Why the image did not run where it should; empty where it did.
  const std::string& notice() const { return notice_; }

 private:
  SharedNetwork& shared_;
  std::string device_;
  std::string notice_;
};

}  // namespace hypersynth
