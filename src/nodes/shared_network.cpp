#include "nodes/shared_network.h"

#include <utility>

#include "core/error.h"

namespace hypersynth {

const Model& SharedNetwork::load(const std::filesystem::path& model, const Log& log) {
  const std::lock_guard lock(mutex_);
  if (!model_) model_ = read_model(model);
  if (!network_) network_ = load_inference_network(*model_, options_, log);
  return *model_;
}

void SharedNetwork::run(const float* voxels, const std::array<std::int64_t, 3>& shape,
                        const PosteriorRowSink& sink) {
  const std::lock_guard lock(mutex_);
  try {
    network_->run(voxels, shape, sink);
  } catch (const Error& error) {
    const bool may_fall_back = options_.device == "auto" && network_->device() != "cpu";
    if (error.code() != ExitCode::kTryAgain || !may_fall_back) throw;
    notice_ = std::string("on the CPU: ") + error.what();
    if (!cpu_network_) {
      InferenceOptions on_cpu = options_;
      on_cpu.device = "cpu";
      cpu_network_ = load_inference_network(*model_, on_cpu, Log());
    }
    cpu_network_->run(voxels, shape, sink);
  }
}

std::string SharedNetwork::take_notice() {
  const std::lock_guard lock(mutex_);
  return std::exchange(notice_, {});
}

std::string SharedNetwork::device() const {
  const std::lock_guard lock(mutex_);
  return network_ ? network_->device() : std::string();
}

}  // namespace hypersynth
