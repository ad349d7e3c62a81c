#include "engine/model/model_file.h"

#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/model_support.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

/// The default model, whose metadata are of version 1, with one field changed.
Model with_metadata(const std::string& field,
                    const std::function<std::string(std::string)>& change) {
  const auto file = Safetensors::read(default_model_path());
  auto metadata = file.metadata();
  metadata[field] = change(metadata[field]);
  return parse_model(Safetensors::parse(format_safetensors(file.tensors(), metadata), "m.st"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ModelFileTest, DefaultModelSaysWhatItSegmentsAndWhatItNeeds) {
  const Model model = read_model(default_model_path());
  const ModelManifest& manifest = model.manifest;
  EXPECT_EQ(model.name, "brain33-unet16");
  EXPECT_EQ(manifest.labels.size(), 33u);
  EXPECT_EQ(manifest.background(), 0);
  PoolUnetOptions unet;  // 3-D, batch normalisation
  unet.levels = 5;
  unet.base_features = 16;
  unet.out_channels = 33;
  EXPECT_TRUE(same_architecture(manifest.architecture, unet));
  EXPECT_EQ(side_multiple_of(manifest.architecture), 16);
  EXPECT_EQ(manifest.input, (InputRecipe{1, 0.5, 99.5, 0, 1.2}));
  EXPECT_FALSE(manifest.training.learned_synthesis);
  EXPECT_EQ(manifest.training.method, "domain randomisation (no real image seen)");
  EXPECT_EQ(manifest.training.steps, 23895);
  for (const auto& label : manifest.labels)
    EXPECT_EQ(label.scattered, label.index == 24) << label.name;
}

TEST(ModelFileTest, ContralateralPairsSidesAndLeavesTheMidline) {
  const ModelManifest model = read_model(default_model_path()).manifest;
  const auto other = model.contralateral();
  for (std::size_t channel = 0; channel < other.size(); ++channel) {
    EXPECT_EQ(other[other[channel]], static_cast<int>(channel));
    const bool sided = model.labels[channel].name.find("left ") == 0 ||
                       model.labels[channel].name.find("right ") == 0;
    EXPECT_EQ(other[channel] != static_cast<int>(channel), sided) << model.labels[channel].name;
  }
}

TEST(ModelFileTest, MetadataOfVersion1ThatDoNotFitAreRefusedByTheirField) {
  const auto refuse = [](const std::string& field, const std::string& from, const std::string& to) {
    try {
      with_metadata(field, [&](const std::string& text) { return replaced(text, from, to); });
      ADD_FAILURE() << "accepted: " << field << ": " << to;
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), "m.st");
      EXPECT_NE(error.expected().find(field), std::string::npos) << error.what();
    }
  };
  refuse("format", "hypersynth-model", "other-model");
  refuse("version", "1", "3");
  refuse("architecture", "unet3d", "vit");
  refuse("architecture", "unet3d", "unet2d");
  refuse("labels", "\"index\": 0", "\"index\": 2");
  refuse("labels", "\"index\": 0", "\"index\": -1");
  refuse("labels", "\"index\": 0", "\"index\": 0.5");
  refuse("labels", "{", "");
  refuse("labels", "\"name\"", "\"index\"");
  refuse("spec", "\"levels\": 5", "\"levels\": 50");
  refuse("spec", "ELU", "ReLU");
  refuse("spec", "\"kernel\": 3", "\"kernel\": 5");
  refuse("input", "[1, 1, 1]", "[1, 0, 1]");
  refuse("input", "[1, 1, 1]", "[1, 1]");
  refuse("input", "p99.5 - p0.5", "p99.5 - p0.6");
  refuse("input", "clamp(", "tanh(");
  refuse("input", "0, 1.2)", "0, .)");
  refuse("input", "0, 1.2)", "2, 1.2)");
}

TEST(ModelFileTest, TheTrainingOfVersion1IsToldInAnyWords) {
  for (const char* words : {"by hand", "[]", "{\"method\": 3}", ""}) {
    const auto model = with_metadata("training", [&](const std::string&) { return words; });
    EXPECT_FALSE(model.manifest.training.learned_synthesis) << words;
  }
  const auto tuned = with_metadata(
      "training", [](const std::string&) { return R"({"method": "learn2synth", "steps": 7})"; });
  EXPECT_TRUE(tuned.manifest.training.learned_synthesis);
}

/// The message that refuses the small model with other tensors; "accepted" where nothing does.
std::string refusal(const std::function<void(ZeroTensors&)>& change, bool version_1 = false) {
  const auto manifest = small_manifest();
  ZeroTensors tensors(manifest.architecture);
  change(tensors);
  auto metadata = format_manifest(manifest);
  if (version_1) {
    auto earlier = Safetensors::read(default_model_path()).metadata();
    earlier["spec"] = replaced(replaced(earlier["spec"], "\"levels\": 5", "\"levels\": 2"),
                               "\"base_features\": 16", "\"base_features\": 2");
    earlier["labels"] = metadata["labels"];
    metadata = earlier;
  }
  try {
    parse_model(Safetensors::parse(format_safetensors(tensors.views, metadata), "m.st"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelFileTest, WeightsThatAreNotThoseOfTheNetworkAreRefusedByTensor) {
  EXPECT_EQ(refusal([](ZeroTensors&) {}), "accepted");
  EXPECT_EQ(refusal([](ZeroTensors& tensors) { tensors.views.erase("head.bias"); }),
            "m.st: expected a tensor \"head.bias\", found none");
  EXPECT_EQ(refusal([](ZeroTensors& tensors) { tensors.add("head.bias", {3}, 3); }),
            "m.st: expected tensor \"head.bias\" of shape [4], found [3]");
  EXPECT_EQ(
      refusal([](ZeroTensors& tensors) { tensors.views["head.bias"].type = ElementType::kI32; }),
      "m.st: expected a floating-point tensor \"head.bias\", found I32");
  const auto more = [](ZeroTensors& tensors) { tensors.add("encoder.0.norm0.count", {1}, 1); };
  EXPECT_NE(refusal(more).find("also \"encoder.0.norm0.count\""), std::string::npos)
      << refusal(more);
  EXPECT_EQ(refusal(more, true), "accepted");  // as version 1 always was
}

TEST(ModelFileTest, AFileOfVersion1WrittenAgainSaysTheSame) {
  const TemporaryDir folder;
  const Model first = read_model(default_model_path());
  const std::string path = folder / "again.safetensors";
  write_model_file(path, first.manifest, first.weights.tensors());
  const Model again = read_model(path);
  EXPECT_EQ(again.weights.metadata().at("version"), "2");
  EXPECT_TRUE(again.manifest == first.manifest);
  EXPECT_EQ(again.weights.floats("head.bias", {33}), first.weights.floats("head.bias", {33}));
}

TEST(ModelFileTest, MissingFileIsMissingInput) {
  try {
    read_model("no/such/model.safetensors");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::kInputMissing);
  }
}

}  // namespace
}  // namespace hypersynth
