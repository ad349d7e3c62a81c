#include "nodes/shared_network.h"

#include <vector>

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
  // A network that fails may have given some rows: the other one must not give them again.
  std::vector<std::uint8_t> given(static_cast<std::size_t>(shape[0] * shape[1]));
  const PosteriorRowSink once = [&](std::int64_t k, std::int64_t j, const float* values,
                                    std::int64_t class_stride) {
    auto& is_given = given[static_cast<std::size_t>(k * shape[1] + j)];
    if (is_given == 0) sink(k, j, values, class_stride);
    is_given = 1;
  };
  try {
    network_->run(voxels, shape, once);
    return network_->device();
  } catch (const Error& error) {
    if (!may_fall_back(error)) throw;
    notice = std::string("on the CPU: ") + error.what();
  }
  cpu_network().run(voxels, shape, once);
  return cpu_network().device();
}

bool SharedNetwork::segment(const Image& source, const SegmenterOptions& options,
                            Segmentation& result, std::string& notice) {
  const std::lock_guard lock(mutex_);
  try {
    return network_->segment(source, options, result);
  } catch (const Error& error) {
    if (!may_fall_back(error)) throw;
    notice = std::string("on the CPU: ") + error.what();
  }
  result = Segmentation();
  return false;
}

std::string SharedNetwork::run_on_cpu(const float* voxels, const std::array<std::int64_t, 3>& shape,
                                      const PosteriorRowSink& sink) {
  const std::lock_guard lock(mutex_);
  cpu_network().run(voxels, shape, sink);
  return cpu_network().device();
}

bool SharedNetwork::may_fall_back(const Error& error) const {
  return error.code() == ExitCode::kTryAgain && options_.device == "auto" &&
         network_->device() != "cpu";
}

InferenceNetwork& SharedNetwork::cpu_network() {
  if (!cpu_network_) {
    InferenceOptions on_cpu = options_;
    on_cpu.device = "cpu";
    cpu_network_ = loader_(*model_, on_cpu, Log());
  }
  return *cpu_network_;
}

std::string SharedNetwork::device() const {
  const std::lock_guard lock(mutex_);
  return network_ ? network_->device() : std::string();
}

}  // namespace hypersynth
