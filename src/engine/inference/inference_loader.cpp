#include <filesystem>

#include "core/error.h"
#include "core/own_library.h"
#include "engine/inference/inference_network.h"

namespace hypersynth {

namespace {

using MakeTorchUnet = InferenceNetwork* (*)(const Model&, const std::string&, int);

/// Opens the engine's library, and libtorch with it, on first use.
MakeTorchUnet torch_entry_point() {
  return reinterpret_cast<MakeTorchUnet>(
      symbol_of({"libhypersynth_engine.so", "the libtorch engine"}, "hypersynth_make_torch_unet"));
}

std::unique_ptr<InferenceNetwork> make_torch_unet(const Model& model, const std::string& device,
                                                  int threads) {
  return std::unique_ptr<InferenceNetwork>(torch_entry_point()(model, device, threads));
}

std::unique_ptr<InferenceNetwork> make_cpu_unet(const Model& model,
                                                const InferenceOptions& options) {
#ifdef HYPERSYNTH_HAVE_ONEDNN
  return make_onednn_unet(model, options);
#else
  return make_torch_unet(model, "cpu", options.threads);
#endif
}

}  // namespace

bool nvidia_driver_present() {
  return std::filesystem::exists("/dev/nvidiactl") || std::filesystem::exists("/dev/dxg");
}

std::unique_ptr<InferenceNetwork> load_inference_network(const Model& model,
                                                         const InferenceOptions& options,
                                                         const Log& log) {
  const std::string& device = options.device;
  if (device == "cpu") return make_cpu_unet(model, options);
  if (device.rfind("cuda", 0) == 0) return make_torch_unet(model, device, options.threads);
  if (device != "auto") {
    throw Error(ExitCode::kUsage, "device: expected auto, cpu, cuda or cuda:N, found " + device);
  }
  if (nvidia_driver_present()) {
    try {
      return make_torch_unet(model, "cuda", options.threads);
    } catch (const Error& error) {
      log.warning(std::string("falling back to the CPU: ") + error.what());
    }
  }
  return make_cpu_unet(model, options);
}

}  // namespace hypersynth
