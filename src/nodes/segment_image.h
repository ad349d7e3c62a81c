#pragma once

#include <memory>

#include "nodes/segmentation_facts.h"
#include "nodes/shared_network.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image: reads the image and segments it. It writes into the
/// work folder. The label map is not compressed, because the steps after this one read it at once;
/// the other files have the form in which a later step copies them to the output folder.
struct SegmentImage {
  struct Inputs {
    fs::path image;
    fs::path model;
    bool fast = false;
    bool save_posteriors = false;
    bool save_resampled = false;
    bool ct = false;
  };
  struct Outputs {
    fs::path labels;
    fs::path posteriors;
    fs::path resampled;
    std::vector<LabelVolume> volumes;
    SegmentationFacts facts;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image, "NIfTI, any contrast, resolution and orientation"},
      pipeline::Port{"model", &Inputs::model, "safetensors with labels and input recipe"},
      pipeline::Port{"fast", &Inputs::fast, "no left-right flip averaging"},
      pipeline::Port{"save_posteriors", &Inputs::save_posteriors},
      pipeline::Port{"save_resampled", &Inputs::save_resampled},
      pipeline::Port{"ct", &Inputs::ct, "Hounsfield units, to be clipped"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"labels", &Outputs::labels, "label map on the grid of the image"},
      pipeline::Port{"posteriors", &Outputs::posteriors, "4-D, same grid; empty unless saved"},
      pipeline::Port{"resampled", &Outputs::resampled, "as the network saw it, RAS; or empty"},
      pipeline::Port{"volumes", &Outputs::volumes, "every structure but background"},
      pipeline::Port{"facts", &Outputs::facts}};
  static constexpr std::string_view version = "4";

  /// Throws InputError if the image cannot be used or has changed since the run began, and Error if
  /// the network or writing fails.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;

  /// Set before the step is run; the results do not depend on its device.
  std::shared_ptr<SharedNetwork> network;
  /// Threads for resampling and the steps around the network.
  int threads = 1;
  /// The GPU is that of the step's slots, among all that this process sees. Else the first: a step
  /// in a process of its own sees no other.
  bool gpu_of_slots = false;
};

}  // namespace hypersynth
