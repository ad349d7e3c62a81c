// The segmentation of one image, again and again, on a device: where its time goes.
//
//   segmentation_bench MODEL IMAGE DEVICE RUNS [fast] [full|bf16] [slab=MB] [VOXELS]
//
// DEVICE: cpu, cuda, or libtorch-cpu for the GPU's operators on the CPU. VOXELS: the most that the
// network gets at once (0: all). full, bf16: the precision of convolutions. Prints the seconds
// until the network is loaded and of the first image, then the median seconds of every step over
// RUNS further ones, as JSON.

#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "engine/inference/segmenter.h"
#include "image/nifti.h"
#include "median.h"

namespace hypersynth {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(int argc, char** argv) {
  const Image image = read_image(argv[2]);
  const std::string device = argv[3];
  const int runs = std::stoi(argv[4]);
  InferenceOptions inference{device == "libtorch-cpu" ? "cpu" : device};
  inference.cpu_as_gpu = device == "libtorch-cpu";
  SegmenterOptions options;
  for (int i = 5; i < argc; ++i) {
    if (argv[i] == std::string("fast"))
      options.fast = true;
    else if (argv[i] == std::string("full") || argv[i] == std::string("bf16"))
      inference.precision = parse_word<InferencePrecision>(argv[i]);
    else if (const std::string option = argv[i]; option.rfind("slab=", 0) == 0)
      inference.slab_bytes = std::stol(option.substr(5)) << 20;
    else
      inference.most_voxels_at_once = std::stol(argv[i]);
  }
  auto start = std::chrono::steady_clock::now();
  const Model model = read_model(argv[1]);
  const auto network = load_inference_network(model, inference, Log());
  const double load_s = seconds_since(start);
  const Segmenter segmenter(model.manifest, *network, options);
  start = std::chrono::steady_clock::now();
  segmenter.segment(image);
  const double first_s = seconds_since(start);
  std::vector<double> whole_s;
  std::map<std::string, std::vector<double>> steps_s;
  for (int n = 0; n < runs; ++n) {
    start = std::chrono::steady_clock::now();
    const auto found = segmenter.segment(image);
    whole_s.push_back(seconds_since(start));
    for (const auto& step : found.timings) steps_s[step.step].push_back(step.seconds);
  }
  std::printf(
      "{\"device\": \"%s\", \"precision\": \"%s\", \"load_s\": %.3f, \"first_s\": %.3f, "
      "\"image_s\": %.4f",
      network->device().c_str(), network->precision().c_str(), load_s, first_s, median(whole_s));
  for (const auto& [name, times] : steps_s)
    std::printf(", \"%s_s\": %.4f", name.c_str(), median(times));
  std::printf("}\n");
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr,
                 "usage: %s MODEL IMAGE DEVICE RUNS [fast] [full|bf16] [slab=MB] [VOXELS]\n",
                 argv[0]);
    return 64;
  }
  try {
    hypersynth::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
