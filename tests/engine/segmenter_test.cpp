#include "engine/inference/segmenter.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

constexpr int kClasses = 258;
constexpr int kStructure = 257;  // its lower byte is 1

ModelManifest model_of_many_labels() {
  ModelManifest model;
  for (int channel = 0; channel < kClasses; ++channel)
    model.labels.push_back(
        {1000 * (channel > 0) + channel, "structure " + std::to_string(channel)});
  PoolUnetOptions unet;
  unet.levels = 2;
  unet.out_channels = kClasses;
  model.architecture = unet;
  return model;
}

/// Finds one structure in the middle of every image, background around it.
class OneStructure : public InferenceNetwork {
 public:
  void run(const float*, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const auto inside = [](std::int64_t at, std::int64_t extent) {
      return 4 * at >= extent && 4 * at < 3 * extent;
    };
    const auto ni = shape[2];
    std::vector<float> row(static_cast<std::size_t>(kClasses * ni));
    for (std::int64_t k = 0; k < shape[0]; ++k) {
      for (std::int64_t j = 0; j < shape[1]; ++j) {
        for (std::int64_t i = 0; i < ni; ++i) {
          const bool here = inside(k, shape[0]) && inside(j, shape[1]) && inside(i, ni);
          row[static_cast<std::size_t>(i)] = here ? 0 : 1;
          row[static_cast<std::size_t>(kStructure * ni + i)] = here ? 1 : 0;
        }
        sink(k, j, row.data(), ni);
      }
    }
  }
  std::string device() const override { return "none"; }
};

TEST(SegmenterTest, MoreLabelsThanAByteNumbersAreToldApart) {
  const ModelManifest model = model_of_many_labels();
  OneStructure network;
  for (const double spacing : {1.0, 2.0}) {  // on the grid of the network and beside it
    Grid grid;
    grid.shape = {16, 16, 16};
    for (std::size_t axis = 0; axis < 3; ++axis) grid.world_from_voxel[axis][axis] = spacing;
    Image image(grid);
    image.at(8, 8, 8) = 1;
    const Segmentation result = Segmenter(model, network, {}).segment(image);
    const auto count = std::count(result.labels.voxels.begin(), result.labels.voxels.end(),
                                  model.labels[kStructure].index);
    const auto background = std::count(result.labels.voxels.begin(), result.labels.voxels.end(), 0);
    EXPECT_GT(count, 200) << spacing;
    EXPECT_EQ(count + background, grid.voxel_count()) << spacing;
    const LabelVolume& volume = result.volumes.at(kStructure - 1);
    EXPECT_EQ(volume.index, model.labels[kStructure].index);
    EXPECT_EQ(volume.hard_mm3, static_cast<double>(count) * spacing * spacing * spacing);
    EXPECT_GT(volume.mean_posterior, 0.5);
  }
}

/// Finds one structure in two boxes of different size with a little of it between them.
class TwoPieces : public InferenceNetwork {
 public:
  void run(const float*, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const auto ni = shape[2];
    std::vector<float> row(static_cast<std::size_t>(2 * ni));
    for (std::int64_t k = 0; k < shape[0]; ++k) {
      for (std::int64_t j = 0; j < shape[1]; ++j) {
        for (std::int64_t i = 0; i < ni; ++i) {
          const bool slab = 2 <= k && k < 14 && 2 <= j && j < 14 && 2 <= i && i < 13;
          const float structure = !slab ? 0 : i < 9 || i == 12 ? 0.9F : 0.1F;
          row[static_cast<std::size_t>(i)] = 1 - structure;
          row[static_cast<std::size_t>(ni + i)] = structure;
        }
        sink(k, j, row.data(), ni);
      }
    }
  }
  std::string device() const override { return "none"; }
};

TEST(SegmenterTest, OnlyAScatteredStructureKeepsItsSmallerPieces) {
  ModelManifest model;
  model.labels = {{0, "background"}, {9, "sea"}};
  TwoPieces network;
  Image image(Grid{{16, 16, 16}, {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}});
  image.at(8, 8, 8) = 1;
  SegmenterOptions options;
  options.fast = true;
  options.postprocess.foreground_threshold = 0.05;  // the little between them makes them one head
  const auto voxels = [&] {
    const auto found = Segmenter(model, network, options).segment(image).labels;
    return std::count(found.voxels.begin(), found.voxels.end(), 9);
  };
  EXPECT_EQ(voxels(), 12 * 12 * 7);
  model.labels[1].scattered = true;
  EXPECT_EQ(voxels(), 12 * 12 * 8);
}

}  // namespace
}  // namespace hypersynth
