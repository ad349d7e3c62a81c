#include "nodes/blend_models.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/model_support.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::Each;
using testing::FloatNear;
using testing::HasSubstr;

class BlendModelsTest : public testing::Test {
 protected:
  /// A model whose tensors are all `value`.
  fs::path model(const std::string& name, ModelManifest manifest, float value) const {
    ZeroTensors tensors(manifest.architecture);
    for (auto& [tensor, values] : tensors.values) std::fill(values.begin(), values.end(), value);
    const std::string path = folder / (name + ".safetensors");
    write_model_file(path, manifest, tensors.views);
    return path;
  }

  fs::path blend(const BlendModels::Inputs& in) const {
    pipeline::NodeContext context("blend", fs::path(folder / "work"), {}, 0, {});
    return BlendModels().run(in, context).model;
  }

  TemporaryDir folder;
};

TEST_F(BlendModelsTest, EveryWeightIsTheMeanOfBothAndTheManifestThatOfTheTunedModelWithItsShare) {
  auto manifest = small_manifest();
  const auto initial = model("initial", manifest, 1);
  manifest.training.method = "finetune";
  manifest.training.steps = 7;
  const auto tuned = model("tuned", manifest, 3);
  const auto found = read_model(blend({initial, tuned}).string());
  manifest.training.tuned_share = 0.5;
  EXPECT_EQ(found.manifest, manifest);
  const auto tensors = tensors_of(manifest.architecture);
  for (const auto* list : {&tensors.parameters, &tensors.buffers}) {
    for (const auto& spec : *list)
      EXPECT_THAT(found.weights.floats(spec.name, spec.shape), Each(2)) << spec.name;
  }
}

TEST_F(BlendModelsTest, TheShareIsThatOfTheTunedModel) {
  const auto manifest = small_manifest();
  BlendModels::Inputs in{model("initial", manifest, 1), model("tuned", manifest, 3), 0.25};
  const auto spec = tensors_of(manifest.architecture).parameters.front();
  EXPECT_THAT(read_model(blend(in).string()).weights.floats(spec.name, spec.shape),
              Each(FloatNear(1.5, 1e-6)));
}

TEST_F(BlendModelsTest, ModelsOfOtherLabelsAreRefused) {
  auto manifest = small_manifest();
  const auto initial = model("initial", manifest, 1);
  manifest.labels.back().index += 100;
  const auto tuned = model("tuned", manifest, 3);
  try {
    blend({initial, tuned});
    FAIL() << "blended";
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), tuned.string());
    EXPECT_THAT(error.expected(), HasSubstr(initial.string()));
  }
}

}  // namespace
}  // namespace hypersynth
