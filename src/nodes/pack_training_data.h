#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the learn level, run once per split: reads the labelled scans and the label maps to
/// synthesise from, and packs them into the one file that training reads (see PackedDataWriter).
///
/// The labels of the references are first translated by the label mapping, if there is one. Then
/// the label table says what is segmented of them: labels that it does not have count in no loss.
struct PackTrainingData {
  struct Inputs {
    std::vector<fs::path> images;      ///< to learn from
    std::vector<fs::path> references;  ///< their label maps, in the same order
    std::vector<fs::path> held_out_images;
    std::vector<fs::path> held_out_references;
    /// To synthesise from; empty: the references of the usable scans to learn from, each once.
    std::vector<fs::path> label_maps;
    /// Text of a label table, or of a lookup table from which one is derived (see
    /// derive_label_table).
    std::string label_table;
    bool derive_table = false;
    std::string label_mapping;               ///< text of a table; empty: labels stay what they are
    std::vector<std::int32_t> model_labels;  ///< that the network has to segment; empty: any
    std::vector<std::int32_t> undrawn;       ///< structures that the references leave undrawn
    double spacing_mm = 1;
  };
  struct Outputs {
    fs::path data;
    std::vector<std::int32_t> undrawn;  ///< those given and those that were found
    std::vector<std::string> left_out;  ///< paths of scans that cannot be used, with the reason
    std::int64_t scans = 0;             ///< to learn from
    std::int64_t held_out = 0;
    std::int64_t maps = 0;  ///< label maps to synthesise from
    /// Structures of each intensity class, for people: "caudate, putamen and 3 more".
    std::vector<std::string> intensity_classes;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"images", &Inputs::images, "labelled scans (NIfTI)"},
      pipeline::Port{"references", &Inputs::references, "label maps on the grids of the scans"},
      pipeline::Port{"held_out_images", &Inputs::held_out_images},
      pipeline::Port{"held_out_references", &Inputs::held_out_references},
      pipeline::Port{"label_maps", &Inputs::label_maps, "to synthesise from"},
      pipeline::Port{"label_table", &Inputs::label_table},
      pipeline::Port{"derive_table", &Inputs::derive_table},
      pipeline::Port{"label_mapping", &Inputs::label_mapping},
      pipeline::Port{"model_labels", &Inputs::model_labels},
      pipeline::Port{"undrawn", &Inputs::undrawn},
      pipeline::Port{"spacing_mm", &Inputs::spacing_mm}};
  static constexpr std::tuple outputs{
      pipeline::Port{"data", &Outputs::data, "file for hypersynth-train"},
      pipeline::Port{"undrawn", &Outputs::undrawn},
      pipeline::Port{"left_out", &Outputs::left_out},
      pipeline::Port{"scans", &Outputs::scans},
      pipeline::Port{"held_out", &Outputs::held_out},
      pipeline::Port{"maps", &Outputs::maps},
      pipeline::Port{"intensity_classes", &Outputs::intensity_classes}};
  static constexpr std::string_view version = "3";

  /// Throws InputError where no scan is left to learn from or to hold out, where the label table
  /// does not fit the label maps or the model, and where a label map to synthesise from cannot be
  /// used. A scan that cannot be used is left out with a warning.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
