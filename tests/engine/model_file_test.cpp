#include "engine/model/model_file.h"

#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

const std::filesystem::path kModel =
    std::filesystem::path(HYPERSYNTH_SOURCE_DIR) / "models" / "brain33-unet16.safetensors";

/// The metadata of the default model with one field changed, and no tensors.
Model with_metadata(const std::string& field,
                    const std::function<std::string(std::string)>& change) {
  auto metadata = Safetensors::read(kModel).metadata();
  metadata[field] = change(metadata[field]);
  return parse_model(Safetensors::parse(format_safetensors({}, metadata), "m.safetensors"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ModelFileTest, DefaultModelSaysWhatItSegmentsAndWhatItNeeds) {
  const Model model = read_model(kModel);
  EXPECT_EQ(model.name, "brain33-unet16");
  EXPECT_EQ(model.labels.size(), 33u);
  EXPECT_EQ(model.background(), 0);
  EXPECT_EQ(model.unet.levels, 5);
  EXPECT_EQ(model.unet.stride(), 16);
  EXPECT_EQ(model.input.low_percentile, 0.5);
  EXPECT_EQ(model.input.clamp_max, 1.2);
}

TEST(ModelFileTest, ContralateralPairsSidesAndLeavesTheMidline) {
  const Model model = read_model(kModel);
  const auto other = model.contralateral();
  for (std::size_t channel = 0; channel < other.size(); ++channel) {
    EXPECT_EQ(other[other[channel]], static_cast<int>(channel));
    const bool sided = model.labels[channel].name.find("left ") == 0 ||
                       model.labels[channel].name.find("right ") == 0;
    EXPECT_EQ(other[channel] != static_cast<int>(channel), sided) << model.labels[channel].name;
  }
}

TEST(ModelFileTest, MetadataThatDoesNotFitIsRefused) {
  const auto refuse = [](const std::string& field, const std::string& from, const std::string& to) {
    EXPECT_THROW(
        with_metadata(field, [&](const std::string& text) { return replaced(text, from, to); }),
        InputError)
        << field << ": " << to;
  };
  refuse("format", "hypersynth-model", "other-model");
  refuse("version", "1", "2");
  refuse("architecture", "unet3d", "vit");
  refuse("labels", "\"index\": 0", "\"index\": 2");
  refuse("labels", "\"index\": 0", "\"index\": -1");
  refuse("labels", "\"index\": 0", "\"index\": 0.5");
  refuse("labels", "{", "");
  refuse("spec", "\"levels\": 5", "\"levels\": 50");
  refuse("spec", "ELU", "ReLU");
  refuse("spec", "\"kernel\": 3", "\"kernel\": 5");
  refuse("input", "[1, 1, 1]", "[1, 0, 1]");
  refuse("input", "p99.5 - p0.5", "p99.5 - p0.6");
  refuse("input", "clamp(", "tanh(");
  EXPECT_NO_THROW(with_metadata("training", [](const std::string& text) { return text; }));
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
