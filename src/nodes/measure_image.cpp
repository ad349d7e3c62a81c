#include "nodes/measure_image.h"

#include <algorithm>
#include <cmath>

#include "image/nifti.h"
#include "nodes/laps.h"
#include "nodes/source_image.h"
#include "quality/quality.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

/// A byte for each factor of the bias field: the percentages that pictures show.
std::vector<std::uint8_t> percent_of(const std::vector<float>& field) {
  std::vector<std::uint8_t> percent(field.size());
  std::transform(field.begin(), field.end(), percent.begin(), [](float factor) {
    return static_cast<std::uint8_t>(std::clamp(std::round(100 * factor), 1.F, 255.F));
  });
  return percent;
}

}  // namespace

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
  const auto keep = [&](const char* name, std::vector<std::uint8_t> voxels) {
    const fs::path path = context.work_dir() / name;
    Mask map(image.grid);
    if (!voxels.empty()) map.voxels = std::move(voxels);
    write_mask(path.string(), map);
    return path;
  };
  if (!maps.air.empty()) out.air = keep("air.nii", std::move(maps.air));
  if (!maps.bias.empty()) out.bias = keep("bias.nii", percent_of(maps.bias));
  if (in.save_masks) out.head = keep("head.nii", std::move(maps.head));
  const auto verdict =
      judge_quality(out.measures, parse_thresholds(in.thresholds, "thresholds of the verdict"));
  out.verdict = to_string(verdict.rating);
  out.reasons = verdict.reasons;
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
