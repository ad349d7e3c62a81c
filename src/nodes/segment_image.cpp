#include "nodes/segment_image.h"

#include "core/error.h"
#include "image/nifti.h"
#include "image/orientation.h"
#include "nodes/context_log.h"
#include "nodes/laps.h"
#include "nodes/source_image.h"

namespace hypersynth {

namespace {

/// World directions that the voxel axes run to, "RAS" (nibabel.aff2axcodes).
std::string orientation_code(const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  std::string code = "???";
  for (std::size_t world = 0; world < 3; ++world) {
    code[orientation.axes[world]] = (orientation.flipped[world] ? "LPI" : "RAS")[world];
  }
  return code;
}

void write_posterior_file(const fs::path& path, const Posteriors& posteriors, const Grid& grid,
                          int threads) {
  const Resampler resampler(posteriors.grid(), grid, threads);
  std::vector<float> values;
  write_posteriors(path.string(), grid, posteriors.classes(),
                   [&](std::int64_t channel) -> const std::vector<float>& {
                     resample_posterior(posteriors, static_cast<int>(channel), resampler, values);
                     return values;
                   });
}

SegmentationFacts facts_of(const Model& model, const Image& image,
                           const Segmentation& segmentation) {
  SegmentationFacts facts;
  for (const auto& label : model.manifest.labels) facts.structures.push_back(label.name);
  facts.input = model.manifest.input;
  facts.intracranial_mm3 = segmentation.intracranial_mm3;
  facts.geometry = {image.grid.shape, spacing_mm(image.grid), orientation_code(image.grid)};
  return facts;
}

}  // namespace

SegmentImage::Outputs SegmentImage::run(const Inputs& in, pipeline::NodeContext& context) const {
  Laps laps;
  SourceIdentity source;
  std::vector<std::string> warnings;
  const Log log([&](LogLevel, std::string_view text) {
    context.warn(in.image.string() + ": " + std::string(text));
    warnings.emplace_back(text);
  });
  Image image = read_source(in.image, context, &source, log);
  if (in.ct) clip_to_brain_window(image);
  check_usable(image, in.image.string());
  const double read_s = laps.next();

  const auto& gpus = context.slots().gpu_ids;
  const int gpu = gpu_of_slots && !gpus.empty() ? gpus.front() : -1;
  const Model& model = network->load(in.model, log_of(context), gpu);
  const std::string model_digest = network->model_digest();
  const auto expected = context.input_digest(in.model);
  if (expected && expected->hex() != model_digest)
    throw InputError(in.model.string(), "a model that stays as it is during the run",
                     "that it changed; run again");
  const double load_s = laps.next();
  SegmenterOptions options;
  options.fast = in.fast;
  options.threads = threads;
  options.with_posteriors = in.save_posteriors;
  options.with_conformed = in.save_resampled;
  NetworkOfOneImage of_image(*network, gpu);
  const Segmentation segmentation = Segmenter(model.manifest, of_image, options).segment(image);
  if (!of_image.notice().empty()) log.warning(of_image.notice());
  if (segmentation.again_in_float32)
    log.warning("segmented in float32: this image is out of the range of " + of_image.device() +
                "'s 16-bit floats");
  if (segmentation.pieces > 1)
    log.warning("segmented in " + std::to_string(segmentation.pieces) +
                " pieces that overlap, for the memory of " + of_image.device());

  laps.next();
  Outputs out;
  const fs::path folder = context.work_dir();
  out.labels = folder / "labels.nii";
  write_labels(out.labels.string(), segmentation.labels);
  if (in.save_posteriors) {
    out.posteriors = folder / "posteriors.nii.gz";
    write_posterior_file(out.posteriors, segmentation.posteriors, image.grid, threads);
  }
  if (in.save_resampled) {
    out.resampled = folder / "resampled.nii.gz";
    write_image(out.resampled.string(), segmentation.conformed);
  }
  out.volumes = segmentation.volumes;
  out.facts = facts_of(model, image, segmentation);
  out.facts.source = source;
  out.facts.model_digest = model_digest;
  out.facts.device = of_image.device();
  out.facts.precision =
      segmentation.again_in_float32 ? std::string("float32") : of_image.precision();
  out.facts.warnings = std::move(warnings);
  out.facts.timings_s = {{"read", read_s}, {"load", load_s}};
  for (const auto& step : segmentation.timings) out.facts.timings_s.push_back(step);
  out.facts.timings_s.push_back({"keep", laps.next()});
  return out;
}

}  // namespace hypersynth
