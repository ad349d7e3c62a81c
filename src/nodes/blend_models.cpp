#include "nodes/blend_models.h"

#include <map>

#include "core/error.h"
#include "engine/model/model_file.h"

namespace hypersynth {
namespace {

bool have_same_labels(const ModelManifest& a, const ModelManifest& b) {
  if (a.labels.size() != b.labels.size()) return false;
  for (std::size_t i = 0; i < a.labels.size(); ++i) {
    if (a.labels[i].index != b.labels[i].index) return false;
  }
  return true;
}

}  // namespace

BlendModels::Outputs BlendModels::run(const Inputs& in, pipeline::NodeContext& context) const {
  const Model initial = read_model(in.initial.string());
  const Model tuned = read_model(in.tuned.string());
  if (!same_architecture(initial.manifest.architecture, tuned.manifest.architecture) ||
      !have_same_labels(initial.manifest, tuned.manifest))
    throw InputError(in.tuned.string(), "the network and labels of " + in.initial.string(),
                     "others");
  std::map<std::string, std::vector<float>> values;
  std::map<std::string, TensorView> views;
  const auto tensors = tensors_of(tuned.manifest.architecture);
  for (const auto* list : {&tensors.parameters, &tensors.buffers}) {
    for (const auto& spec : *list) {
      auto mean = tuned.weights.floats(spec.name, spec.shape);
      const auto other = initial.weights.floats(spec.name, spec.shape);
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] = static_cast<float>(other[i] + in.share * (mean[i] - other[i]));
      const auto& kept = values[spec.name] = std::move(mean);
      views[spec.name] = {ElementType::kF32, spec.shape,
                          reinterpret_cast<const std::byte*>(kept.data()),
                          kept.size() * sizeof(float)};
    }
  }
  auto manifest = tuned.manifest;
  manifest.training.tuned_share *= in.share;
  Outputs out;
  out.model = context.work_dir() / "model.safetensors";
  write_model_file(out.model.string(), manifest, views);
  return out;
}

}  // namespace hypersynth
