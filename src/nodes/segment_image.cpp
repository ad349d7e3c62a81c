#include "nodes/segment_image.h"

#include <chrono>

#include <boost/filesystem/operations.hpp>

#include "bids/atomic_file.h"
#include "core/error.h"
#include "image/nifti.h"
#include "image/orientation.h"
#include "nodes/lookup.h"
#include "nodes/volume_table.h"
#include "pipeline/digest.h"
#include "quality/quality.h"
#include "quality/verdict.h"
#include "report/mosaic_reportlets.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// Writes the derivatives of one image.
class Writer {
 public:
  Writer(const bids::DataFile& source, const json& metadata, const SegmentationRun& run)
      : source_(source), metadata_(metadata), run_(run), outputs_(outputs_of(source)) {}

  const ImageOutputs& outputs() const { return outputs_; }

  /// Removes what a process that was killed left half-written.
  void remove_abandoned() const {
    const fs::path anat = fs::path(run_.output_dir / outputs_.labels).parent_path();
    for (const auto& folder : {anat, run_.output_dir / outputs_.figures}) {
      bids::remove_abandoned(folder);
    }
  }

  void labels(const LabelMap& labels) const {
    write_labels(at(outputs_.labels), labels);
    sidecar(outputs_.labels, {{"Atlas", "hypersynth structures, FreeSurfer numbering"}});
  }

  void brain_mask(const LabelMap& labels) const {
    Mask mask(labels.grid);
    for (std::size_t v = 0; v < labels.voxels.size(); ++v) mask.voxels[v] = labels.voxels[v] != 0;
    write_mask(at(outputs_.brain_mask), mask);
    sidecar(outputs_.brain_mask, {{"Type", "Brain"}});
  }

  void posteriors(const Posteriors& posteriors, const Grid& grid) const {
    const Resampler resampler(posteriors.grid(), grid, run_.threads);
    std::vector<float> values;
    write_posteriors(at(outputs_.posteriors), grid, posteriors.classes(),
                     [&](std::int64_t channel) -> const std::vector<float>& {
                       resample_posterior(posteriors, static_cast<int>(channel), resampler, values);
                       return values;
                     });
    json names = json::array();
    for (const auto& label : run_.model->labels) names.push_back(label.name);
    sidecar(outputs_.posteriors, {{"LabelMap", names}});
  }

  void resampled(const Image& image) const {
    write_image(at(outputs_.resampled), image);
    sidecar(outputs_.resampled, {{"SkullStripped", false}, {"Resolution", "1 mm isotropic, RAS"}});
  }

  void volumes(const Segmentation& segmentation) const {
    bids::write_atomically(
        at(outputs_.volumes),
        format_volume_table(segmentation.volumes, segmentation.intracranial_mm3));
    bids::write_atomically(at(sidecar_of(outputs_.volumes)), volume_table_sidecar());
  }

  void figures(const Image& image, const LabelMap& labels) const {
    VoxelView view;
    view.intensities = image.voxels;
    view.labels = std::span<const std::int32_t>(labels.voxels);
    view.shape = image.grid.shape;
    view.world_from_voxel = image.grid.world_from_voxel;
    write_mosaics(run_.output_dir / outputs_.figures, outputs_.stem, source_.suffix, view,
                  label_colours(*run_.model));
  }

  void record(const ImageRecord& record) const {
    bids::write_atomically(at(outputs_.measures), to_json(record).dump(2) + "\n");
    boost::system::error_code code;
    fs::remove(run_.output_dir / outputs_.failure, code);
  }

 private:
  std::string at(const std::string& output) const {
    const fs::path path = run_.output_dir / output;
    boost::system::error_code code;
    fs::create_directories(path.parent_path(), code);
    if (code) {
      throw Error(ExitCode::kCannotCreateOutput,
                  path.parent_path().string() + ": cannot be created: " + code.message());
    }
    return path.string();
  }

