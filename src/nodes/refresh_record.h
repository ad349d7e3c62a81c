#pragma once

#include <optional>
#include <string>

#include "bids/layout.h"
#include "nodes/extra_outputs.h"
#include "nodes/image_record.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// A step of the workflow, run instead of the other steps of a finished image if only its sidecars
/// or the thresholds of the verdict have changed, its measures are wanted in MRIQC's layout, or
/// extra outputs are still to be made: writes the sidecars of its derivatives, the extra outputs
/// and its record again, and judges its measures. Nothing is segmented or measured again.
struct RefreshRecord {
  struct Inputs {
    std::string source;
    std::string metadata;
    std::string thresholds;
    bool mriqc_json = false;
    fs::path output_dir;
    std::optional<fs::path> image;
    Extras extras;
  };
  struct Outputs {
    fs::path record;
    std::vector<fs::path> files;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"metadata", &Inputs::metadata, "its merged sidecars, JSON"},
      pipeline::Port{"thresholds", &Inputs::thresholds, "of the verdict, JSON"},
      pipeline::Port{"mriqc_json", &Inputs::mriqc_json, "measures in MRIQC's layout, too"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath},
      pipeline::Port{"image", &Inputs::image, "only where an extra output needs it"},
      pipeline::Port{"extras", &Inputs::extras, "extra outputs that are still to be made"}};
  static constexpr std::tuple outputs{
      pipeline::Port{"record", &Outputs::record, "*_desc-hypersynth_iqms.json"},
      pipeline::Port{"files", &Outputs::files, "sidecars and extra outputs"}};
  static constexpr std::string_view version = "2";

  /// Throws InputError if there is no record, or it or a file that an extra output is made from is
  /// damaged or another one, and Error if a file cannot be written.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

/// Copies into `sidecar`, the sidecar of a derivative of `source`, the metadata that the entities
/// in its name require (BIDS schema, rules/sidecars/entities): EchoTime for `echo`, InversionTime
/// for `inv`, FlipAngle for `flip` and MTState for `mt`. Removes any of these that `metadata`, the
/// merged sidecars of the source, does not have.
void add_entity_metadata(nlohmann::json& sidecar, const bids::DataFile& source,
                         const nlohmann::json& metadata);

}  // namespace hypersynth
