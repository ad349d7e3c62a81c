#pragma once

#include <string>
#include <vector>

#include "nodes/node_values.h"

namespace hypersynth {

/// What the segmentation of one image leaves besides files, for the steps after it.
struct SegmentationFacts {
  std::vector<std::string> structures;  ///< of every posterior, background too
  InputRecipe input;                    ///< of the model
  double intracranial_mm3 = 0;
  ImageGeometry geometry;    ///< of the source
  SourceIdentity source;     ///< when it was read
  std::string model_digest;  ///< of the model file that was read
  std::string device;        ///< what the network ran on: "cpu", "cuda:0"
  std::vector<StepTime> timings_s;
  std::vector<std::string> warnings;  ///< of the source: contradictions in its header
};

}  // namespace hypersynth

template <>
struct hypersynth::pipeline::ValueTraits<hypersynth::SegmentationFacts>
    : hypersynth::pipeline::MemberTraits<
          hypersynth::SegmentationFacts, &hypersynth::SegmentationFacts::structures,
          &hypersynth::SegmentationFacts::input, &hypersynth::SegmentationFacts::intracranial_mm3,
          &hypersynth::SegmentationFacts::geometry, &hypersynth::SegmentationFacts::source,
          &hypersynth::SegmentationFacts::model_digest, &hypersynth::SegmentationFacts::device,
          &hypersynth::SegmentationFacts::timings_s, &hypersynth::SegmentationFacts::warnings> {};
