#include "nodes/write_derivatives.h"

#include <boost/filesystem/operations.hpp>

#include "bids/derivative.h"
#include "core/atomic_file.h"
#include "core/number_text.h"
#include "image/nifti.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/morph_table.h"
#include "nodes/published_file.h"
#include "nodes/refresh_record.h"
#include "quality/quality.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// The derivatives of one image, one after the other. Label map and mask are first written into the
/// step's own folder, so that the bytes of the output are known before others can replace them.
class Writer {
 public:
  Writer(const WriteDerivatives::Inputs& in, fs::path own_folder)
      : in_(in),
        own_folder_(std::move(own_folder)),
        source_(data_file_at(in.source)),
        metadata_(json::parse(in.metadata)),
        outputs_(outputs_of(source_)),
        publisher_(in.output_dir) {}

  void labels_and_mask(const LabelMap& labels) {
    write(outputs_.labels, [&](const std::string& path) { write_labels(path, labels); });
    const auto structures = std::to_string(in_.volumes.size());
    sidecar(outputs_.labels, {{"Description", "Labels of " + structures +
                                                  " structures on the grid of the source image"},
                              {"Manual", false}});
    Mask mask(labels.grid);
    for (std::size_t v = 0; v < labels.voxels.size(); ++v) mask.voxels[v] = labels.voxels[v] != 0;
    write(outputs_.brain_mask, [&](const std::string& path) { write_mask(path, mask); });
    sidecar(outputs_.brain_mask,
            {{"Description", "Brain and CSF: every labelled voxel"}, {"Type", "Brain"}});
  }

  void posteriors() {
    if (in_.posteriors.empty()) return;
    publisher_.copy(outputs_.posteriors, in_.posteriors);
    sidecar(outputs_.posteriors, {{"Description", "Posterior of every structure, one frame each"},
                                  {"LabelMap", in_.facts.structures}});
  }

  void resampled() {
    if (in_.resampled.empty()) return;
    const double spacing_mm = in_.facts.input.spacing_mm;
    const std::string output = resampled_output(source_, spacing_mm);
    publisher_.copy(output, in_.resampled);
    sidecar(output, {{"Description", "Source image on the grid of the network"},
                     {"SkullStripped", false},
                     {"Resolution", significant_digits(spacing_mm, 6) + " mm isotropic, " +
                                        InputRecipe::kOrientation}});
  }

  /// Where the image was measured.
  void quality_masks() {
    if (in_.head.empty()) return;
    const LabelMap head = read_labels(in_.head.string());
    mask(outputs_.head_mask, where(head, 1),
         "The head and what its outline encloses, found without registration");
    const LabelMap air = in_.air.empty() ? LabelMap(head.grid) : read_labels(in_.air.string());
    mask(outputs_.air_mask, where(air, kAir),
         "Air above the centre of the brain without artefacts: what noise is measured in");
    mask(outputs_.artefact_mask, where(air, kArtefact),
         "Air that is too bright for noise: ghosts, wrap-around, spikes (qi_1)");
  }

  void volumes() {
    publisher_.text(outputs_.volumes, format_volume_table(in_.volumes, in_.facts.intracranial_mm3));
    publisher_.text(sidecar_of(outputs_.volumes), volume_table_sidecar());
  }

  void extras(const LabelMap& labels, const pipeline::NodeContext& context) {
    // Those of the table, as for an image that was finished without the extra outputs.
    const auto volumes =
        parse_volume_table(format_volume_table(in_.volumes, in_.facts.intracranial_mm3));
    write_extras(in_.extras, {in_.image.value_or(""), labels, volumes, source_, metadata_},
                 own_folder_, in_.facts.source.digest, context, publisher_);
  }

  const std::vector<PublishedFile>& files() const { return publisher_.files(); }

 private:
  template <class Write>
  void write(const std::string& output, const Write& write) {
    const fs::path own = own_folder_ / fs::path(output).filename();
    write(own.string());
    publisher_.copy(output, own);
    fs::remove(own);
  }

  static Mask where(const LabelMap& map, std::int32_t kind) {
    Mask result(map.grid);
    for (std::size_t v = 0; v < map.voxels.size(); ++v) result.voxels[v] = map.voxels[v] == kind;
    return result;
  }

  void mask(const std::string& output, const Mask& voxels, const char* description) {
    write(output, [&](const std::string& path) { write_mask(path, voxels); });
    sidecar(output, {{"Description", description}, {"Type", "ROI"}});
  }

  void sidecar(const std::string& output, const json& own) {
    json values = bids::spatial_sidecar(source_);
    add_entity_metadata(values, source_, metadata_);
    values.update(own);
    publisher_.text(sidecar_of(output), bids::format_sidecar(values));
  }

  const WriteDerivatives::Inputs& in_;
  fs::path own_folder_;
  bids::DataFile source_;
  json metadata_;
  ImageOutputs outputs_;
  Publisher publisher_;
};

}  // namespace

WriteDerivatives::Outputs WriteDerivatives::run(const Inputs& in,
                                                pipeline::NodeContext& context) const {
  Laps laps;
  Writer writer(in, context.work_dir());
  const LabelMap labels = read_labels(in.labels.string());
  writer.labels_and_mask(labels);
  writer.posteriors();
  writer.resampled();
  writer.quality_masks();
  writer.volumes();
  writer.extras(labels, context);
  Outputs out;
  out.published = writer.files();
  for (const auto& file : out.published) out.files.push_back(in.output_dir / file.path);
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
