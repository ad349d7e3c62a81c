#include "engine/model/manifest_v1.h"

#include <regex>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model/json_reading.h"

namespace hypersynth {

namespace {

using nlohmann::json;

void expect_text(const json& spec, const char* key, const std::string& value) {
  if (text_at(spec, key) != value)
    throw JsonError(std::string("\"") + key + "\", \"" + value + "\"", text_at(spec, key));
}

PoolUnetOptions parse_unet(const json& spec, std::size_t classes) {
  PoolUnetOptions unet;
  unet.levels = static_cast<int>(integer_at(spec, "levels", 2, 8));
  unet.base_features = integer_at(spec, "base_features", 1, 256);
  unet.out_channels = static_cast<std::int64_t>(classes);
  integer_at(spec, "in_channels", 1, 1);
  integer_at(spec, "feature_multiplier", 2, 2);
  integer_at(spec, "convs_per_level", 2, 2);
  integer_at(spec, "kernel", 3, 3);
  expect_text(spec, "activation", "ELU(alpha=1)");
  expect_text(spec, "norm", "BatchNorm3d(eps=1e-5) after activation");
  expect_text(spec, "pool", "max 2");
  expect_text(spec, "upsample", "nearest 2");
  expect_text(spec, "skip", "concat [upsampled, skip]");
  expect_text(spec, "head", "conv 1x1x1");
  return unet;
}

InputRecipe parse_input(const json& input) {
  InputRecipe recipe;
  expect_text(input, "orientation", InputRecipe::kOrientation);
  const auto& spacing = list_at(input, "spacing_mm");
  if (spacing.size() != 3) throw JsonError("three values in \"spacing_mm\"", spacing.dump());
  recipe.spacing_mm = number_of(spacing[0], "an element of \"spacing_mm\"");
  for (const auto& side : spacing) {
    if (number_of(side, "an element of \"spacing_mm\"") != recipe.spacing_mm)
      throw JsonError("three equal values in \"spacing_mm\"", spacing.dump());
  }
  static const std::regex kIntensity(
      R"(x -> clamp\(\(x - p([0-9.]+)\) / \(p([0-9.]+) - p([0-9.]+)\), ([-0-9.]+), ([-0-9.]+)\).*)");
  constexpr std::size_t kMostCharacters = 200;  // a regular expression's depth grows with its text
  std::smatch match;
  const std::string& text = text_at(input, "intensity");
  if (text.size() > kMostCharacters || !std::regex_match(text, match, kIntensity) ||
      match[1] != match[3]) {
    throw JsonError("\"intensity\", \"x -> clamp((x - pA) / (pB - pA), lo, hi)\"",
                    text.substr(0, kMostCharacters));
  }
  const auto number = [&](int group) {
    try {
      return std::stod(match[group]);
    } catch (const std::exception&) {  // "." or ".-"
      throw JsonError("numbers in \"intensity\"", match[group]);
    }
  };
  recipe.low_percentile = number(1);
  recipe.high_percentile = number(2);
  recipe.clamp_min = number(4);
  recipe.clamp_max = number(5);
  check_recipe(recipe);
  return recipe;
}

/// Other trainers describe their training in their own words, or not at all.
TrainingFacts parse_training(const ModelMetadata& metadata) {
  TrainingFacts facts;
  const auto training = metadata.find("training");
  if (training == metadata.end()) return facts;
  facts.options = training->second;
  try {
    const json words = parse_json(training->second);
    facts.method = text_at(words, "method");
    facts.learned_synthesis = facts.method == "learn2synth";
    facts.steps = integer_at(words, "steps", 0);
  } catch (const JsonError&) {
  }
  return facts;
}

}  // namespace

bool is_scattered_structure(const std::string& name) { return name == "CSF"; }

ModelManifest parse_manifest_v1(const ModelMetadata& metadata, const std::string& path) {
  const auto text = [&](const std::string& key) {
    const auto found = metadata.find(key);
    if (found == metadata.end())
      throw InputError(path, "a hypersynth model with \"" + key + "\" in its metadata", "none");
    return found->second;
  };
  if (text("architecture") != "unet3d")
    throw InputError(path, "architecture \"unet3d\"", "\"" + text("architecture") + "\"");
  ModelManifest manifest;
  const char* field = "labels";
  try {
    manifest.labels = parse_labels(parse_json(text(field)));
    for (auto& label : manifest.labels) label.scattered = is_scattered_structure(label.name);
    field = "spec";
    manifest.architecture = parse_unet(parse_json(text(field)), manifest.labels.size());
    field = "input";
    manifest.input = parse_input(parse_json(text(field)));
  } catch (const JsonError& error) {
    throw InputError(path, std::string("metadata \"") + field + "\": " + error.expected(),
                     error.found());
  }
  manifest.training = parse_training(metadata);
  return manifest;
}

}  // namespace hypersynth
