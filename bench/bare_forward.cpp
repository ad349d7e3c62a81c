// The yardstick of participant_bench: the forward pass of the default model's U-Net in plain
// libtorch, whole volume, without anything around it.
// Usage: bare_forward NI NJ NK [passes]; prints the seconds of each pass and the peak memory.

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <c10/core/InferenceMode.h>
#include <sys/resource.h>

#include "engine/networks/pool_unet.h"

int main(int argc, char** argv) {
  using namespace hypersynth;
  if (argc < 4) {
    std::fprintf(stderr, "usage: bare_forward NI NJ NK [passes]\n");
    return 64;
  }
  const c10::InferenceMode guard;
  const PoolUnet network{PoolUnetOptions{}};
  auto generator = at::detail::createCPUGenerator(1);
  const auto parameters = network.parameters().views(network.initial_parameters(generator));
  NormStatistics norm;
  norm.running = network.buffers().views(network.initial_buffers());
  const auto image = at::rand({1, 1, std::atol(argv[1]), std::atol(argv[2]), std::atol(argv[3])});
  const int passes = argc > 4 ? std::atoi(argv[4]) : 1;
  for (int pass = 0; pass < passes; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    const auto logits = network.forward(image, parameters, norm);
    std::printf("%.3f\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak_MB %ld threads %d\n", usage.ru_maxrss / 1024, at::get_num_threads());
  return 0;
}
