#pragma once

#include <string>

#include "bids/layout.h"
#include "nodes/image_record.h"
#include "pipeline/graph/interface.h"

namespace hypersynth {

/// Brings the metadata of a finished image up to date after its sidecars have changed: the sidecars
/// of its derivatives and its record are written again. What was computed from voxels stays.
struct RefreshRecord {
  struct Inputs {
    std::string source;
    std::string metadata;
    fs::path output_dir;
  };
  struct Outputs {
    fs::path record;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"source", &Inputs::source, "path of the image in its dataset"},
      pipeline::Port{"metadata", &Inputs::metadata, "its merged sidecars, JSON"},
      pipeline::Port{"output_dir", &Inputs::output_dir, "derivative dataset",
                     pipeline::Hashed::kPath}};
  static constexpr std::tuple outputs{
      pipeline::Port{"record", &Outputs::record, "*_desc-hypersynth_iqms.json"}};
  static constexpr std::string_view version = "1";

  /// Throws InputError where there is no whole record, Error where a file cannot be written.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

/// Sets in `sidecar`, of a derivative of `source`, the metadata that the entities in its name ask
/// for (BIDS schema, rules/sidecars/entities): EchoTime with echo, and so on. Removes those that
/// the source has no more.
void add_entity_metadata(nlohmann::json& sidecar, const bids::DataFile& source,
                         const nlohmann::json& metadata);

}  // namespace hypersynth
