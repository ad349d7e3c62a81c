#include "nodes/record_image.h"

#include <optional>
#include <set>

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "nodes/failure.h"
#include "nodes/image_outputs.h"
#include "nodes/mriqc_export.h"
#include "nodes/tissue_classes.h"

namespace hypersynth {

namespace {

ImageRecord record_of(const RecordImage::Inputs& in, const bids::DataFile& source) {
  ImageRecord record;
  record.path = source.path;
  record.suffix = source.suffix;
  record.entities = bids::to_json(source.entities);
  record.metadata = nlohmann::json::parse(in.metadata);
  record.metadata_digest = metadata_digest(in.metadata);
  record.geometry = in.facts.geometry;
  record.intracranial_mm3 = in.facts.intracranial_mm3;
  record.brain_parenchymal_fraction = brain_parenchymal_fraction(in.volumes);
  record.measures = in.measures;
  for (const auto& volume : in.volumes)
    record.mean_posteriors.emplace_back(volume.name, volume.mean_posterior);
  record.verdict = in.verdict;
  record.verdict_reasons = in.reasons;
  for (const auto& step : in.facts.timings_s)
    record.timings_s.emplace_back(step.step, step.seconds);
  for (const auto& [step, seconds] :
       {std::pair{"measure", in.measure_s}, {"figures", in.figures_s}, {"write", in.write_s}})
    record.timings_s.emplace_back(step, seconds);
  record.warnings = in.facts.warnings;
  record.device = in.facts.device;
  record.precision = in.facts.precision;
  record.source = in.facts.source;
  record.recipe = in.recipe;
  record.recipe.model_digest = in.facts.model_digest;
  record.input = in.facts.input;
  record.has_posteriors = in.has_posteriors;
  record.has_resampled = in.has_resampled;
  record.has_viewer = in.has_viewer;
  record.files = in.files;
  for (const auto* pictures : {&in.pictures, &in.measured_pictures})
    record.files.insert(record.files.end(), pictures->begin(), pictures->end());
  return record;
}

/// Removes files of the image's previous record that this run has not made again, such as
/// posteriors of an earlier version of the image: beside the new label map they would pass for its
/// own.
void remove_superseded(const ImageRecord& now, const fs::path& output_dir, const fs::path& record,
                       pipeline::NodeContext& context) {
  std::optional<ImageRecord> previous;
  try {
    previous = read_image_record(record);
  } catch (const InputError&) {  // which is the reason why the image is done again
  }
  if (!previous || previous->path != now.path) return;
  std::set<std::string> made;
  for (const auto& file : now.files) made.insert(file.path);
  for (const auto& file : previous->files) {
    if (made.count(file.path) == 1 || !damage_of(output_dir, file).empty()) continue;
    boost::system::error_code ignored;
    if (fs::remove(output_dir / file.path, ignored))
      context.warn(file.path + ": removed, since it belongs to an earlier result of the image");
  }
}

}  // namespace

RecordImage::Outputs RecordImage::run(const Inputs& in, pipeline::NodeContext& context) const {
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs files = outputs_of(source);
  Outputs out;
  out.record = in.output_dir / files.measures;
  ImageRecord record = record_of(in, source);
  if (in.mriqc_json) {
    Publisher publisher(in.output_dir);
    publisher.text(files.mriqc, mriqc_json(record));
    record.files.push_back(publisher.files().front());
  }
  remove_superseded(record, in.output_dir, out.record, context);
  write_atomically(out.record, to_text(record));
  remove_failure(in.output_dir, files);
  return out;
}

}  // namespace hypersynth
