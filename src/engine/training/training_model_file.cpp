#include "engine/model/manifest_v1.h"
#include "engine/model/model_file.h"
#include "engine/networks/stored_tensors.h"
#include "engine/training/training_setup.h"

namespace hypersynth {
namespace {

std::vector<ModelLabel> labels_of(const LabelTable& table) {
  std::vector<ModelLabel> labels;
  for (const auto index : table.segmentation_labels()) {
    const auto name = table.name_of(index);
    labels.push_back({index, name, is_scattered_structure(name)});
  }
  return labels;
}

}  // namespace

void read_weights(const std::string& path, const Network& network, at::Tensor& phi,
                  at::Tensor& buffers) {
  const auto file = Safetensors::read(path);
  phi = read_flat(file, network.parameters());
  buffers = read_flat(file, network.buffers());
}

void write_model(const std::string& path, const TrainingOptions& options, const Network& network,
                 const LabelTable& table, double spacing_mm, const at::Tensor& phi,
                 const at::Tensor& buffers, std::int64_t steps) {
  ModelManifest manifest;
  manifest.labels = labels_of(table);
  manifest.architecture = make_architecture(options, static_cast<int>(manifest.labels.size()));
  manifest.input.spacing_mm = spacing_mm;
  manifest.training = {word_of(options.method), steps,
                       options.method == TrainingMethod::kLearn2Synth, options.fingerprint()};
  const auto parameters = phi.detach().cpu().contiguous();
  const auto running = buffers.detach().cpu().contiguous();
  std::map<std::string, TensorView> views;
  add_views(views, network.parameters(), parameters);
  add_views(views, network.buffers(), running);
  write_model_file(path, manifest, views);
}

}  // namespace hypersynth
