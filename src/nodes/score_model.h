#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the learn level, run once per model: segments the held-out scans, some of them with
/// another look, and synthetic images of random contrast as the participant level does (with
/// --fast), and measures the overlap with the labels that they should have.
struct ScoreModel {
  struct Inputs {
    fs::path model;
    fs::path data;  ///< of PackTrainingData: label table, and label maps for the synthetic images
    std::vector<fs::path> images;       ///< held-out scans
    std::vector<fs::path> references;   ///< their label maps, in the same order
    std::string label_mapping;          ///< text of a table; empty: labels stay what they are
    std::vector<std::int32_t> undrawn;  ///< structures that are not scored in scans
    std::vector<std::string> shifts;    ///< names of looks (engine/data/shifted_scan.h)
    int shifted_scans = 0;              ///< the first so many scans get each of these looks
    int synthetic_images = 0;
    std::uint64_t seed = 0;  ///< of the synthetic images and the noise of shifted scans
  };
  struct Outputs {
    std::vector<std::int32_t> labels;  ///< structures of the model but background
    std::vector<std::string> names;
    std::vector<std::string> scans;  ///< file names of the held-out scans that could be scored
    /// Dice [scan][label]: 0 where the segmentation misses the structure, kNoDice where the
    /// reference does not have it.
    std::vector<std::vector<double>> dice;
    /// Mean over structures [look][scan], in the order of Inputs::shifts; kNoDice as there.
    std::vector<std::vector<double>> shifted_dice;
    /// Mean over structures of each synthetic image; kNoDice where it shows none.
    std::vector<double> synthetic_dice;
  };
  /// In place of NaN, which JSON does not have.
  static constexpr double kNoDice = -1;

  static constexpr std::tuple inputs{
      pipeline::Port{"model", &Inputs::model, "safetensors"},
      pipeline::Port{"data", &Inputs::data, "packed label maps"},
      pipeline::Port{"images", &Inputs::images, "held-out scans (NIfTI)"},
      pipeline::Port{"references", &Inputs::references, "their label maps"},
      pipeline::Port{"label_mapping", &Inputs::label_mapping},
      pipeline::Port{"undrawn", &Inputs::undrawn},
      pipeline::Port{"shifts", &Inputs::shifts},
      pipeline::Port{"shifted_scans", &Inputs::shifted_scans},
      pipeline::Port{"synthetic_images", &Inputs::synthetic_images},
      pipeline::Port{"seed", &Inputs::seed}};
  static constexpr std::tuple outputs{pipeline::Port{"labels", &Outputs::labels},
                                      pipeline::Port{"names", &Outputs::names},
                                      pipeline::Port{"scans", &Outputs::scans},
                                      pipeline::Port{"dice", &Outputs::dice},
                                      pipeline::Port{"shifted_dice", &Outputs::shifted_dice},
                                      pipeline::Port{"synthetic_dice", &Outputs::synthetic_dice}};
  static constexpr std::string_view version = "4";

  /// A scan that cannot be read is left out with a warning, one on another grid than its label map
  /// without (PackTrainingData warns). Throws where the model cannot be used.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;

  /// Set before the step is run: none of this changes the scores but for rounding.
  std::string device = "cpu";
  int threads = 1;
};

/// Mean of the values that are not kNoDice; kNoDice where there is none.
double mean_dice(const std::vector<double>& dice);

}  // namespace hypersynth
