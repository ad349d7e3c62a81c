#include <dlfcn.h>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "engine/inference/inference_network.h"

namespace hypersynth {

namespace {

using MakeTorchNetwork = InferenceNetwork* (*)(const Model&, const std::string&, int);

/// Folders that may hold the engine's library: beside this program or library in a build tree, or
/// where an installation puts it.
std::vector<std::filesystem::path> library_folders() {
  std::vector<std::filesystem::path> folders;
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&library_folders), &info) != 0 && info.dli_fname != nullptr) {
    std::error_code code;
    const auto self = std::filesystem::canonical(info.dli_fname, code).parent_path();
    folders = {self, self / ".." / "lib", self / ".." / HYPERSYNTH_LIBDIR / "hypersynth"};
  }
  return folders;
}

/// Opens the engine's library, and libtorch with it, on first use.
MakeTorchNetwork torch_entry_point() {
  std::string tried;
  for (const auto& folder : library_folders()) {
    const auto path = folder / "libhypersynth_engine.so";
    if (!std::filesystem::exists(path)) continue;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      tried = dlerror();
      continue;
    }
    if (void* symbol = dlsym(library, "hypersynth_make_torch_network")) {
      return reinterpret_cast<MakeTorchNetwork>(symbol);
    }
  }
  throw Error(ExitCode::kInternal,
              "the libtorch engine (libhypersynth_engine.so) cannot be loaded" +
                  (tried.empty() ? std::string(": not found") : ": " + tried));
}

std::unique_ptr<InferenceNetwork> make_torch_network(const Model& model, const std::string& device,
                                                     int threads) {
  return std::unique_ptr<InferenceNetwork>(torch_entry_point()(model, device, threads));
}

std::unique_ptr<InferenceNetwork> make_cpu_network(const Model& model,
                                                   const InferenceOptions& options) {
#ifdef HYPERSYNTH_HAVE_ONEDNN
  if (runs_on_onednn(model.manifest.architecture)) return make_onednn_unet(model, options);
#endif
  return make_torch_network(model, "cpu", options.threads);
}

}  // namespace

bool nvidia_driver_present() {
  return std::filesystem::exists("/dev/nvidiactl") || std::filesystem::exists("/dev/dxg");
}

std::unique_ptr<InferenceNetwork> load_inference_network(const Model& model,
                                                         const InferenceOptions& options,
                                                         const Log& log) {
  check_segments_volumes(model);
  const std::string& device = options.device;
  if (device == "cpu") return make_cpu_network(model, options);
  if (device.rfind("cuda", 0) == 0) return make_torch_network(model, device, options.threads);
  if (device != "auto") {
    throw Error(ExitCode::kUsage, "device: expected auto, cpu, cuda or cuda:N, found " + device);
  }
  if (nvidia_driver_present()) {
    try {
      return make_torch_network(model, "cuda", options.threads);
    } catch (const Error& error) {
      log.warning(std::string("falling back to the CPU: ") + error.what());
    }
  }
  return make_cpu_network(model, options);
}

}  // namespace hypersynth
