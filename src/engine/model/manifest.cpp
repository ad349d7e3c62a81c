#include "engine/model/manifest.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model/json_reading.h"
#include "engine/model/manifest_v1.h"

namespace hypersynth {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kFormat = "hypersynth-model";
constexpr const char* kVersion = "2";

const std::string& field_of(const ModelMetadata& metadata, const std::string& key,
                            const std::string& path) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    throw InputError(path, "a hypersynth model with \"" + key + "\" in its metadata", "none");
  return found->second;
}

InputRecipe parse_recipe(const json& input) {
  if (text_at(input, "orientation") != InputRecipe::kOrientation) {
    throw JsonError(std::string("\"orientation\", ") + InputRecipe::kOrientation,
                    text_at(input, "orientation"));
  }
  InputRecipe recipe;
  recipe.spacing_mm = number_at(input, "spacing_mm");
  recipe.low_percentile = number_at(input, "low_percentile");
  recipe.high_percentile = number_at(input, "high_percentile");
  recipe.clamp_min = number_at(input, "clamp_min");
  recipe.clamp_max = number_at(input, "clamp_max");
  check_recipe(recipe);
  return recipe;
}

std::vector<double> numbers_at(const json& object, const char* key) {
  std::vector<double> numbers;
  for (const auto& element : list_at(object, key))
    numbers.push_back(number_of(element, std::string("an element of \"") + key + "\""));
  return numbers;
}

SynthesisParameter parse_parameter(const json& entry) {
  SynthesisParameter parameter{text_at(entry, "name"), numbers_at(entry, "start"),
                               numbers_at(entry, "learned")};
  if (parameter.start.size() != parameter.learned.size()) {
    throw JsonError("as many elements in \"learned\" as in \"start\", " +
                        std::to_string(parameter.start.size()),
                    std::to_string(parameter.learned.size()));
  }
  return parameter;
}

/// Above 0 and at most 1.
double share_at(const json& object, const char* key) {
  const double share = number_at(object, key);
  if (share > 0 && share <= 1) return share;
  throw JsonError(std::string("\"") + key + "\", a number above 0 and at most 1",
                  object.at(key).dump());
}

TrainingFacts parse_training(const json& training) {
  TrainingFacts facts;
  facts.method = text_at(training, "method");
  facts.steps = integer_at(training, "steps", 0);
  facts.learned_synthesis = boolean_at(training, "learned_synthesis");
  if (training.contains("options")) facts.options = text_at(training, "options");
  if (training.contains("labelled_scans"))
    facts.labelled_scans = integer_at(training, "labelled_scans", 0);
  if (training.contains("tuned_share")) facts.tuned_share = share_at(training, "tuned_share");
  if (!training.contains("synthesis")) return facts;
  for (const auto& entry : list_at(training, "synthesis"))
    facts.synthesis.push_back(parse_parameter(entry));
  return facts;
}

}  // namespace

bool operator==(const ModelLabel& a, const ModelLabel& b) {
  return std::tie(a.index, a.name, a.scattered) == std::tie(b.index, b.name, b.scattered);
}

bool operator==(const SynthesisParameter& a, const SynthesisParameter& b) {
  return std::tie(a.name, a.start, a.learned) == std::tie(b.name, b.start, b.learned);
}

bool operator==(const TrainingFacts& a, const TrainingFacts& b) {
  const auto members = [](const TrainingFacts& facts) {
    return std::tie(facts.method, facts.steps, facts.learned_synthesis, facts.options,
                    facts.labelled_scans, facts.synthesis, facts.tuned_share);
  };
  return members(a) == members(b);
}

bool operator==(const ModelManifest& a, const ModelManifest& b) {
  return std::tie(a.labels, a.input, a.training) == std::tie(b.labels, b.input, b.training) &&
         same_architecture(a.architecture, b.architecture);
}

std::vector<int> ModelManifest::contralateral() const {
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

int ModelManifest::background() const {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [](const ModelLabel& label) { return label.index == 0; });
  return static_cast<int>(found - labels.begin());
}

