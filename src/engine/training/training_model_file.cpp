#include <cmath>

#include <ATen/ops/equal.h>

#include "core/error.h"
#include "core/joined.h"
#include "core/number_text.h"
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

std::vector<double> elements_of(const at::Tensor& tensor) {
  const auto values = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

}  // namespace

void read_weights(const std::string& path, const Network& network, const LabelTable& table,
                  double spacing_mm, at::Tensor& phi, at::Tensor& buffers) {
  const auto model = read_model(path);
  const auto indices = [](const std::vector<ModelLabel>& labels) {
    return joined(labels, " ", [](const ModelLabel& label) { return std::to_string(label.index); });
  };
  const auto wanted = indices(labels_of(table));
  const auto found = indices(model.manifest.labels);
  if (found != wanted)
    throw InputError(path, "a model of the structures of the label table: " + wanted, found);
  if (std::abs(model.manifest.input.spacing_mm - spacing_mm) > 1e-6 * spacing_mm)
    throw InputError(
        path, "a model of images at " + significant_digits(spacing_mm, 6) + " mm, as the data are",
        significant_digits(model.manifest.input.spacing_mm, 6) + " mm");
  const auto& file = model.weights;
  phi = read_flat(file, network.parameters());
  buffers = read_flat(file, network.buffers());
}

TrainingFacts training_facts(const TrainingOptions& options, std::int64_t steps,
                             std::int64_t labelled_scans, const Augmentation& augmentation,
                             const at::Tensor& start, const at::Tensor& theta) {
  TrainingFacts facts{word_of(options.method), steps, !at::equal(start, theta),
                      options.fingerprint()};
  if (options.method != TrainingMethod::kSynthSeg) facts.labelled_scans = labelled_scans;
  const auto before = augmentation.layout().views(start);
  const auto after = augmentation.layout().views(theta);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool few = before[i].numel() <= SynthesisParameter::kMostElements;
    facts.synthesis.push_back({augmentation.layout().specs()[i].name,
                               few ? elements_of(before[i]) : std::vector<double>(),
                               few ? elements_of(after[i]) : std::vector<double>()});
  }
  return facts;
}

void write_model(const std::string& path, const TrainingOptions& options, const Network& network,
                 const LabelTable& table, double spacing_mm, const at::Tensor& phi,
                 const at::Tensor& buffers, const TrainingFacts& facts) {
  ModelManifest manifest;
  manifest.labels = labels_of(table);
  manifest.architecture = make_architecture(options, static_cast<int>(manifest.labels.size()));
  manifest.input.spacing_mm = spacing_mm;
  manifest.training = facts;
  const auto parameters = phi.detach().cpu().contiguous();
  const auto running = buffers.detach().cpu().contiguous();
  std::map<std::string, TensorView> views;
  add_views(views, network.parameters(), parameters);
  add_views(views, network.buffers(), running);
  write_model_file(path, manifest, views);
}

}  // namespace hypersynth
