#pragma once

#include "nodes/node_values.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image: measures the quality of the image and of its
/// segmentation, and judges both.
struct MeasureImage {
  struct Inputs {
    fs::path image;
    fs::path labels;
    std::vector<LabelVolume> volumes;
    std::string thresholds;
    bool save_masks = false;
  };
  struct Outputs {
    std::vector<MeasureValue> measures;
    std::string verdict;
    std::vector<std::string> reasons;
    fs::path air;
    fs::path bias;
    fs::path head;
    double seconds = 0;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image},
      pipeline::Port{"labels", &Inputs::labels, "on the grid of the image"},
      pipeline::Port{"volumes", &Inputs::volumes, "names and mean posteriors of the structures"},
      pipeline::Port{"thresholds", &Inputs::thresholds, "of the verdict, JSON"},
      pipeline::Port{"save_masks", &Inputs::save_masks}};
  static constexpr std::tuple outputs{
      pipeline::Port{"measures", &Outputs::measures, "one for each of measure_catalogue()"},
      pipeline::Port{"verdict", &Outputs::verdict, "pass, warning or fail"},
      pipeline::Port{"reasons", &Outputs::reasons, "of the verdict, worst first"},
      pipeline::Port{"air", &Outputs::air, "an AirVoxel each, on the grid of the image; or empty"},
      pipeline::Port{"bias", &Outputs::bias,
                     "percent of the bias field, on the grid of the image; or empty"},
      pipeline::Port{"head", &Outputs::head, "mask of the head; empty unless saved"},
      pipeline::Port{"seconds", &Outputs::seconds}};
  static constexpr std::string_view version = "5";

  /// Throws InputError if the image cannot be read or has changed since the run began.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
