#include <algorithm>
#include <dlfcn.h>

#include "core/error.h"
#include "engine/inference/inference_network.h"
#include "engine/model/engine_library.h"

namespace hypersynth {

namespace {

using MakeTorchNetwork = InferenceNetwork* (*)(const Model&, const InferenceOptions&);

/// Opens the engine's library, and libtorch with it, on first use.
MakeTorchNetwork torch_entry_point() {
  return reinterpret_cast<MakeTorchNetwork>(
      symbol_of(engine_library(), "hypersynth_make_torch_network"));
}

/// On `device`, whatever device the options name.
std::unique_ptr<InferenceNetwork> make_torch_network(const Model& model, const std::string& device,
                                                     InferenceOptions options) {
  options.device = device;
  return std::unique_ptr<InferenceNetwork>(torch_entry_point()(model, options));
}

std::unique_ptr<InferenceNetwork> make_cpu_network(const Model& model,
                                                   const InferenceOptions& options) {
#ifdef HYPERSYNTH_HAVE_ONEDNN
  if (runs_on_onednn(model.manifest.architecture) && !options.cpu_as_gpu)
    return make_onednn_unet(model, options);
#endif
  return make_torch_network(model, "cpu", options);
}

}  // namespace

std::int64_t slices_at_once(const Architecture& architecture, std::int64_t slice_voxels,
                            std::int64_t slab_bytes) {
  const auto channels = std::max(finest_features_of(architecture), classes_of(architecture));
  const auto slice_bytes = static_cast<std::int64_t>(sizeof(float)) * channels * slice_voxels;
  return std::max<std::int64_t>(1, slab_bytes / slice_bytes);
}

int visible_gpus() {
  static const int count = [] {
    void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (driver == nullptr) return 0;
    using Init = int (*)(unsigned);
    using GetCount = int (*)(int*);
    const auto init = reinterpret_cast<Init>(dlsym(driver, "cuInit"));
    const auto get_count = reinterpret_cast<GetCount>(dlsym(driver, "cuDeviceGetCount"));
    int found = 0;
    const bool asked = init != nullptr && get_count != nullptr && init(0) == 0;
    return asked && get_count(&found) == 0 ? found : 0;
  }();
  return count;
}

std::unique_ptr<InferenceNetwork> load_inference_network(const Model& model,
                                                         const InferenceOptions& options,
                                                         const Log& log) {
  const std::string& device = options.device;
  if (device == "cpu") return make_cpu_network(model, options);
  const std::string cuda = options.gpu < 0 ? "cuda" : "cuda:" + std::to_string(options.gpu);
  if (device == "cuda") return make_torch_network(model, cuda, options);
  if (device.rfind("cuda:", 0) == 0) return make_torch_network(model, device, options);
  if (device != "auto") {
    throw Error(ExitCode::kUsage, "device: expected auto, cpu, cuda or cuda:N, found " + device);
  }
  if (visible_gpus() > 0) {
    try {
      return make_torch_network(model, cuda, options);
    } catch (const Error& error) {
      log.warning(std::string("falling back to the CPU: ") + error.what());
    }
  }
  return make_cpu_network(model, options);
}

}  // namespace hypersynth
