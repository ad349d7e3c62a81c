#include "nodes/refresh_record.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bids/derivative.h"
#include "core/error.h"
#include "image/nifti.h"
#include "nodes/failure.h"
#include "nodes/image_outputs.h"
#include "nodes/image_record.h"
#include "nodes/morph_table.h"
#include "nodes/mriqc_export.h"
#include "pipeline/files/file_system.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// The derivatives whose sidecars carry metadata of the source.
std::vector<std::string> sidecars_of(const ImageOutputs& outputs, const std::string& resampled) {
  return {sidecar_of(outputs.labels),       sidecar_of(outputs.brain_mask),
          sidecar_of(outputs.posteriors),   sidecar_of(resampled),
          sidecar_of(outputs.brain_image),  sidecar_of(outputs.standard_labels),
          sidecar_of(outputs.head_mask),    sidecar_of(outputs.air_mask),
          sidecar_of(outputs.artefact_mask)};
}

/// Takes over the newer ones, instead of those with the same path or beside the others.
void replace(std::vector<PublishedFile>& files, const std::vector<PublishedFile>& newer) {
  for (const auto& other : newer) {
    const auto same = std::find_if(files.begin(), files.end(),
                                   [&](const auto& file) { return file.path == other.path; });
    if (same != files.end()) {
      *same = other;
    } else {
      files.push_back(other);
    }
  }
}

/// Throws InputError unless the file is the one that the record names.
void require_recorded(const fs::path& output_dir, const ImageRecord& record,
                      const std::string& path) {
  for (const auto& file : record.files) {
    if (file.path != path) continue;
    const std::string damage = damage_of(output_dir, file, true);
    if (damage.empty()) return;
    throw InputError((output_dir / path).string(), "the file that was written",
                     "one that " + damage);
  }
  throw InputError((output_dir / path).string(), "a file of the image's record", "none");
}

/// The extra outputs that are asked for, from the label map and the volumes in the output folder.
void add_extras(const RefreshRecord::Inputs& in, const ImageRecord& record,
                const bids::DataFile& source, const json& metadata, pipeline::NodeContext& context,
                Publisher& publisher) {
  if (in.extras.empty()) return;
  const ImageOutputs names = outputs_of(source);
  for (const auto& path : {names.labels, names.volumes})
    require_recorded(in.output_dir, record, path);
  const LabelMap labels = read_labels((in.output_dir / names.labels).string());
  const auto volumes = parse_volume_table(
      pipeline::real_file_system().read(in.output_dir / names.volumes).value_or(""));
  write_extras(in.extras, {in.image.value_or(""), labels, volumes, source, metadata},
               context.work_dir(), record.source.digest, context, publisher);
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

RefreshRecord::Outputs RefreshRecord::run(const Inputs& in, pipeline::NodeContext& context) const {
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs names = outputs_of(source);
  const fs::path path = in.output_dir / names.measures;
  auto record = read_image_record(path);
  if (!record) throw InputError(path.string(), "the record of a finished image", "no such file");
  const json metadata = json::parse(in.metadata);

  Publisher publisher(in.output_dir);
  add_extras(in, *record, source, metadata, context, publisher);  // some may be damaged
  for (const auto& name : sidecars_of(names, resampled_output(source, record->input.spacing_mm))) {
    const auto text = pipeline::real_file_system().read(in.output_dir / name);
    if (!text || !has_file(*record, name)) continue;
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
  if (in.mriqc_json || has_file(*record, names.mriqc))
    publisher.text(names.mriqc, mriqc_json(*record));
  replace(record->files, publisher.files());
  record->metadata_digest = metadata_digest(in.metadata);
  Publisher(in.output_dir).text(names.measures, to_text(*record));
  remove_failure(in.output_dir, names);
  Outputs out{path, {}};
  for (const auto& file : publisher.files()) out.files.push_back(in.output_dir / file.path);
  return out;
}

}  // namespace hypersynth
