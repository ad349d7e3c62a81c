// Dice of a trained model on the scans that a packed file sets aside for validation, as they are
// and with other contrasts and more noise:
//
//   experiment_score MODEL.safetensors DATA.pack [DEVICE [IMAGES]]
//
// prints a TSV: shift, image, label, dice. A label that a scan's reference lacks has no line. The
// shift is "none" or one of engine/data/shifted_scan.h. IMAGES 0: "none" alone. More: prints
// instead the mean Dice of so many synthetic images of the label maps that the file sets aside, the
// same ones at every call. DEVICE: cpu, cuda.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include "core/error.h"
#include "engine/data/packed_data.h"
#include "engine/data/shifted_scan.h"
#include "engine/model/model_file.h"
#include "engine/networks/build_network.h"
#include "engine/networks/stored_tensors.h"
#include "engine/synthesis/synthetic_batch.h"
#include "engine/training/validation.h"

namespace hypersynth {
namespace {

/// A scan [X,Y,Z] with another look, scaled again.
at::Tensor shifted(const at::Tensor& scan, ScanShift shift, std::uint64_t seed) {
  const auto whole = scan.cpu().contiguous();
  const auto* first = whole.data_ptr<float>();
  std::vector<float> voxels(first, first + whole.numel());
  shift_intensities(voxels, shift, seed);
  const auto other = at::from_blob(voxels.data(), whole.sizes(), whole.options());
  return scale_by_percentiles(other.unsqueeze(0)).squeeze(0).to(scan.device());
}

/// Classes of a volume [X,Y,Z], by slices where the network is 2-D.
at::Tensor segment(const Network& network, const at::Tensor& phi, const NormStatistics& norm,
                   const at::Tensor& image) {
  const bool slices = network.dimensions() == 2;
  const auto x = slices ? image.movedim(2, 0).unsqueeze(1) : image.unsqueeze(0).unsqueeze(0);
  const auto weights = network.parameters().views(phi);
  std::vector<at::Tensor> parts;
  for (std::int64_t n = 0; n < x.size(0); n += 16) {
    const auto part = padded(x.slice(0, n, n + 16), x.dim() - 2, network.side_multiple(), 0);
    parts.push_back(at::argmax(network.forward(part, weights, norm), 1));
  }
  auto classes = at::cat(parts);
  classes = slices ? classes.movedim(0, 2) : classes.squeeze(0);
  for (std::int64_t axis = 0; axis < 3; ++axis) classes = classes.slice(axis, 0, image.size(axis));
  return classes;
}

void score(const std::string& model_file, const std::string& data_file, const at::Device& device,
           std::optional<int> synthetic_images) {
  const c10::AutoGradMode no_gradient(false);
  const auto model = read_model(model_file);
  const auto network = build_network(model.manifest.architecture);
  const auto phi = read_flat(model.weights, network->parameters()).to(device);
  const auto buffers = read_flat(model.weights, network->buffers()).to(device);
  const NormStatistics norm{network->buffers().views(buffers), false};
  const auto packed = PackedData::open(data_file);
  SynthesisOptions synthesis;
  synthesis.spacing_mm = packed.spacing_mm();
  const TrainingData data(packed, synthesis, device, false, false);
  if (synthetic_images.value_or(0) > 0) {
    if (data.validation_maps().empty())
      throw InputError(data_file, "label maps set aside for validation", "none");
    auto generator = at::globalContext().defaultGenerator(device).clone();
    const double dice = validation_score(*network, phi, buffers, data.validation_maps(),
                                         GenerativeModel(synthesis, data.table(), device),
                                         *synthetic_images, 1, generator);
    std::printf("%.4f\n", dice);
    return;
  }
  std::printf("shift\timage\tlabel\tdice\n");
  std::vector<std::optional<ScanShift>> shifts{std::nullopt};  // as it is
  if (!synthetic_images)
    shifts.insert(shifts.end(), std::begin(kScanShifts), std::end(kScanShifts));
  for (const auto shift : shifts) {
    const std::string name(shift ? name_of(*shift) : "none");
    for (std::size_t i = 0; i < data.validation_images().size(); ++i) {
      const auto& real = data.validation_images()[i];
      auto image = shift ? shifted(real.image, *shift, i) : real.image;
      auto classes = real.classes;
      for (std::int64_t axis = 0; axis < 3; ++axis) {
        const auto& [low, high] = real.box[static_cast<std::size_t>(axis)];
        image = image.slice(axis, low, high);
        classes = classes.slice(axis, low, high);
      }
      const auto reference = reference_of(classes);
      const auto counted = reference != kIgnoredLabel;
      const auto found = segment(*network, phi, norm, image);
      for (std::size_t k = 1; k < model.manifest.labels.size(); ++k) {
        const auto theirs = reference == static_cast<std::int64_t>(k);
        const auto mine = (found == static_cast<std::int64_t>(k)).logical_and(counted);
        const auto expected = theirs.sum().item<double>();
        if (expected == 0) continue;
        const double dice = 2 * mine.logical_and(theirs).sum().item<double>() /
                            (mine.sum().item<double>() + expected);
        std::printf("%s\t%zu\t%d\t%.4f\n", name.c_str(), i, model.manifest.labels[k].index, dice);
      }
    }
  }
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::fprintf(stderr, "usage: experiment_score MODEL.safetensors DATA.pack [DEVICE [IMAGES]]\n");
    return 64;
  }
  try {
    hypersynth::score(argv[1], argv[2], at::Device(argc > 3 ? argv[3] : "cpu"),
                      argc > 4 ? std::optional<int>(std::atoi(argv[4])) : std::nullopt);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "experiment_score: %s\n", error.what());
    return 65;
  }
}
