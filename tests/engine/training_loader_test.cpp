// What the programs linked to libtorch get from the engine, a program gets that opens its library.

#include "engine/training/training_loader.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/model/safetensors.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

TrainingOptions two_steps(const TemporaryDir& folder, const std::string& output) {
  auto options = small_training(folder.path(), output);
  options.method = TrainingMethod::kLearn2Synth;
  options.augmentation = "noise";
  options.steps = 2;
  return options;
}

TEST(TrainingLoaderTest, TrainsBitForBitAsTheEngineDoes) {
  const TemporaryDir folder;
  const auto direct = two_steps(folder, "direct");
  const auto loaded = two_steps(folder, "loaded");
  const auto expected = train(direct);
  std::string said;
  int asked = 0;
  const auto found =
      train_in_engine(loaded, Log([&](LogLevel, std::string_view text) { said += text; }), [&] {
        ++asked;
        return false;
      });
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(found.steps, 2);
  EXPECT_EQ(found.stopped_by, "all steps done");
  EXPECT_EQ(found.theta, expected.theta);
  EXPECT_EQ(found.theta.count("sigma"), 1u);
  for (const char* tensor : {"phi", "theta", "buffers"}) {
    const auto values = [&](const TrainingOptions& run) {
      const auto file = Safetensors::read(run.output + "/checkpoint.safetensors");
      return file.floats(tensor, file.tensors().at(tensor).shape);
    };
    EXPECT_EQ(values(loaded), values(direct)) << tensor;
  }
  train_in_engine(loaded, Log([&](LogLevel, std::string_view text) { said += text; }), {});
  EXPECT_EQ(said, "going on from step 2");
}

TEST(TrainingLoaderTest, SynthesisesBitForBitAsTheEngineDoes) {
  const TemporaryDir folder;
  const auto packed = PackedData::open(write_small_pack(folder.path()).string());
  SynthesisOptions options;
  options.patch = {16, 16, 16};
  const auto& map = packed.label_maps()[0];
  const auto expected = synthesise(map, packed.table(), options, 3, 4);
  const auto found = synthesise_in_engine(map, packed.table(), options, 3, 4);
  EXPECT_EQ(found.image.voxels, expected.image.voxels);
  EXPECT_EQ(found.reference.voxels, expected.reference.voxels);
  EXPECT_EQ(found.image.grid.shape, expected.image.grid.shape);
  EXPECT_EQ(found.image.grid.world_from_voxel, expected.image.grid.world_from_voxel);
  EXPECT_NE(found.image.voxels,
            synthesise_in_engine(map, packed.table(), options, 3, 5).image.voxels);
}

}  // namespace
}  // namespace hypersynth
