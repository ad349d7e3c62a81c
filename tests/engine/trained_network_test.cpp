// Every kind of network that can be trained can be written, read and run.

#include <cstring>
#include <filesystem>

#include <ATen/core/Tensor.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/inference/segmenter.h"
#include "engine/model/model_file.h"
#include "engine/networks/build_network.h"
#include "engine/networks/stored_tensors.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

std::string trained_model(const TemporaryDir& folder, const std::string& network, Norm norm,
                          std::vector<std::int64_t> patch) {
  auto options = small_training(folder.path(), network + "-" + word_of(norm));
  options.network = network;
  options.norm = norm;
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

struct Kind {
  const char* network;
  Norm norm;
};

TEST(TrainedNetworkTest, OfEveryKindIsReadAndRunAsItWasTrained) {
  const TemporaryDir folder;
  auto scan = small_scan();
  normalise_intensities(scan, InputRecipe());
  for (const auto& [network, norm] :
       {Kind{"pool-unet", Norm::kBatch}, Kind{"pool-unet", Norm::kNone},
        Kind{"resize-unet", Norm::kNone}, Kind{"resize-unet", Norm::kBatch},
        Kind{"resize-unet", Norm::kInstance}, Kind{"dilated", Norm::kNone}}) {
    SCOPED_TRACE(std::string(network) + " " + word_of(norm));
    const Model model = read_model(trained_model(folder, network, norm, {8, 8, 8}));
    EXPECT_STREQ(name_of(model.manifest.architecture), network);
    const auto loaded = load_inference_network(model, {"cpu", 1}, Log());
    const auto expected = expected_posteriors(model, scan);
    const auto found = found_posteriors(*loaded, model.manifest.labels.size(), scan);
    ASSERT_EQ(found.size(), expected.size());
    float difference = 0;
    for (std::size_t v = 0; v < found.size(); ++v)
      difference = std::max(difference, std::abs(found[v] - expected[v]));
    EXPECT_LT(difference, 1e-5F);
    const auto result = Segmenter(model.manifest, *loaded, {}).segment(small_scan());
    EXPECT_EQ(result.labels.grid.shape, scan.grid.shape);
    EXPECT_EQ(result.volumes.size() + 1, model.manifest.labels.size());
  }
}

TEST(TrainedNetworkTest, OfSlicesIsRefusedForImages) {
  const TemporaryDir folder;
  const Model model = read_model(trained_model(folder, "dilated", Norm::kNone, {16, 16}));
  try {
    load_inference_network(model, {"cpu", 1}, Log());
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), model.weights.name());
    EXPECT_NE(error.expected().find("3-D"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hypersynth
