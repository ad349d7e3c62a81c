#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/reportlet.h"

namespace hypersynth {

/// A publication to cite.
struct Reference {
  std::string key;   ///< "Billot 2023": how the text names it
  std::string text;  ///< the entry of a reference list
  std::string doi;   ///< "10.1016/..."; may be empty
  std::string bibtex;
};

/// Text for the methods section of a paper.
struct Methods {
  std::string text;  ///< paragraphs separated by an empty line
  std::vector<Reference> references;
};

/// What a model wanted done to an image first.
struct ImagePreparation {
  double spacing_mm = 0;       ///< of the cubic voxels it was resampled to
  double low_percentile = 0;   ///< in percent, of the intensities: became 0
  double high_percentile = 0;  ///< became 1
};

/// A parameter of the synthesis that made the images a model was trained on.
struct TunedParameter {
  std::string name;             ///< "mean"
  std::vector<double> start;    ///< its elements before training; empty where they are not known
  std::vector<double> learned;  ///< after it

  bool operator==(const TunedParameter&) const = default;
};

/// How a model was trained.
struct ModelTraining {
  std::string method;               ///< of hypersynth-train, "learn2synth"; other words, or none
  bool learned_synthesis = false;   ///< the synthesis was tuned with Learn2Synth
  std::int64_t labelled_scans = 0;  ///< that were learned from; 0 where unknown
  std::vector<TunedParameter> parameters = {};
  /// Share of the tuned weights in a mean with those of the initial model; 1: no mean.
  double tuned_share = 1;

  bool operator==(const ModelTraining&) const = default;
};

/// What was done to the images, as far as the methods text tells it.
struct MethodFacts {
  std::vector<std::string> suffixes;  ///< "T1w", ...
  int structures = 0;                 ///< segmented, without background
  int images = 0;                     ///< that the text is about
  int averaged_images = 0;            ///< of these, with left-right test-time augmentation
  /// Of the models that were used, each once; empty where they are not known.
  std::vector<ModelTraining> trainings = {};
  int ct_images = 0;  ///< of these, clipped to the window of the brain
  /// Of the models that were used, each once; empty where they are not known.
  std::vector<ImagePreparation> preparations = {};
};

Methods methods_of(const MethodFacts& facts, const Provenance& provenance);

}  // namespace hypersynth
