#include "engine/model/model_file.h"

#include <algorithm>
#include <regex>
#include <set>

#include "core/error.h"
#include "core/json.h"

namespace hypersynth {

namespace {

const std::string& metadata_field(const Safetensors& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    throw InputError(file.name(), "a hypersynth model with \"" + key + "\" in its metadata",
                     "none");
  }
  return found->second;
}

void expect_metadata(const Safetensors& file, const std::string& key, const std::string& value) {
  const std::string& found = metadata_field(file, key);
  if (found != value)
    throw InputError(file.name(), key + " \"" + value + "\"", "\"" + found + "\"");
}

std::vector<ModelLabel> parse_labels(const Json& json) {
  std::vector<ModelLabel> labels;
  std::set<std::int64_t> seen;
  for (const Json& entry : json.elements()) {
    const std::int64_t index = entry.at("index").integer();
    if (index < 0 || index > INT32_MAX || !seen.insert(index).second) {
      throw JsonError("label index " + std::to_string(index) +
                      " is negative, too large or repeated");
    }
    labels.push_back({static_cast<std::int32_t>(index), entry.at("name").string()});
  }
  if (labels.size() > kMostLabels) {
    throw JsonError(std::to_string(labels.size()) + " labels are more than " +
                    std::to_string(kMostLabels));
  }
  if (labels.size() < 2 || seen.count(0) == 0) {
    throw JsonError("labels must hold background (index 0) and at least one structure");
  }
  return labels;
}

int bounded(const Json& spec, const char* key, int low, int high) {
  const std::int64_t value = spec.at(key).integer();
  if (value < low || value > high) {
    throw JsonError(std::string(key) + " = " + std::to_string(value) + " is not between " +
                    std::to_string(low) + " and " + std::to_string(high));
  }
  return static_cast<int>(value);
}

void expect_text(const Json& spec, const char* key, const std::string& value) {
  if (spec.at(key).string() != value) {
    throw JsonError(std::string(key) + " \"" + spec.at(key).string() + "\" is not \"" + value +
                    "\"");
  }
}

UnetSpec parse_unet(const Json& spec, std::size_t classes) {
  UnetSpec unet;
  unet.levels = bounded(spec, "levels", 2, 8);
  unet.base_features = bounded(spec, "base_features", 1, 256);
  unet.classes = static_cast<int>(classes);
  bounded(spec, "in_channels", 1, 1);
  bounded(spec, "feature_multiplier", 2, 2);
  bounded(spec, "convs_per_level", 2, 2);
  bounded(spec, "kernel", 3, 3);
  expect_text(spec, "activation", "ELU(alpha=1)");
  expect_text(spec, "norm", "BatchNorm3d(eps=1e-5) after activation");
  expect_text(spec, "pool", "max 2");
  expect_text(spec, "upsample", "nearest 2");
  expect_text(spec, "skip", "concat [upsampled, skip]");
  expect_text(spec, "head", "conv 1x1x1");
  return unet;
}

InputRecipe parse_input(const Json& input) {
  InputRecipe recipe;
  expect_text(input, "orientation", "RAS");
  const auto& spacing = input.at("spacing_mm").elements();
  if (spacing.size() != 3) throw JsonError("spacing_mm must have three values");
  recipe.spacing_mm = spacing[0].number();
  const bool cubic =
      spacing[1].number() == recipe.spacing_mm && spacing[2].number() == recipe.spacing_mm;
  if (!cubic || !(recipe.spacing_mm > 0.05 && recipe.spacing_mm < 20)) {
    throw JsonError("spacing_mm must be three equal values between 0.05 and 20");
  }
  static const std::regex kIntensity(
      R"(x -> clamp\(\(x - p([0-9.]+)\) / \(p([0-9.]+) - p([0-9.]+)\), ([-0-9.]+), ([-0-9.]+)\).*)");
  std::smatch match;
  const std::string& text = input.at("intensity").string();
  if (!std::regex_match(text, match, kIntensity) || match[1] != match[3]) {
    throw JsonError("intensity must read \"x -> clamp((x - pA) / (pB - pA), lo, hi)\", not \"" +
                    text + "\"");
  }
  recipe.low_percentile = std::stod(match[1]);
  recipe.high_percentile = std::stod(match[2]);
  recipe.clamp_min = std::stod(match[4]);
  recipe.clamp_max = std::stod(match[5]);
  if (!(0 <= recipe.low_percentile && recipe.low_percentile < recipe.high_percentile &&
        recipe.high_percentile <= 100 && recipe.clamp_min < recipe.clamp_max)) {
    throw JsonError("intensity has percentiles or bounds in the wrong order");
  }
  return recipe;
}

/// Models of other trainers describe their training in their own words.
bool has_learned_synthesis(const Safetensors& file) {
  const auto training = file.metadata().find("training");
  if (training == file.metadata().end()) return false;
  try {
    const Json* method = Json::parse(training->second).find("method");
    return method != nullptr && method->string() == "learn2synth";
  } catch (const JsonError&) {
    return false;
  }
}

}  // namespace

std::vector<int> Model::contralateral() const {
  std::vector<int> other(labels.size());
  for (std::size_t channel = 0; channel < labels.size(); ++channel) {
    other[channel] = static_cast<int>(channel);
    const std::string& own = labels[channel].name;
    std::string mirrored;
    if (own.rfind("left ", 0) == 0) mirrored = "right " + own.substr(5);
    if (own.rfind("right ", 0) == 0) mirrored = "left " + own.substr(6);
    for (std::size_t candidate = 0; candidate < labels.size(); ++candidate) {
      if (labels[candidate].name == mirrored) other[channel] = static_cast<int>(candidate);
    }
  }
  return other;
}

int Model::background() const {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [](const ModelLabel& label) { return label.index == 0; });
  return static_cast<int>(found - labels.begin());
}

Model read_model(const std::filesystem::path& path) { return parse_model(Safetensors::read(path)); }

Model parse_model(Safetensors weights) {
  Model model;
  expect_metadata(weights, "format", "hypersynth-model");
  expect_metadata(weights, "version", "1");
  expect_metadata(weights, "architecture", "unet3d");
  const char* field = "labels";
  try {
    model.labels = parse_labels(Json::parse(metadata_field(weights, field)));
    field = "spec";
    model.unet = parse_unet(Json::parse(metadata_field(weights, field)), model.labels.size());
    field = "input";
    model.input = parse_input(Json::parse(metadata_field(weights, field)));
  } catch (const JsonError& error) {
    throw InputError(weights.name(), std::string("readable metadata \"") + field + "\"",
                     error.what());
  }
  model.learned_synthesis = has_learned_synthesis(weights);
  model.name = std::filesystem::path(weights.name()).stem().string();
  model.weights = std::move(weights);
  return model;
}

}  // namespace hypersynth
