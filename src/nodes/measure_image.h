#pragma once

#include "nodes/node_values.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image: measures the quality of the image and of its
/// segmentation, judges both, and draws the pictures of what was measured: here, so that
/// DrawFigures can draw the others meanwhile.
struct MeasureImage {
  struct Inputs {
    fs::path image;
    fs::path labels;
    std::vector<LabelVolume> volumes;
    std::string thresholds;
    bool save_masks = false;
    std::string source;
    fs::path output_dir;
    bool ct = false;
  };
  struct Outputs {
    std::vector<MeasureValue> measures;
    std::string verdict;
    std::vector<std::string> reasons;
    fs::path air;
    fs::path head;
    std::vector<fs::path> pictures;
    std::vector<PublishedFile> published;
    double seconds = 0;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image},
      pipeline::Port{"labels", &Inputs::labels, "on the grid of the image"},
      pipeline::Port{"volumes", &Inputs::volumes, "names and mean posteriors of the structures"},
      pipeline::Port{"thresholds", &Inputs::thresholds, "of the verdict, JSON"},
      pipeline::Port{"save_masks", &Inputs::save_masks},
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"ct", &Inputs::ct, "whether the image is drawn in the window of the brain"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"measures", &Outputs::measures, "one for each of measure_catalogue()"},
      pipeline::Port{"verdict", &Outputs::verdict, "pass, warning or fail"},
      pipeline::Port{"reasons", &Outputs::reasons, "of the verdict, worst first"},
      pipeline::Port{"air", &Outputs::air,
                     "an AirVoxel each, on the grid of the image; empty unless saved"},
      pipeline::Port{"head", &Outputs::head, "mask of the head; empty unless saved"},
      pipeline::Port{"pictures", &Outputs::pictures},
      pipeline::Port{"published", &Outputs::published, "the pictures, as written"},
      pipeline::Port{"seconds", &Outputs::seconds}};
  static constexpr std::string_view version = "6";

  /// Throws InputError if the image cannot be read or has changed since the run began, and
  /// Error if a picture cannot be written.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
