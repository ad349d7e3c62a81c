#include "engine/training/checkpoint.h"

#include <vector>

#include <ATen/ops/empty.h>

#include "core/error.h"
#include "core/json.h"
#include "engine/model/safetensors.h"

namespace hypersynth {
namespace {

struct Field {
  const char* name;
  at::Tensor* tensor;
};

std::vector<Field> fields(TrainingState& state) {
  return {{"phi", &state.phi},
          {"buffers", &state.buffers},
          {"average_phi", &state.average_phi},
          {"average_buffers", &state.average_buffers},
          {"best_phi", &state.best_phi},
          {"best_buffers", &state.best_buffers},
          {"theta", &state.theta},
          {"phi_state.first", &state.phi_state.first},
          {"phi_state.second", &state.phi_state.second},
          {"theta_state.first", &state.theta_state.first},
          {"theta_state.second", &state.theta_state.second}};
}

std::string differing(const std::string& found, const std::string& expected) {
  const auto earlier = Json::parse(found);
  std::string text;
  const auto now = Json::parse(expected);
  for (const auto& [key, value] : now.members()) {
    const auto* other = earlier.find(key);
    if (other != nullptr && other->dump() == value.dump()) continue;
    text += (text.empty() ? "" : ", ") + key + " was " +
            (other == nullptr ? "absent" : other->dump()) + " and is " + value.dump();
  }
  return text;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                      const std::string& fingerprint) {
  auto copy = state;  // tensors are shared
  std::vector<at::Tensor> kept;
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, tensor] : fields(copy)) {
    if (!tensor->defined()) continue;
    kept.push_back(tensor->detach().cpu().contiguous());
    const auto& values = kept.back();
    tensors[name] = {ElementType::kF32,
                     {values.size(0)},
                     static_cast<const std::byte*>(values.data_ptr()),
                     static_cast<std::size_t>(values.numel()) * sizeof(float)};
  }
  const auto numbers = Json::object({{"step", state.step},
                                     {"elapsed_s", state.elapsed_s},
                                     {"best_score", state.best_score},
                                     {"validations_since_best", state.validations_since_best},
                                     {"phi_steps", state.phi_state.step},
                                     {"theta_steps", state.theta_state.step}});
  write_safetensors(
      path, tensors,
      {{"format", "hypersynth-checkpoint"}, {"state", numbers.dump()}, {"options", fingerprint}});
}

std::optional<TrainingState> read_checkpoint(const std::filesystem::path& path,
                                             const std::string& fingerprint, at::Device device) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = Safetensors::read(path);
  const auto& metadata = file.metadata();
  if (metadata.count("format") == 0 || metadata.at("format") != "hypersynth-checkpoint" ||
      metadata.count("state") == 0 || metadata.count("options") == 0)
    throw InputError(path.string(), "a checkpoint of a training run", "another safetensors file");
  if (metadata.at("options") != fingerprint)
    throw Error(ExitCode::kUsage, path.string() + ": made with other options: " +
                                      differing(metadata.at("options"), fingerprint));
  TrainingState state;
  const auto numbers = Json::parse(metadata.at("state"));
  state.step = numbers.at("step").integer();
  state.elapsed_s = numbers.at("elapsed_s").number();
  state.best_score = numbers.at("best_score").number();
  state.validations_since_best = numbers.at("validations_since_best").integer();
  state.phi_state.step = numbers.at("phi_steps").integer();
  state.theta_state.step = numbers.at("theta_steps").integer();
  for (const auto& [name, tensor] : fields(state)) {
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end()) continue;
    const auto values = file.floats(name, found->second.shape);
    auto loaded =
        at::empty({static_cast<std::int64_t>(values.size())}, at::TensorOptions(at::kFloat));
    std::copy(values.begin(), values.end(), loaded.data_ptr<float>());
    *tensor = loaded.to(device);
  }
  return state;
}

}  // namespace hypersynth
