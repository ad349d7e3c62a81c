#include "nodes/measure_image.h"

#include "image/nifti.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/measured_pictures.h"
#include "nodes/published_file.h"
#include "nodes/source_image.h"
#include "quality/quality.h"
#include "quality/threshold_file.h"

namespace hypersynth {

MeasureImage::Outputs MeasureImage::run(const Inputs& in, pipeline::NodeContext& context) const {
  Laps laps;
  const Image image = read_source(in.image, context);
  const LabelMap labels = read_labels(in.labels.string());
  std::vector<LabelledStructure> structures;
  for (const auto& volume : in.volumes)
    structures.push_back({volume.index, volume.name, volume.mean_posterior});
  Outputs out;
  QualityMaps maps;
  out.measures = measure_quality({image, labels, structures}, {}, &maps);
  const auto keep = [&](const char* name, std::vector<std::int32_t> values) {
    const fs::path path = context.work_dir() / name;
    write_labels(path.string(), LabelMap(image.grid, std::move(values)));
    return path;
  };
  Publisher publisher(in.output_dir);
  const bids::DataFile source = data_file_at(in.source);
  const auto percent = bias_percent(maps.bias);
  draw_measured_pictures(source, {image, labels, in.volumes, maps.air, percent}, in.ct,
                         [&](const std::string& name, std::string_view bytes) {
                           publisher.text(outputs_of(source).figures + "/" + name, bytes);
                         });
  out.published = publisher.files();
  for (const auto& file : out.published) out.pictures.push_back(in.output_dir / file.path);
  if (in.save_masks) {
    if (!maps.air.empty()) out.air = keep("air.nii", {maps.air.begin(), maps.air.end()});
    maps.head.resize(image.voxels.size());  // empty where no brain was found
    out.head = keep("head.nii", {maps.head.begin(), maps.head.end()});
  }
  const auto verdict =
      judge_quality(out.measures, parse_thresholds(in.thresholds, "thresholds of the verdict"));
  out.verdict = to_string(verdict.rating);
  out.reasons = verdict.reasons;
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
