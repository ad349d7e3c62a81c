#include "nodes/record_image.h"

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "nodes/image_outputs.h"

namespace hypersynth {

namespace {

ImageRecord record_of(const RecordImage::Inputs& in, const bids::DataFile& source) {
  ImageRecord record;
  record.path = source.path;
  record.suffix = source.suffix;
  record.entities = bids::to_json(source.entities);
  record.metadata = nlohmann::json::parse(in.metadata);
  record.geometry = in.facts.geometry;
  record.intracranial_mm3 = in.facts.intracranial_mm3;
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
  record.device = in.facts.device;
  record.source = in.facts.source;
  record.recipe = in.recipe;
  record.has_posteriors = in.has_posteriors;
  record.has_resampled = in.has_resampled;
  return record;
}

}  // namespace

RecordImage::Outputs RecordImage::run(const Inputs& in, pipeline::NodeContext&) const {
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs files = outputs_of(source);
  Outputs out;
  out.record = in.output_dir / files.measures;
  write_atomically(out.record, to_json(record_of(in, source)).dump(2) + "\n");
  boost::system::error_code code;
  fs::remove(in.output_dir / files.failure, code);
  return out;
}

}  // namespace hypersynth
