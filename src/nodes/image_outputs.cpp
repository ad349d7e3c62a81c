#include "nodes/image_outputs.h"

#include <algorithm>
#include <stdexcept>

#include "bids/derivative.h"
#include "core/number_text.h"
#include "report/thumbnail.h"
#include "report/viewer_data.h"

namespace hypersynth {

namespace {

/// The source's entities as they begin a name: "sub-01_ses-2_run-1".
std::string entity_stem(const bids::DataFile& source) {
  const std::string name = bids::format_name({source.entities, "x", ""});
  return name.substr(0, name.size() - 2);
}

}  // namespace

ImageOutputs outputs_of(const bids::DataFile& source) {
  const auto path = [&](const char* suffix, const char* extension, const char* description) {
    return bids::output_path(source, {suffix, extension, description, ""});
  };
  ImageOutputs outputs;
  outputs.labels = path("dseg", ".nii.gz", "hypersynth");
  outputs.brain_mask = path("mask", ".nii.gz", "brain");
  outputs.posteriors = path("probseg", ".nii.gz", "hypersynth");
  outputs.volumes = path("morph", ".tsv", "hypersynth");
  outputs.brain_image = path(source.suffix.c_str(), ".nii.gz", "brain");
  outputs.aseg_stats = path("aseg", ".stats", "hypersynth");
  outputs.standard_labels = path("dseg", ".nii.gz", "standard");
  outputs.measures = path("iqms", ".json", "hypersynth");
  outputs.head_mask = path("mask", ".nii.gz", "head");
  outputs.air_mask = path("mask", ".nii.gz", "air");
  outputs.artefact_mask = path("mask", ".nii.gz", "artefact");
  const std::string subject =
      "sub-" + std::string(source.entities.get(bids::Entity::kSubject).value_or("unknown"));
  outputs.figures = subject + "/figures";
  outputs.stem = entity_stem(source);
  outputs.name = outputs.stem + "_" + source.suffix;
  outputs.mriqc =
      "mriqc/" + (fs::path(outputs.measures).parent_path() / outputs.name).string() + ".json";
  outputs.failure = "logs/failures/" + subject + "/" + outputs.name + ".json";
  return outputs;
}

std::string resampled_output(const bids::DataFile& source, double spacing_mm) {
  std::string resolution = significant_digits(spacing_mm, 6) + "mm";
  std::replace(resolution.begin(), resolution.end(), '.', 'p');
  return bids::output_path(source, {source.suffix, ".nii.gz", "preproc", resolution});
}

std::string viewer_script_of(const bids::DataFile& source) {
  const ImageOutputs outputs = outputs_of(source);
  return outputs.figures + "/" + viewer_script_name(outputs.stem, source.suffix);
}

std::string thumbnail_of(const bids::DataFile& source) {
  const ImageOutputs outputs = outputs_of(source);
  return outputs.figures + "/" + thumbnail_name(outputs.stem, source.suffix);
}

std::string session_alignment_of(const bids::DataFile& source) {
  const ImageOutputs outputs = outputs_of(source);
  return outputs.figures + "/" + outputs.stem + "_desc-sessions_" + source.suffix + ".json";
}

std::string longitudinal_output(const std::string& subject) {
  const std::string folder = "sub-" + subject;
  return folder + "/" + folder + "_desc-hypersynth_longitudinal.tsv";
}

std::string page_of_subject(const std::string& label) { return "sub-" + label + ".html"; }

std::string page_of_group(const std::string& suffix) { return "group_" + suffix + ".html"; }

GroupOutputs group_outputs_of(const std::string& suffix) {
  const std::string stem = "group_" + suffix;
  return {stem + ".tsv", stem + ".json", stem + "_summary.json", stem + "_merged_ratings.tsv",
          stem + "_merged_ratings.json"};
}

bids::DataFile data_file_at(const std::string& path) {
  const fs::path file(path);
  auto name = bids::parse_name(file.filename().string());
  if (!name) throw std::invalid_argument(path + ": not a BIDS name");
  bids::DataFile source;
  source.path = path;
  source.entities = std::move(name->entities);
  source.suffix = std::move(name->suffix);
  source.extension = std::move(name->extension);
  source.datatype = file.parent_path().filename().string();
  return source;
}

std::string sidecar_of(const std::string& path) {
  return path.substr(0, path.find('.', path.rfind('/') + 1)) + ".json";
}

}  // namespace hypersynth
