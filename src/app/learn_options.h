#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/common_options.h"

namespace hypersynth {

/// How a model is tuned.
enum class LearnMethod {
  kAuto,         ///< several of the others are tried, and the best is kept
  kLearn2Synth,  ///< synthetic images, whose appearance the labelled scans steer
  kSynthSeg,     ///< synthetic images alone
  kMixed,        ///< synthetic images and labelled scans in equal parts
  kFineTune,     ///< labelled scans, from the initial model
  kSupervised,   ///< labelled scans, from fresh weights
};

template <>
struct Choices<LearnMethod> {
  static constexpr Choice<LearnMethod> kAll[] = {
      {LearnMethod::kAuto, "auto"},         {LearnMethod::kLearn2Synth, "learn2synth"},
      {LearnMethod::kSynthSeg, "synthseg"}, {LearnMethod::kMixed, "mixed"},
      {LearnMethod::kFineTune, "finetune"}, {LearnMethod::kSupervised, "supervised"}};
};

/// How much work a run is.
enum class LearnPreset {
  kSmoke,  ///< minutes: shows that data and installation work, and little more
  kCpu,    ///< less than an hour on two cores
  kGpu,    ///< some hours on one GPU
};

template <>
struct Choices<LearnPreset> {
  static constexpr Choice<LearnPreset> kAll[] = {
      {LearnPreset::kSmoke, "smoke"}, {LearnPreset::kCpu, "cpu"}, {LearnPreset::kGpu, "gpu"}};
};

/// What the learn level is told. The initialisers are the only defaults.
struct LearnOptions : CommonOptions {
  static constexpr const char* kDefaultWork = "work-learn";

  NamedDataset labels;      ///< derivative dataset with the label maps of the scans
  std::string labels_desc;  ///< only label maps with this desc; empty = any
  fs::path label_maps;      ///< folder of label maps to synthesise from; empty = the scans' own
  fs::path label_table;     ///< empty = labels.tsv among the label maps, else derived
  std::vector<std::int32_t> undrawn_labels;  ///< structures that the label maps leave undrawn
  std::string name = "site-model";           ///< of the model that is written

  LearnMethod method = LearnMethod::kAuto;
  std::string initial_model;          ///< empty = the default model; "none" = fresh weights
  std::optional<int> ndim;            ///< none = that of the initial model, or 3
  std::optional<LearnPreset> preset;  ///< none = gpu where there is one, else cpu
  std::optional<std::int64_t> steps;  ///< of each candidate; none = the preset's
  std::optional<double> time_limit_min;
  std::string augmentation = "intensity-prior+artefact-strength";
  std::vector<std::string>
      training_options;  ///< as hypersynth-train takes them; each may be several

  std::vector<std::string> validation;  ///< people held out, or one number: a share
  int folds = 1;

  /// The model of `initial_model` as a path; empty: fresh weights.
  fs::path initial_path() const;

  /// Describes what this level has besides the common options.
  void describe_own(OptionList& list);
  /// Options that contradict each other, a sentence each.
  std::vector<std::string> contradictions() const;
};

}  // namespace hypersynth
