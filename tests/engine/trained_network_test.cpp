// Every kind of network that can be trained can be written, read and run.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "engine/inference/segmenter.h"
#include "engine/model/model_file.h"
#include "engine/networks/build_network.h"
#include "engine/networks/stored_tensors.h"
#include "engine/synthetic_fixture.h"
#include "engine/training/validation.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

std::string trained_model(const TemporaryDir& folder, const std::string& network, Norm norm,
                          std::vector<std::int64_t> patch) {
  auto options = small_training(folder.path(), network + "-" + word_of(norm));
  options.network = network;
  options.norm = norm;
  options.levels = patch.size() == 2 ? 3 : 2;
  options.synthesis.patch = std::move(patch);
  options.batch_size = 1;
  options.steps = 3;
  train(options);
  return options.output + "/model.safetensors";
}

/// An image whose sides all differ, off the training grid by its orientation alone.
Image small_scan() {
  Image image(Grid{{12, 10, 14}, small_volume().grid.world_from_voxel});
  for (std::size_t v = 0; v < image.voxels.size(); ++v)
    image.voxels[v] = static_cast<float>((v * 37) % 101);
  return image;
}

/// Posteriors [K][nk][nj][ni] of Network::forward on the weights of a file.
std::vector<float> expected_posteriors(const Model& model, const Image& image) {
  const c10::AutoGradMode no_gradient(false);
  const auto network = build_network(model.manifest.architecture);
  const auto& shape = image.grid.shape;
  const auto x = at::zeros({1, 1, shape[0], shape[1], shape[2]});
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t k = 0; k < shape[2]; ++k) x[0][0][i][j][k].fill_(image.at(i, j, k));
    }
  }
  const auto parameters =
      network->parameters().views(read_flat(model.weights, network->parameters()));
  const NormStatistics norm{network->buffers().views(read_flat(model.weights, network->buffers())),
                            false};
  const auto values =
      network->forward(x, parameters, norm).softmax(1).permute({0, 1, 4, 3, 2}).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

std::vector<float> found_posteriors(InferenceNetwork& network, std::size_t classes,
                                    const Image& image) {
  const auto& shape = image.grid.shape;
  std::vector<float> result(classes * image.voxels.size());
  network.run(image.voxels.data(), {shape[2], shape[1], shape[0]},
              [&](std::int64_t k, std::int64_t j, const float* values, std::int64_t stride) {
                for (std::size_t c = 0; c < classes; ++c)
                  std::memcpy(&result[c * image.voxels.size() +
                                      static_cast<std::size_t>((k * shape[1] + j) * shape[0])],
                              values + static_cast<std::int64_t>(c) * stride,
                              static_cast<std::size_t>(shape[0]) * sizeof(float));
              });
  return result;
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0;
  for (std::size_t v = 0; v < a.size(); ++v) largest = std::max(largest, std::abs(a[v] - b[v]));
  return largest;
}

struct Kind {
  const char* network;
  Norm norm;
};

constexpr Kind kKinds[] = {{"pool-unet", Norm::kBatch},      {"pool-unet", Norm::kNone},
                           {"resize-unet", Norm::kNone},     {"resize-unet", Norm::kBatch},
                           {"resize-unet", Norm::kInstance}, {"dilated", Norm::kNone}};

TEST(TrainedNetworkTest, OfEveryKindIsReadAndRunAsItWasTrained) {
  const TemporaryDir folder;
  auto scan = small_scan();
  normalise_intensities(scan, InputRecipe());
  for (const auto& [network, norm] : kKinds) {
    SCOPED_TRACE(std::string(network) + " " + word_of(norm));
    const Model model = read_model(trained_model(folder, network, norm, {8, 8, 8}));
    EXPECT_STREQ(name_of(model.manifest.architecture), network);
    InferenceOptions options{"cpu"};
    options.precision = InferencePrecision::kFull;
    const auto loaded = load_inference_network(model, options, Log());
    const auto expected = expected_posteriors(model, scan);
    const auto found = found_posteriors(*loaded, model.manifest.labels.size(), scan);
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_LT(largest_difference(found, expected), 1e-5F);
    const auto result = Segmenter(model.manifest, *loaded, {}).segment(small_scan());
    EXPECT_EQ(result.labels.grid.shape, scan.grid.shape);
    EXPECT_EQ(result.volumes.size() + 1, model.manifest.labels.size());
  }
}