std::vector<ModelLabel> parse_labels(const json& list) {
  if (!list.is_array() || list.size() < 2 || list.size() > kMostLabels) {
    throw JsonError("a list of 2 to " + std::to_string(kMostLabels) + " labels",
                    list.is_array() ? std::to_string(list.size()) : "another value");
  }
  std::vector<ModelLabel> labels;
  std::set<std::int32_t> seen;
  for (const auto& entry : list) {
    ModelLabel label;
    label.index = static_cast<std::int32_t>(integer_at(entry, "index", 0, INT32_MAX));
    label.name = text_at(entry, "name");
    if (entry.contains("scattered")) label.scattered = boolean_at(entry, "scattered");
    if (!seen.insert(label.index).second)
      throw JsonError("every \"index\" once", std::to_string(label.index) + " again");
    labels.push_back(std::move(label));
  }
  if (seen.count(0) == 0) throw JsonError("a background, \"index\" 0", "none");
  return labels;
}

void check_recipe(const InputRecipe& recipe) {
  const auto both = [](double a, double b) {
    return std::to_string(a) + " and " + std::to_string(b);
  };
  if (!(recipe.spacing_mm > 0.05 && recipe.spacing_mm < 20))
    throw JsonError("\"spacing_mm\" between 0.05 and 20", std::to_string(recipe.spacing_mm));
  if (!(0 <= recipe.low_percentile && recipe.low_percentile < recipe.high_percentile &&
        recipe.high_percentile <= 100)) {
    throw JsonError("a low and a higher percentile from 0 to 100",
                    both(recipe.low_percentile, recipe.high_percentile));
  }
  if (!(recipe.clamp_min < recipe.clamp_max)) {
    throw JsonError("bounds of the intensities in ascending order",
                    both(recipe.clamp_min, recipe.clamp_max));
  }
}

ModelMetadata format_manifest(const ModelManifest& manifest) {
  auto labels = ordered_json::array();
  for (const auto& label : manifest.labels) {
    ordered_json entry{{"index", label.index}, {"name", label.name}};
    if (label.scattered) entry["scattered"] = true;
    labels.push_back(std::move(entry));
  }
  const InputRecipe& recipe = manifest.input;
  const ordered_json input{{"orientation", InputRecipe::kOrientation},
                           {"spacing_mm", recipe.spacing_mm},
                           {"low_percentile", recipe.low_percentile},
                           {"high_percentile", recipe.high_percentile},
                           {"clamp_min", recipe.clamp_min},
                           {"clamp_max", recipe.clamp_max}};
  const TrainingFacts& facts = manifest.training;
  ordered_json training{{"method", facts.method},
                        {"steps", facts.steps},
                        {"learned_synthesis", facts.learned_synthesis}};
  if (facts.labelled_scans > 0) training["labelled_scans"] = facts.labelled_scans;
  if (facts.tuned_share < 1) training["tuned_share"] = facts.tuned_share;
  for (const auto& [name, start, learned] : facts.synthesis)
    training["synthesis"].push_back({{"name", name}, {"start", start}, {"learned", learned}});
  if (!facts.options.empty()) training["options"] = facts.options;
  return {{"format", kFormat},
          {"version", kVersion},
          {"architecture", to_text(to_json(manifest.architecture))},
          {"labels", to_text(labels)},
          {"input", to_text(input)},
          {"training", to_text(training)}};
}

ModelManifest parse_manifest(const ModelMetadata& metadata, const std::string& path) {
  const std::string& format = field_of(metadata, "format", path);
  if (format != kFormat)
    throw InputError(path, std::string("format \"") + kFormat + "\"", "\"" + format + "\"");
  const std::string& version = field_of(metadata, "version", path);
  if (version == "1") return parse_manifest_v1(metadata, path);
  if (version != kVersion) throw InputError(path, "version \"1\" or \"2\"", "\"" + version + "\"");
  ModelManifest manifest;
  const char* field = "labels";
  const auto json_of = [&](const char* name) {
    field = name;
    return parse_json(field_of(metadata, name, path));
  };
  try {
    manifest.labels = parse_labels(json_of("labels"));
    manifest.architecture = architecture_from_json(
        json_of("architecture"), static_cast<std::int64_t>(manifest.labels.size()));
    manifest.input = parse_recipe(json_of("input"));
    manifest.training = parse_training(json_of("training"));
  } catch (const JsonError& error) {
    throw InputError(path, std::string("metadata \"") + field + "\": " + error.expected(),
                     error.found());
  }
  return manifest;
}

}  // namespace hypersynth
