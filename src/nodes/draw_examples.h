#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the learn level, run once: draws the middle slices of a synthetic image as a training
/// saw it at its start and at its end, and of a held-out scan beside them, as the network sees it.
struct DrawExamples {
  struct Inputs {
    fs::path model;                    ///< of TrainModel: what its synthesis has learned
    fs::path data;                     ///< of PackTrainingData
    std::vector<std::string> options;  ///< of TrainModel
    fs::path scan;
    std::uint64_t seed = 0;
  };
  struct Outputs {
    fs::path before;
    fs::path after;  ///< empty where the synthesis learned nothing
    fs::path real;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"model", &Inputs::model, "safetensors"},
      pipeline::Port{"data", &Inputs::data, "packed label maps"},
      pipeline::Port{"options", &Inputs::options, "as hypersynth-train takes them"},
      pipeline::Port{"scan", &Inputs::scan, "NIfTI"}, pipeline::Port{"seed", &Inputs::seed}};
  static constexpr std::tuple outputs{pipeline::Port{"before", &Outputs::before, "PNG"},
                                      pipeline::Port{"after", &Outputs::after, "PNG"},
                                      pipeline::Port{"real", &Outputs::real, "PNG"}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
