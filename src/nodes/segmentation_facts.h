#pragma once

#include <string>
#include <vector>

#include "nodes/node_values.h"

namespace hypersynth {

/// What the segmentation of an image passes on to later steps besides files and volumes.
struct SegmentationFacts {
  /// Names of the classes of the posteriors, with the background.
  std::vector<std::string> structures;
  InputRecipe input;            ///< what the model wants of its input
  double intracranial_mm3 = 0;  ///< sum of the soft volumes of all structures
  ImageGeometry geometry;       ///< grid of the source
  SourceIdentity source;        ///< the source at the time when it was read
  std::string model_digest;     ///< digest of the model file that was loaded
  std::string device;           ///< what the network ran on, as in "cpu" or "cuda:0"
  std::string precision;        ///< of its convolutions: "float32", "bfloat16" or "float16"
  std::vector<StepTime> timings_s;
  std::vector<std::string> warnings;  ///< contradictions in the header of the source
};

}  // namespace hypersynth

template <>
struct hypersynth::pipeline::ValueTraits<hypersynth::SegmentationFacts>
    : hypersynth::pipeline::MemberTraits<
          hypersynth::SegmentationFacts, &hypersynth::SegmentationFacts::structures,
          &hypersynth::SegmentationFacts::input, &hypersynth::SegmentationFacts::intracranial_mm3,
          &hypersynth::SegmentationFacts::geometry, &hypersynth::SegmentationFacts::source,
          &hypersynth::SegmentationFacts::model_digest, &hypersynth::SegmentationFacts::device,
          &hypersynth::SegmentationFacts::precision, &hypersynth::SegmentationFacts::timings_s,
          &hypersynth::SegmentationFacts::warnings> {};
