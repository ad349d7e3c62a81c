#include "engine/model/model_file.h"

#include <filesystem>
#include <set>

#include "core/error.h"

namespace hypersynth {

namespace {

void check_tensor(const Safetensors& weights, const TensorSpec& spec) {
  const auto found = weights.tensors().find(spec.name);
  if (found == weights.tensors().end())
    throw InputError(weights.name(), "a tensor \"" + spec.name + "\"", "none");
  const TensorView& view = found->second;
  if (view.shape != spec.shape) {
    throw InputError(weights.name(),
                     "tensor \"" + spec.name + "\" of shape " + shape_text(spec.shape),
                     shape_text(view.shape));
  }
  if (!is_floating(view.type)) {
    throw InputError(weights.name(), "a floating-point tensor \"" + spec.name + "\"",
                     std::string(to_string(view.type)));
  }
}

void check_tensors(const Safetensors& weights, const Architecture& architecture, bool exactly) {
  const NetworkTensors wanted = tensors_of(architecture);
  std::set<std::string> names;
  for (const auto* list : {&wanted.parameters, &wanted.buffers}) {
    for (const auto& spec : *list) {
      check_tensor(weights, spec);
      names.insert(spec.name);
    }
  }
  if (!exactly) return;
  for (const auto& [name, view] : weights.tensors()) {
    if (names.count(name) == 0) {
      throw InputError(weights.name(),
                       std::string("only the tensors of a network \"") + name_of(architecture) +
                           "\" of its parameters",
                       "also \"" + name + "\"");
    }
  }
}

}  // namespace

Model read_model(const std::string& path) { return parse_model(Safetensors::read(path)); }

Model parse_model(Safetensors weights) {
  Model model;
  model.manifest = parse_manifest(weights.metadata(), weights.name());
  check_tensors(weights, model.manifest.architecture, weights.metadata().at("version") != "1");
  model.name = std::filesystem::path(weights.name()).stem().string();
  model.weights = std::move(weights);
  return model;
}

void write_model_file(const std::string& path, const ModelManifest& manifest,
                      const std::map<std::string, TensorView>& tensors) {
  write_safetensors(path, tensors, format_manifest(manifest));
}

}  // namespace hypersynth