  void sidecar(const std::string& output, json own) const {
    json values = bids::spatial_sidecar(source_);
    // An entity in a name asks for the metadata behind it (BIDS schema, rules/sidecars/entities).
    for (const auto& [entity, key] : {std::pair{bids::Entity::kEcho, "EchoTime"},
                                      std::pair{bids::Entity::kInversion, "InversionTime"},
                                      std::pair{bids::Entity::kFlip, "FlipAngle"},
                                      std::pair{bids::Entity::kMtransfer, "MTState"}}) {
      if (source_.entities.has(entity) && metadata_.contains(key)) values[key] = metadata_.at(key);
    }
    values.update(own);
    bids::write_atomically(at(sidecar_of(output)), bids::format_sidecar(values));
  }

  const bids::DataFile& source_;
  const json& metadata_;
  const SegmentationRun& run_;
  ImageOutputs outputs_;
};

/// World directions that the voxel axes run to, "RAS" (nibabel.aff2axcodes).
std::string orientation_code(const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  std::string code = "???";
  for (std::size_t world = 0; world < 3; ++world) {
    code[orientation.axes[world]] = (orientation.flipped[world] ? "LPI" : "RAS")[world];
  }
  return code;
}

/// Measures image and segmentation, and judges them.
void measure(const Image& image, const Segmentation& segmentation, const Model& model,
             ImageRecord& record) {
  std::vector<LabelledStructure> structures;
  for (const auto& label : model.labels) structures.push_back({label.index, label.name});
  const QualityInput input{image, segmentation.labels, structures};
  const auto measures = measure_quality(input);
  for (const auto& value : measures) record.measures.emplace_back(value.name, value.value);
  const auto verdict = judge_quality(measures);
  record.verdict = to_string(verdict.rating);
  record.verdict_reasons = verdict.reasons;
}

ImageRecord describe(const bids::DataFile& source, const json& metadata, const Image& image,
                     const Segmentation& segmentation, const SegmentationRun& run) {
  ImageRecord record;
  record.path = source.path;
  record.suffix = source.suffix;
  record.entities = bids::to_json(source.entities);
  record.metadata = metadata;
  record.shape = image.grid.shape;
  record.spacing_mm = spacing_mm(image.grid);
  record.orientation = orientation_code(image.grid);
  record.intracranial_mm3 = segmentation.intracranial_mm3;
  record.device = run.network->device();
  record.recipe = run.recipe;
  record.has_posteriors = run.save_posteriors;
  record.has_resampled = run.save_resampled;
  for (const auto& step : segmentation.timings)
    record.timings_s.emplace_back(step.step, step.seconds);
  return record;
}

class Laps {
 public:
  double next() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

ImageRecord segment_image(const bids::DataFile& source, const json& metadata,
                          const SegmentationRun& run) {
  const fs::path path = run.dataset_root / source.path;
  const Writer writer(source, metadata, run);
  writer.remove_abandoned();
  Laps laps;
  const Image image = read_image(path.string());
  check_usable(image, path.string());
  SourceIdentity identity = stamp_of(path);
  identity.digest = pipeline::digest_of_file(path).hex();
  const double read_s = laps.next();

  SegmenterOptions options;
  options.fast = run.recipe.fast;
  options.threads = run.threads;
  const Segmentation segmentation = Segmenter(*run.model, *run.network, options).segment(image);
  ImageRecord record = describe(source, metadata, image, segmentation, run);
  record.source = identity;
  record.timings_s.insert(record.timings_s.begin(), {"read", read_s});

  laps.next();
  measure(image, segmentation, *run.model, record);
  record.timings_s.emplace_back("measure", laps.next());
  writer.labels(segmentation.labels);
  writer.brain_mask(segmentation.labels);
  if (run.save_posteriors) writer.posteriors(segmentation.posteriors, image.grid);
  if (run.save_resampled) writer.resampled(segmentation.conformed);
  writer.volumes(segmentation);
  writer.figures(image, segmentation.labels);
  record.timings_s.emplace_back("write", laps.next());
  writer.record(record);
  return record;
}

}  // namespace hypersynth
