#include "nodes/measure_image.h"

#include "image/nifti.h"
#include "nodes/laps.h"
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
  const auto write = [&](const char* name, std::vector<std::uint8_t>& voxels) {
    const fs::path path = context.work_dir() / name;
    Mask map(image.grid);
    if (!voxels.empty()) map.voxels = std::move(voxels);
    write_mask(path.string(), map);
    return path;
  };
  if (!maps.air.empty()) out.air = write("air.nii", maps.air);
  if (in.save_masks) out.head = write("head.nii", maps.head);
  const auto verdict =
      judge_quality(out.measures, parse_thresholds(in.thresholds, "thresholds of the verdict"));
  out.verdict = to_string(verdict.rating);
  out.reasons = verdict.reasons;
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
