#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/training/training_options.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the learn level, run once per candidate: trains a network as hypersynth-train does.
///
/// Its checkpoints lie in a folder that outlives the step, so that a run that was killed goes on
/// from the last one. A checkpoint of other inputs is not used.
struct TrainModel {
  struct Inputs {
    fs::path data;                        ///< file of PackTrainingData
    std::vector<fs::path> initial_model;  ///< one file, or none: fresh weights
    /// Options as hypersynth-train takes them, word by word, without those that are ports here.
    std::vector<std::string> options;
    std::string checkpoints;  ///< folder, made where it is missing
  };
  struct Outputs {
    fs::path model;
    fs::path log;  ///< training.jsonl
    std::int64_t steps = 0;
    std::string patch;  ///< sides of the patches, smaller than asked for where memory was short
    double wall_s = 0;
    double cpu_s = 0;
    double peak_memory_bytes = 0;  ///< resident memory of the process that trained
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"data", &Inputs::data, "packed label maps and labelled scans"},
      pipeline::Port{"initial_model", &Inputs::initial_model, "safetensors; none: fresh weights"},
      pipeline::Port{"options", &Inputs::options, "as hypersynth-train takes them"},
      pipeline::Port{"checkpoints", &Inputs::checkpoints, "folder"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"model", &Outputs::model},
      pipeline::Port{"log", &Outputs::log},
      pipeline::Port{"steps", &Outputs::steps},
      pipeline::Port{"patch", &Outputs::patch},
      pipeline::Port{"wall_s", &Outputs::wall_s},
      pipeline::Port{"cpu_s", &Outputs::cpu_s},
      pipeline::Port{"peak_memory_bytes", &Outputs::peak_memory_bytes}};
  static constexpr std::string_view version = "2";

  /// Where memory does not suffice, trains with smaller patches and warns. Throws what train()
  /// throws, and Error kInterrupted where the run is cancelled.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;

  /// Set before the step is run: none of this changes what is learned but for rounding.
  std::string device = "cpu";
  int threads = 1;
};

/// The options of a training; throws Error kUsage with everything that is wrong with them.
TrainingOptions training_options_of(const TrainModel::Inputs& in, const std::string& device);

/// Sides in voxels of an image that holds a whole head, multiples of `multiple`.
std::vector<std::int64_t> whole_head(double spacing_mm, std::int64_t multiple, int dimensions);

}  // namespace hypersynth
