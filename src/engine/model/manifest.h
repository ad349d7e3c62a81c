#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/model/architecture.h"
#include "engine/model/input_recipe.h"

namespace hypersynth {

/// Labels of a model, so that 16 bits number its channels.
constexpr std::size_t kMostLabels = std::size_t{1} << 16;

/// A structure that the network segments; its position in `ModelManifest::labels` is its channel.
struct ModelLabel {
  std::int32_t index = 0;  ///< Value in label maps (FreeSurfer numbering in the default model).
  std::string name;        ///< "left hippocampus"
  /// The structure may lie in several pieces, as the fluid around the brain does: all of them are
  /// kept, where of every other structure only the largest is.
  bool scattered = false;
};

bool operator==(const ModelLabel& a, const ModelLabel& b);

/// A parameter of the synthesis, before and after training; units as hypersynth-train tells them.
struct SynthesisParameter {
  /// Parameters with more elements, as the weights of a network are, are recorded by name alone.
  static constexpr std::int64_t kMostElements = 64;

  std::string name;             ///< "mean", or "intensity-prior.mean" in a chain of augmentations.
  std::vector<double> start;    ///< Its elements at the start; empty where only the name is known.
  std::vector<double> learned;  ///< As many, at the end.
};

bool operator==(const SynthesisParameter& a, const SynthesisParameter& b);

/// How a model was trained, as far as anybody asks.
struct TrainingFacts {
  std::string method;              ///< "learn2synth"; other trainers use their own words.
  std::int64_t steps = 0;          ///< 0 where unknown.
  bool learned_synthesis = false;  ///< The synthesis was tuned by hypergradients (Learn2Synth).
  std::string options;             ///< Of the trainer, as JSON, for people; empty where unknown.
  /// Scans with labels that the network or the synthesis learned from; 0 where unknown.
  std::int64_t labelled_scans = 0;
  std::vector<SynthesisParameter> synthesis = {};  ///< What could be learned; empty where unknown.
  /// Share of the tuned weights in a mean with those of the initial model; 1: no mean.
  double tuned_share = 1;
};

bool operator==(const TrainingFacts& a, const TrainingFacts& b);

/// Everything that a model file says about its weights.
struct ModelManifest {
  std::vector<ModelLabel> labels;  ///< One per channel of the network's output.
  InputRecipe input;
  Architecture architecture;
  TrainingFacts training;

  /// For each channel the channel of the same structure on the other side ("left x" <-> "right x"),
  /// itself for structures on the midline.
  std::vector<int> contralateral() const;
  /// Channel whose label has index 0.
  int background() const;
};

bool operator==(const ModelManifest& a, const ModelManifest& b);

/// A model file's metadata: names to text. Its schema has a version: 2 is written; 1, that of
/// hypersynth 0.1's default model, is still read.
using ModelMetadata = std::map<std::string, std::string>;

/// The metadata of a manifest, schema version 2: "format" and "version", and one JSON text each for
/// "architecture", "labels", "input" and "training".
///
/// "training" is {"method", "steps", "learned_synthesis"} and, each only where it is known,
/// "labelled_scans", "synthesis": [{"name", "start": [...], "learned": [...]}] and "options";
/// "tuned_share" only where it is below 1.
ModelMetadata format_manifest(const ModelManifest& manifest);

/// The manifest in the metadata of the file `path` (which is for messages), of either version.
/// Throws InputError that names the field, what was expected and what was found.
ModelManifest parse_manifest(const ModelMetadata& metadata, const std::string& path);

/// Labels from a list of {"index": 0, "name": "background", "scattered": false}, the last being
/// optional: 2 to kMostLabels, none twice, background (index 0) among them. Throws JsonError.
std::vector<ModelLabel> parse_labels(const nlohmann::json& list);

/// Whether the numbers of a recipe make sense; throws JsonError where they don't.
void check_recipe(const InputRecipe& recipe);

}  // namespace hypersynth
