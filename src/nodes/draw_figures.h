#pragma once

#include "nodes/node_values.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image: draws the pictures of the subject's and the group's
/// page, but for those of MeasureImage, and writes them into the output folder, with the script
/// from which the page's viewer gets its voxels.
struct DrawFigures {
  struct Inputs {
    fs::path image;
    fs::path labels;
    std::vector<LabelVolume> volumes;
    std::string source;
    fs::path output_dir;
    bool viewer = true;
    bool ct = false;
  };
  struct Outputs {
    std::vector<fs::path> pictures;
    std::vector<PublishedFile> published;
    double seconds = 0;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image},
      pipeline::Port{"labels", &Inputs::labels, "on the grid of the image"},
      pipeline::Port{"volumes", &Inputs::volumes, "the structures to outline"},
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"viewer", &Inputs::viewer, "whether the page has a three-plane viewer"},
      pipeline::Port{"ct", &Inputs::ct, "whether the image is drawn in the window of the brain"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"pictures", &Outputs::pictures},
      pipeline::Port{"published", &Outputs::published, "these and the script, as written"},
      pipeline::Port{"seconds", &Outputs::seconds}};
  static constexpr std::string_view version = "7";

  /// Throws InputError if the image cannot be read or has changed since the run began, and Error if
  /// a picture cannot be written.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
