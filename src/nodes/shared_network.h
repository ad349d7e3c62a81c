#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/filesystem/path.hpp>

#include "core/error.h"
#include "engine/inference/inference_network.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A model and its network on each device, which the threads of a run share. They are loaded by the
/// first image that needs them. A device runs the network for as many images at once as it says
/// (InferenceNetwork::images_at_once), while other threads read and write other images.
class SharedNetwork {
 public:
  using Loader = std::function<std::unique_ptr<InferenceNetwork>(
      const Model& model, const InferenceOptions& options, const Log& log)>;

  /// `loader` puts the model on a device. Tests pass a loader whose network fails as a full GPU
  /// does.
  explicit SharedNetwork(InferenceOptions options, Loader loader = load_inference_network)
      : options_(std::move(options)), loader_(std::move(loader)) {}

  /// Loads `model` at the first call, and its network at the first one for `gpu` (-1: the first
  /// GPU, or the CPU), and returns it; later calls must name the same file. Throws InputError if it
  /// cannot be read, and what load_inference_network() throws.
  const Model& load(const fs::path& model, const Log& log, int gpu = -1);

  /// The digest of the model file that load() read.
  std::string model_digest() const;

  /// What a network ran on, as in "cpu" or "cuda:0", and in which numbers, as in "float32".
  struct Way {
    std::string device, precision;
  };

  /// Runs the network of `gpu` on one image and returns how it ran. If the device
  /// asked for is "auto" and the image is too large for the memory of the GPU, it runs on the CPU,
  /// and `notice` gets a message that says so.
  Way run(int gpu, const float* voxels, const std::array<std::int64_t, 3>& shape,
          const PosteriorRowSink& sink, std::string& notice);

  /// InferenceNetwork::segment() of `gpu`. Where that fails and the image may run on the CPU, it is
  /// false and `notice` gets a message; run_on_cpu() is then the way.
  bool segment(int gpu, const Image& source, const SegmenterOptions& options, Segmentation& result,
               std::string& notice);

  /// run() on the CPU.
  Way run_on_cpu(const float* voxels, const std::array<std::int64_t, 3>& shape,
                 const PosteriorRowSink& sink);

  /// How run() begins; empty before load().
  Way way(int gpu = -1) const;

 private:
  /// A network, and the turns of the images that use it.
  class Place {
   public:
    /// The network, made by `loader` at the first call.
    template <class Load>
    InferenceNetwork& load(const Load& loader);
    /// Of a place that is loaded.
    InferenceNetwork& network() { return *network_; }
    /// Waits for a turn, of which there are as many as the network takes images at once.
    void begin_turn();
    void end_turn();

   private:
    std::mutex loading_;
    std::unique_ptr<InferenceNetwork> network_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int turns_left_ = 0;
  };

  Place& place_of(int gpu);
  bool may_fall_back(const Error& error, const InferenceNetwork& network) const;

  InferenceOptions options_;
  Loader loader_;
  mutable std::mutex mutex_;  ///< of all that follows but the places' own contents
  std::optional<Model> model_;
  std::map<int, Place> places_;  ///< by GPU
  std::map<int, Way> ways_;      ///< of the places that are loaded
  /// For images too large for a GPU; loaded when the first one comes.
  Place cpu_;
  std::string model_digest_;
};

/// The shared network as one image uses it: remembers the device on which this image really ran.
class NetworkOfOneImage : public InferenceNetwork {
 public:
  explicit NetworkOfOneImage(SharedNetwork& shared, int gpu = -1) : shared_(shared), gpu_(gpu) {}

  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    way_ = notice_.empty() ? shared_.run(gpu_, voxels, shape, sink, notice_)
                           : shared_.run_on_cpu(voxels, shape, sink);
  }

  bool segment(const Image& source, const SegmenterOptions& options,
               Segmentation& result) override {
    return shared_.segment(gpu_, source, options, result, notice_);
  }

  /// The device of the last run; before the first run, the device on which it would begin.
  std::string device() const override { return way().device; }
  /// Of the same run.
  std::string precision() const override { return way().precision; }

  /// Why the image ran on another device than the one it began on; empty if it did not.
  const std::string& notice() const { return notice_; }

 private:
  SharedNetwork::Way way() const { return way_.device.empty() ? shared_.way(gpu_) : way_; }

  SharedNetwork& shared_;
  int gpu_;
  SharedNetwork::Way way_;
  std::string notice_;
};

}  // namespace hypersynth
