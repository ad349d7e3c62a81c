#pragma once

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

/// What was done to the images, as far as the methods text tells it.
struct MethodFacts {
  std::vector<std::string> suffixes;  ///< "T1w", ...
  int structures = 0;                 ///< segmented, without background
  int images = 0;                     ///< that the text is about
  int averaged_images = 0;            ///< of these, with left-right test-time augmentation
  bool learned_synthesis = false;     ///< the model's synthesis was tuned with Learn2Synth
  /// Of the models that were used, each once; empty where they are not known.
  std::vector<ImagePreparation> preparations = {};
};

Methods methods_of(const MethodFacts& facts, const Provenance& provenance);

}  // namespace hypersynth
