#include "nodes/measure_image.h"

#include "image/nifti.h"
#include "nodes/laps.h"
#include "nodes/source_image.h"
#include "quality/quality.h"
#include "quality/verdict.h"

namespace hypersynth {

MeasureImage::Outputs MeasureImage::run(const Inputs& in, pipeline::NodeContext& context) const {
  Laps laps;
  const Image image = read_source(in.image, context);
  const LabelMap labels = read_labels(in.labels.string());
  std::vector<LabelledStructure> structures;
  for (const auto& volume : in.volumes)
    structures.push_back({volume.index, volume.name, volume.mean_posterior});
  Outputs out;
  std::vector<std::uint8_t> air;
  out.measures = measure_quality({image, labels, structures}, {}, &air);
  if (!air.empty()) {
    out.air = context.work_dir() / "air.nii";
    Mask map(image.grid);
    map.voxels = std::move(air);
    write_mask(out.air.string(), map);
  }
  const auto verdict = judge_quality(out.measures);
  out.verdict = to_string(verdict.rating);
  out.reasons = verdict.reasons;
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
