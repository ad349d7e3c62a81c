#pragma once

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the learn level, run once per tuned model: averages the weights of the initial model
/// and of the one that was tuned from it. Half-way between the two a model keeps more of what the
/// initial one could do, often with a part of the gain or more of it (Wortsman et al., "Robust
/// fine-tuning of zero-shot models", CVPR 2022), at the cost of no training.
struct BlendModels {
  struct Inputs {
    fs::path initial;
    fs::path tuned;
    double share = 0.5;  ///< of the tuned model, 0 to 1
  };
  struct Outputs {
    fs::path model;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"initial", &Inputs::initial, "safetensors"},
      pipeline::Port{"tuned", &Inputs::tuned, "safetensors of the same network and labels"},
      pipeline::Port{"share", &Inputs::share, "of the tuned model"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"model", &Outputs::model, "with what the tuned model says of itself"}};
  static constexpr std::string_view version = "1";

  /// Throws InputError where the two models have other networks or labels.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
