#include "bids/derivative.h"

#include <nlohmann/json.hpp>

#include "bids/table.h"

namespace hypersynth::bids {

Name output_name(const DataFile& source, const OutputKind& kind) {
  Name name{source.entities, kind.suffix, kind.extension};
  name.entities.set(Entity::kSpace, source.suffix);
  if (!kind.resolution.empty()) name.entities.set(Entity::kResolution, kind.resolution);
  if (!kind.description.empty()) name.entities.set(Entity::kDescription, kind.description);
  return name;
}

std::string output_path(const DataFile& source, const OutputKind& kind) {
  std::string path;
  for (const Entity entity : {Entity::kSubject, Entity::kSession}) {
    if (const auto label = source.entities.get(entity))
      path.append(entity_kind(entity).key).append("-").append(*label).append("/");
  }
  return path + source.datatype + "/" + format_name(output_name(source, kind));
}

nlohmann::json spatial_sidecar(const DataFile& source) {
  const std::string uri = bids_uri("raw", source.path);
  return {{"Sources", nlohmann::json::array({uri})}, {"SpatialReference", uri}};
}

std::string format_sidecar(const nlohmann::json& values) {
  return values.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string format_lookup_table(const std::vector<LookupRow>& rows) {
  Table table({"index", "name", "abbreviation", "color", "mapping"});
  for (const auto& row : rows)
    table.add_row({std::to_string(row.index), row.name, row.abbreviation, row.color, row.mapping});
  return table.format();
}

std::string_view output_bidsignore() {
  return "*.html\nlogs/\nfigures/"
         "\n*_morph.*\n*_longitudinal.*\n*_iqms.*\n*_aseg.stats\ngroup_*\nmodels/"
         "\nratings/\nwork/"
         "\nwork-learn/"
         "\nassets/\nmriqc/\n";
}

}  // namespace hypersynth::bids
