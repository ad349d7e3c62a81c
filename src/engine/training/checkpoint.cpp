#include "engine/training/checkpoint.h"

#include <filesystem>
#include <vector>

#include <ATen/ops/empty.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model/json_reading.h"
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
          {"best_theta", &state.best_theta},
          {"theta", &state.theta},
          {"phi_state.first", &state.phi_state.first},
          {"phi_state.second", &state.phi_state.second},
          {"theta_state.first", &state.theta_state.first},
          {"theta_state.second", &state.theta_state.second},
          {"outer.sum", &state.outer.sum},
          {"hypergradients.mean_sum", &state.hypergradients.mean_sum},
          {"hypergradients.square_sum", &state.hypergradients.square_sum},
          {"progress.loss_sums", &state.progress.loss_sums},
          {"progress.theta_sum", &state.progress.theta_sum},
          {"progress.best_theta", &state.progress.best_theta}};
}

/// What runs of earlier versions did, whose checkpoints lack these choices.
nlohmann::json with_later_choices(const nlohmann::json& earlier) {
  const auto by_prior_then = earlier.find("theta_rate_by_prior");
  const bool by_prior = by_prior_then != earlier.end() && *by_prior_then == true;
  nlohmann::json result{{"theta_rate_unit", by_prior ? "prior" : "one"},
                        {"frozen_norm", false},
                        {"unchanged_share", 0},
                        {"outer_decay", 0},
                        {"theta_every", 1},
                        {"theta_patience", 0},
                        {"baseline_batches", 0}};
  result.update(earlier);
  return result;
}

/// The choices that differ, by their values: another version may write 0.9 with other digits.
std::string differing(const nlohmann::json& earlier, const nlohmann::json& now) {
  std::string text;
  for (const auto& [key, value] : now.items()) {
    const auto other = earlier.find(key);
    if (other != earlier.end() && *other == value) continue;
    text += (text.empty() ? "" : ", ") + key + " was " +
            (other == earlier.end() ? "absent" : other->dump()) + " and is " + value.dump();
  }
  return text;
}

/// The counters of a run, from the JSON of a checkpoint; throws JsonError.
void read_counters(const std::string& text, TrainingState& state) {
  const auto numbers = parse_json(text);
  state.step = integer_at(numbers, "step", 0);
  state.elapsed_s = number_at(numbers, "elapsed_s");
  state.best_score = number_at(numbers, "best_score");
  state.validations_since_best = integer_at(numbers, "validations_since_best", 0);
  state.phi_state.step = integer_at(numbers, "phi_steps", 0);
  state.theta_state.step = integer_at(numbers, "theta_steps", 0);
  // Version 0.1.0 had none of these.
  if (numbers.contains("best_step")) state.best_step = integer_at(numbers, "best_step", 0);
  if (numbers.contains("cpu_s")) state.cpu_s = number_at(numbers, "cpu_s");
  if (numbers.contains("outer_steps")) state.outer.steps = integer_at(numbers, "outer_steps", 0);
  if (numbers.contains("hypergradients"))
    state.hypergradients.draws = integer_at(numbers, "hypergradients", 0);
  if (!numbers.contains("progress")) return;
  const auto& progress = numbers.at("progress");
  state.progress.draws = integer_at(progress, "draws", 0);
  state.progress.best_loss = number_at(progress, "best_loss");
  state.progress.best_variance = number_at(progress, "best_variance");
  state.progress.windows_above = integer_at(progress, "windows_above", 0);
  state.progress.resting = integer_at(progress, "resting", 0) != 0;
}

}  // namespace

void write_checkpoint(const std::string& path, const TrainingState& state,
                      const RunChoices& choices) {
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
  const auto& progress = state.progress;
  const nlohmann::ordered_json counters{{"step", state.step},
                                        {"elapsed_s", state.elapsed_s},
                                        {"cpu_s", state.cpu_s},
                                        {"best_score", state.best_score},
                                        {"validations_since_best", state.validations_since_best},
                                        {"best_step", state.best_step},
                                        {"phi_steps", state.phi_state.step},
                                        {"theta_steps", state.theta_state.step},
                                        {"outer_steps", state.outer.steps},
                                        {"hypergradients", state.hypergradients.draws},
                                        {"progress",
                                         {{"draws", progress.draws},
                                          {"best_loss", progress.best_loss},
                                          {"best_variance", progress.best_variance},
                                          {"windows_above", progress.windows_above},
                                          {"resting", progress.resting ? 1 : 0}}}};
  std::map<std::string, std::string> metadata{{"format", "hypersynth-checkpoint"},
                                              {"state", counters.dump()},
                                              {"options", choices.fingerprint}};
  if (!choices.others.empty()) metadata["other_choices"] = choices.others;
  write_safetensors(path, tensors, metadata);
}

std::optional<TrainingState> read_checkpoint(const std::string& path, const RunChoices& choices,
                                             at::Device device) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = Safetensors::read(path);
  const auto& metadata = file.metadata();
  if (metadata.count("format") == 0 || metadata.at("format") != "hypersynth-checkpoint" ||
      metadata.count("state") == 0 || metadata.count("options") == 0)
    throw InputError(path, "a checkpoint of a training run", "another safetensors file");
  TrainingState state;
  const char* field = "options";
  try {
    const auto earlier = parse_json(metadata.at(field));
    if (!earlier.is_object()) throw JsonError("an object", "another value");
    auto differences = differing(with_later_choices(earlier), parse_json(choices.fingerprint));
    if (differences.empty() && !choices.others.empty() && metadata.count("other_choices") == 1) {
      field = "other_choices";
      differences = differing(parse_json(metadata.at(field)), parse_json(choices.others));
    }
    if (!differences.empty())
      throw Error(ExitCode::kUsage, path + ": made with other options: " + differences);
    field = "state";
    read_counters(metadata.at(field), state);
  } catch (const JsonError& error) {
    throw InputError(
        path, std::string("a checkpoint whose \"") + field + "\" is JSON: " + error.expected(),
        error.found());
  }
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
