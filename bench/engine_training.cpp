// Training steps and synthesis of the engine. Prints, for one configuration, the medians over STEPS
// steps after one to warm up: CPU seconds (all threads), wall seconds, and the most memory in MB:
// of the process, or of the GPU that nothing else uses. engine_training.py runs all configurations
// beside PyTorch.
//
//   engine_training_bench NET SIDExSIDE[xSIDE] MODE STEPS [DEVICE [PRECISION]]
//   engine_training_bench NET SIDExSIDE[xSIDE] check FILE {float32,float64}
//
// NET: default, small. MODE: plain, exact, central-difference, synthesis, or the products of the
// Neumann series, exact-hessian-vector and difference-hessian-vector. DEVICE: cpu, cuda.
// PRECISION: full, bf16, fp16. `check` writes the inputs and the outcome of two steps of each mode
// to FILE (safetensors), for a comparison.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "engine/inference/device_memory.h"
#include "engine/model/safetensors.h"
#include "engine/training/kept_memory.h"
#include "median.h"
#include "training_case.h"

namespace hypersynth {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The high-water mark of this program alone: getrusage counts that of its parent too.
double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

/// What libtorch has taken of a GPU that nothing else uses, which it keeps until the process ends.
double gpu_mb(const std::string& device) {
  const GpuMemory memory = gpu_memory(c10::Device(device));
  return static_cast<double>(memory.all - memory.free) / 1048576;
}

std::vector<std::int64_t> sides_of(const std::string& text) {
  std::vector<std::int64_t> sides;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('x', start), text.size());
    sides.push_back(std::stol(text.substr(start, end - start)));
    start = end + 1;
  }
  return sides;
}

void time_steps(const std::function<void()>& step, int steps, const std::string& device) {
  step();
  std::vector<double> cpu, wall;
  for (int i = 0; i < steps; ++i) {
    const double cpu_start = cpu_seconds();
    const double wall_start = wall_seconds();
    step();
    cpu.push_back(cpu_seconds() - cpu_start);
    wall.push_back(wall_seconds() - wall_start);
  }
  const double memory_mb = c10::Device(device).is_cuda() ? gpu_mb(device) : peak_mb();
  std::printf("%.4f %.4f %.0f\n", median(cpu), median(wall), memory_mb);
}

void write_check(const std::string& net, const std::vector<std::int64_t>& sides,
                 const std::string& file, bool float64) {
  auto tensors = TrainingCase(net, sides, "cpu", float64 ? at::kDouble : at::kFloat).tensors();
  std::map<std::string, TensorView> views;
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.detach().contiguous();
    const auto type = tensor.scalar_type() == at::kLong ? ElementType::kI64
                      : float64                         ? ElementType::kF64
                                                        : ElementType::kF32;
    views[name] = {type, tensor.sizes().vec(), static_cast<const std::byte*>(tensor.data_ptr()),
                   static_cast<std::size_t>(tensor.nbytes())};
  }
  write_safetensors(file, views, {});
}

void run(const std::string& net, const std::vector<std::int64_t>& sides, const std::string& mode,
         int steps, const std::string& device, Precision precision) {
  if (mode == "synthesis") {
    SynthesisCase synthesis(sides, device);
    time_steps([&] { synthesis.run(); }, steps, device);
    return;
  }
  TrainingCase training(net, sides, device, at::kFloat, precision);
  const std::string products = "-hessian-vector";
  if (mode.size() > products.size() &&
      mode.compare(mode.size() - products.size(), products.size(), products) == 0) {
    const bool exact = mode == "exact" + products;
    time_steps([&] { training.hessian_vector(exact); }, steps, device);
    return;
  }
  time_steps([&] { training.step(mode); }, steps, device);
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr,
                 "usage: %s NET SIDExSIDE[xSIDE] MODE STEPS [DEVICE [PRECISION]]\n"
                 "       %s NET SIDExSIDE[xSIDE] check FILE {float32,float64}\n",
                 argv[0], argv[0]);
    return 64;
  }
  hypersynth::keep_freed_memory();  // as training does
  const std::string mode = argv[3];
  const auto sides = hypersynth::sides_of(argv[2]);
  if (mode == "check")
    hypersynth::write_check(argv[1], sides, argv[4], argc > 5 && argv[5] == std::string("float64"));
  else
    hypersynth::run(argv[1], sides, mode, std::stoi(argv[4]), argc > 5 ? argv[5] : "cpu",
                    hypersynth::parse_word<hypersynth::Precision>(argc > 6 ? argv[6] : "full"));
  return 0;
}
