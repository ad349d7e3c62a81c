#include "nodes/write_derivatives.h"

#include "bids/derivative.h"
#include "core/atomic_file.h"
#include "image/nifti.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/volume_table.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// The derivatives of one image, one after the other.
class Writer {
 public:
  Writer(const WriteDerivatives::Inputs& in, std::vector<fs::path>& files)
      : in_(in),
        source_(data_file_at(in.source)),
        metadata_(json::parse(in.metadata)),
        outputs_(outputs_of(source_)),
        files_(files) {}

  void labels_and_mask() {
    const LabelMap labels = read_labels(in_.labels.string());
    write_labels(add(outputs_.labels).string(), labels);
    const auto structures = std::to_string(in_.volumes.size());
    sidecar(outputs_.labels, {{"Description", "Labels of " + structures +
                                                  " structures on the grid of the source image"},
                              {"Atlas", "hypersynth structures, FreeSurfer numbering"}});
    Mask mask(labels.grid);
    for (std::size_t v = 0; v < labels.voxels.size(); ++v) mask.voxels[v] = labels.voxels[v] != 0;
    write_mask(add(outputs_.brain_mask).string(), mask);
    sidecar(outputs_.brain_mask,
            {{"Description", "Brain and CSF: every labelled voxel"}, {"Type", "Brain"}});
  }

  void posteriors() {
    if (in_.posteriors.empty()) return;
    copy(in_.posteriors, outputs_.posteriors);
    sidecar(outputs_.posteriors, {{"Description", "Posterior of every structure, one frame each"},
                                  {"LabelMap", in_.facts.structures}});
  }

  void resampled() {
    if (in_.resampled.empty()) return;
    copy(in_.resampled, outputs_.resampled);
    sidecar(outputs_.resampled, {{"Description", "Source image on the grid of the network"},
                                 {"SkullStripped", false},
                                 {"Resolution", "1 mm isotropic, RAS"}});
  }

  void volumes() {
    write_atomically(add(outputs_.volumes),
                     format_volume_table(in_.volumes, in_.facts.intracranial_mm3));
    write_atomically(add(sidecar_of(outputs_.volumes)), volume_table_sidecar());
  }

 private:
  const fs::path& add(const std::string& output) {
    files_.push_back(in_.output_dir / output);
    return files_.back();
  }

  /// The work folder, where `from` lies, and the output folder may be on different disks.
  void copy(const fs::path& from, const std::string& output) {
    AtomicFile file(add(output).string());
    file.append_file(from.string());
    file.commit();
  }

  void sidecar(const std::string& output, const json& own) {
    json values = bids::spatial_sidecar(source_);
    // An entity in a name asks for the metadata behind it (BIDS schema, rules/sidecars/entities).
    for (const auto& [entity, key] : {std::pair{bids::Entity::kEcho, "EchoTime"},
                                      std::pair{bids::Entity::kInversion, "InversionTime"},
                                      std::pair{bids::Entity::kFlip, "FlipAngle"},
                                      std::pair{bids::Entity::kMtransfer, "MTState"}}) {
      if (source_.entities.has(entity) && metadata_.contains(key)) values[key] = metadata_.at(key);
    }
    values.update(own);
    write_atomically(add(sidecar_of(output)), bids::format_sidecar(values));
  }

  const WriteDerivatives::Inputs& in_;
  bids::DataFile source_;
  json metadata_;
  ImageOutputs outputs_;
  std::vector<fs::path>& files_;
};

}  // namespace

WriteDerivatives::Outputs WriteDerivatives::run(const Inputs& in, pipeline::NodeContext&) const {
  Laps laps;
  Outputs out;
  Writer writer(in, out.files);
  writer.labels_and_mask();
  writer.posteriors();
  writer.resampled();
  writer.volumes();
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
