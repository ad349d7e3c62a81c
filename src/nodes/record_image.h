#pragma once

#include "nodes/segmentation_facts.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run once per image after all others: writes the record of the finished
/// image into the output folder and, if asked for, its measures in MRIQC's layout. It also removes
/// the files of an earlier result that this run has not made again, and forgets an earlier failure
/// of the image. Later runs see by the record that the image is finished.
struct RecordImage {
  struct Inputs {
    std::string source;
    std::string metadata;
    fs::path output_dir;
    Recipe recipe;
    bool has_posteriors = false;
    bool has_resampled = false;
    bool has_viewer = false;
    bool mriqc_json = false;
    SegmentationFacts facts;
    std::vector<LabelVolume> volumes;
    std::vector<MeasureValue> measures;
    std::string verdict;
    std::vector<std::string> reasons;
    double measure_s = 0;
    double figures_s = 0;
    double write_s = 0;
    std::vector<PublishedFile> files;
    std::vector<PublishedFile> pictures;
    std::vector<PublishedFile> measured_pictures;
  };
  struct Outputs {
    fs::path record;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"metadata", &Inputs::metadata, "its merged sidecars, JSON"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"recipe", &Inputs::recipe, "program version, model, its digest, fast"},
      pipeline::Port{"has_posteriors", &Inputs::has_posteriors},
      pipeline::Port{"has_resampled", &Inputs::has_resampled},
      pipeline::Port{"has_viewer", &Inputs::has_viewer},
      pipeline::Port{"mriqc_json", &Inputs::mriqc_json, "measures in MRIQC's layout, too"},
      pipeline::Port{"facts", &Inputs::facts},
      pipeline::Port{"volumes", &Inputs::volumes},
      pipeline::Port{"measures", &Inputs::measures},
      pipeline::Port{"verdict", &Inputs::verdict},
      pipeline::Port{"reasons", &Inputs::reasons},
      pipeline::Port{"measure_s", &Inputs::measure_s},
      pipeline::Port{"figures_s", &Inputs::figures_s},
      pipeline::Port{"write_s", &Inputs::write_s},
      pipeline::Port{"files", &Inputs::files, "the derivatives, written before"},
      pipeline::Port{"pictures", &Inputs::pictures, "of the report, written before"},
      pipeline::Port{"measured_pictures", &Inputs::measured_pictures, "more of them"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"record", &Outputs::record, "*_desc-hypersynth_iqms.json"}};
  static constexpr std::string_view version = "3";

  /// Throws Error if the record cannot be written.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
