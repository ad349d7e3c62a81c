#include "nodes/refresh_record.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bids/derivative.h"
#include "core/error.h"
#include "nodes/failure.h"
#include "nodes/image_outputs.h"
#include "nodes/image_record.h"
#include "nodes/mriqc_export.h"
#include "pipeline/files/file_system.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// The derivatives whose sidecars carry metadata of the source.
std::vector<std::string> sidecars_of(const ImageOutputs& outputs, const std::string& resampled) {
  return {sidecar_of(outputs.labels), sidecar_of(outputs.brain_mask),
          sidecar_of(outputs.posteriors), sidecar_of(resampled)};
}

void replace(std::vector<PublishedFile>& files, const std::vector<PublishedFile>& newer) {
  for (auto& file : files) {
    for (const auto& other : newer) {
      if (other.path == file.path) file = other;
    }
  }
}

}  // namespace

void add_entity_metadata(json& sidecar, const bids::DataFile& source, const json& metadata) {
  for (const auto& [entity, key] : {std::pair{bids::Entity::kEcho, "EchoTime"},
                                    std::pair{bids::Entity::kInversion, "InversionTime"},
                                    std::pair{bids::Entity::kFlip, "FlipAngle"},
                                    std::pair{bids::Entity::kMtransfer, "MTState"}}) {
    sidecar.erase(key);
    if (source.entities.has(entity) && metadata.contains(key)) sidecar[key] = metadata.at(key);
  }
}

RefreshRecord::Outputs RefreshRecord::run(const Inputs& in, pipeline::NodeContext&) const {
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs names = outputs_of(source);
  const fs::path path = in.output_dir / names.measures;
  auto record = read_image_record(path);
  if (!record) throw InputError(path.string(), "the record of a finished image", "no such file");
  const json metadata = json::parse(in.metadata);

  Publisher publisher(in.output_dir);
  for (const auto& name : sidecars_of(names, resampled_output(source, record->input.spacing_mm))) {
    const auto text = pipeline::real_file_system().read(in.output_dir / name);
    const bool recorded = std::any_of(record->files.begin(), record->files.end(),
                                      [&](const auto& file) { return file.path == name; });
    if (!text || !recorded) continue;
    json sidecar = json::parse(*text);
    add_entity_metadata(sidecar, source, metadata);
    publisher.text(name, bids::format_sidecar(sidecar));
  }
  const auto verdict =
      judge_quality(record->measures, parse_thresholds(in.thresholds, "thresholds of the verdict"));
  record->verdict = to_string(verdict.rating);
  record->verdict_reasons = verdict.reasons;
  record->recipe.thresholds = in.thresholds;
  record->metadata = metadata;
  if (in.mriqc_json || has_file(*record, names.mriqc)) {
    publisher.text(names.mriqc, mriqc_json(*record));
    if (!has_file(*record, names.mriqc)) record->files.push_back(publisher.files().back());
  }
  replace(record->files, publisher.files());
  record->metadata_digest = metadata_digest(in.metadata);
  Publisher(in.output_dir).text(names.measures, to_text(*record));
  remove_failure(in.output_dir, names);
  return {path};
}

}  // namespace hypersynth
