#include "nodes/shared_network.h"

#include "core/error.h"
#include "nodes/source_image.h"

namespace hypersynth {

const Model& SharedNetwork::load(const fs::path& model, const Log& log) {
  const std::lock_guard lock(mutex_);
  if (!model_) {
    const PinnedFile file(model);
    model_digest_ = file.identity().digest;
    model_ = file.read([](const std::string& opened) { return read_model(opened); });
    model_->name = model.stem().string();
  }
  if (!network_) network_ = loader_(*model_, options_, log);
  return *model_;
}

std::string SharedNetwork::model_digest() const {
  const std::lock_guard lock(mutex_);
  return model_digest_;
}

std::string SharedNetwork::run(const float* voxels, const std::array<std::int64_t, 3>& shape,
                               const PosteriorRowSink& sink, std::string& notice) {
  const std::lock_guard lock(mutex_);
  try {
    network_->run(voxels, shape, sink);
    return network_->device();
  } catch (const Error& error) {
    const bool may_fall_back = options_.device == "auto" && network_->device() != "cpu";
    if (error.code() != ExitCode::kTryAgain || !may_fall_back) throw;
    notice = std::string("on the CPU: ") + error.what();
  }
  if (!cpu_network_) {
    InferenceOptions on_cpu = options_;
    on_cpu.device = "cpu";
    cpu_network_ = loader_(*model_, on_cpu, Log());
  }
  cpu_network_->run(voxels, shape, sink);
  return cpu_network_->device();
}

std::string SharedNetwork::device() const {
  const std::lock_guard lock(mutex_);
  return network_ ? network_->device() : std::string();
}

}  // namespace hypersynth
