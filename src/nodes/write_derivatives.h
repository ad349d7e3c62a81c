#pragma once

#include <optional>

#include "nodes/extra_outputs.h"
#include "nodes/segmentation_facts.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image: writes the label map, the brain mask, the table of
/// volumes and, if asked for, posteriors, the resampled image and the masks of head and air into
/// the output folder, each with its sidecar, and the extra outputs.
struct WriteDerivatives {
  struct Inputs {
    fs::path labels;
    fs::path posteriors;
    fs::path resampled;
    fs::path head;
    fs::path air;
    std::vector<LabelVolume> volumes;
    SegmentationFacts facts;
    std::string source;
    std::string metadata;
    fs::path output_dir;
    std::optional<fs::path> image;
    Extras extras;
  };
  struct Outputs {
    std::vector<fs::path> files;
    std::vector<PublishedFile> published;
    double seconds = 0;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"labels", &Inputs::labels},
      pipeline::Port{"posteriors", &Inputs::posteriors, "empty: not asked for"},
      pipeline::Port{"resampled", &Inputs::resampled, "empty: not asked for"},
      pipeline::Port{"head", &Inputs::head, "empty: not asked for"},
      pipeline::Port{"air", &Inputs::air, "an AirVoxel each; empty: none, or not asked for"},
      pipeline::Port{"volumes", &Inputs::volumes},
      pipeline::Port{"facts", &Inputs::facts},
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"metadata", &Inputs::metadata, "its merged sidecars, JSON"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"image", &Inputs::image, "only where an extra output needs it"},
      pipeline::Port{"extras", &Inputs::extras, "extra outputs that are asked for"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"files", &Outputs::files},
      pipeline::Port{"published", &Outputs::published, "the same, as they were written"},
      pipeline::Port{"seconds", &Outputs::seconds}};
  static constexpr std::string_view version = "5";

  /// Throws Error if a file cannot be written, and InputError if the label map cannot be read.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