/// The mean of the posteriors of a scaled image and of its mirror image, turned back, as training
/// validates a network of slices: axial slices [X,Y] one by one, padded at their ends.
/// [K][nk][nj][ni].
std::vector<float> expected_of_slices(const Model& model, const Image& image) {
  const c10::AutoGradMode no_gradient(false);
  const auto network = build_network(model.manifest.architecture);
  const auto parameters =
      network->parameters().views(read_flat(model.weights, network->parameters()));
  const NormStatistics norm{network->buffers().views(read_flat(model.weights, network->buffers())),
                            false};
  const auto [ni, nj, nk] = image.grid.shape;
  const auto volume =
      at::from_blob(const_cast<float*>(image.voxels.data()), {nk, nj, ni}).permute({2, 1, 0});
  const auto posteriors_of = [&](const at::Tensor& slice) {
    const auto x = padded(slice.unsqueeze(0).unsqueeze(0), 2, network->side_multiple(), 0);
    const auto found = network->forward(x, parameters, norm).softmax(1).squeeze(0);
    return found.slice(1, 0, slice.size(0)).slice(2, 0, slice.size(1));
  };
  const auto other_side = model.manifest.contralateral();
  const auto swapped = at::tensor(std::vector<std::int64_t>(other_side.begin(), other_side.end()));
  std::vector<at::Tensor> slices;
  for (std::int64_t k = 0; k < nk; ++k) {
    const auto slice = volume.select(2, k);
    const auto mirrored = posteriors_of(slice.flip(0)).flip(1).index_select(0, swapped);
    slices.push_back((posteriors_of(slice) + mirrored) / 2);
  }
  const auto values = at::stack(slices, 1).permute({0, 1, 3, 2}).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

/// Models of slices of every kind, trained once.
const std::vector<Model>& models_of_slices() {
  static const auto models = [] {
    const TemporaryDir folder;
    std::vector<Model> trained;
    for (const auto& [network, norm] : kKinds)
      trained.push_back(read_model(trained_model(folder, network, norm, {16, 16})));
    return trained;
  }();
  return models;
}

/// An image of any sides, with any content.
Image random_scan() {
  const auto side = [](int least, int most) { return *rc::gen::inRange(least, most); };
  Image image(Grid{{side(8, 20), side(8, 20), side(1, 12)}, small_volume().grid.world_from_voxel});
  const auto step = static_cast<std::size_t>(side(1, 100));
  for (std::size_t v = 0; v < image.voxels.size(); ++v)
    image.voxels[v] = static_cast<float>(v * step % 101);
  return image;
}

/// Options without the steps that change posteriors after the network.
SegmenterOptions posteriors_as_they_are() {
  SegmenterOptions options;
  options.postprocess = {0, 0, 1};
  return options;
}

RC_GTEST_PROP(TrainedNetworkTest, SlicesAreSegmentedOneByOneWhateverTheSlab, ()) {
  const Model& model = models_of_slices()[*rc::gen::inRange<std::size_t>(0, std::size(kKinds))];
  const Image scan = random_scan();
  Image scaled = scan;
  normalise_intensities(scaled, model.manifest.input);
  const auto expected = expected_of_slices(model, scaled);
  InferenceOptions options{"cpu", 1};
  options.slab_bytes = *rc::gen::element<std::int64_t>(1, 20'000, 50'000, 64 << 20);
  const auto network = load_inference_network(model, options, Log());
  const auto found =
      Segmenter(model.manifest, *network, posteriors_as_they_are()).segment(scan).posteriors;
  RC_ASSERT(found.grid().shape == scan.grid.shape);
  const std::size_t voxels = scan.voxels.size();
  for (int channel = 0; channel < found.classes(); ++channel) {
    std::vector<float> values;
    found.copy_to(channel, values);
    const auto from = expected.begin() + static_cast<std::ptrdiff_t>(voxels) * channel;
    // Posteriors are kept in 16 bits, twice, and sum to 1.
    RC_ASSERT(largest_difference(values, {from, from + static_cast<std::ptrdiff_t>(voxels)}) <
              5e-5F);
  }
}

TEST(TrainedNetworkTest, SlabsOfSlicesGiveThePosteriorsOfEverySliceAlone) {
  auto scan = small_scan();
  normalise_intensities(scan, InputRecipe());
  const auto [ni, nj, nk] = scan.grid.shape;
  for (const Model& model : models_of_slices()) {
    SCOPED_TRACE(name_of(model.manifest.architecture));
    const std::size_t classes = model.manifest.labels.size();
    std::vector<float> expected(classes * scan.voxels.size());
    const auto whole = load_inference_network(model, {"cpu", 1}, Log());
    const std::size_t plane = static_cast<std::size_t>(ni * nj);
    for (std::size_t k = 0; k < static_cast<std::size_t>(nk); ++k) {
      Image slice(Grid{{ni, nj, 1}, scan.grid.world_from_voxel});
      std::copy_n(scan.voxels.begin() + static_cast<std::ptrdiff_t>(k * plane), plane,
                  slice.voxels.begin());
      const auto alone = found_posteriors(*whole, classes, slice);
      for (std::size_t c = 0; c < classes; ++c)
        std::copy_n(
            alone.begin() + static_cast<std::ptrdiff_t>(c * plane), plane,
            expected.begin() + static_cast<std::ptrdiff_t>(c * scan.voxels.size() + k * plane));
    }
    for (const std::int64_t slab_bytes : {1, 10'000, 64 << 20}) {
      InferenceOptions options{"cpu", 1};
      options.slab_bytes = slab_bytes;
      const auto network = load_inference_network(model, options, Log());
      EXPECT_LT(largest_difference(found_posteriors(*network, classes, scan), expected), 1e-5F)
          << slab_bytes;
    }
  }
}

TEST(TrainedNetworkTest, OfSlicesStopsBetweenSlabs) {
  const std::atomic<bool> stop{true};
  InferenceOptions options{"cpu", 1};
  options.stop = &stop;
  const auto network = load_inference_network(models_of_slices()[0], options, Log());
  try {
    found_posteriors(*network, models_of_slices()[0].manifest.labels.size(), small_scan());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInterrupted);
  }
}

}  // namespace
}  // namespace hypersynth
