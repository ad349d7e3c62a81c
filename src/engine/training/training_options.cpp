#include "engine/training/training_options.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "engine/model/architecture.h"

namespace hypersynth {
namespace {

struct MethodName {
  TrainingMethod method;
  const char* name;
};
constexpr MethodName kMethods[] = {
    {TrainingMethod::kSynthSeg, "synthseg"},     {TrainingMethod::kLearn2Synth, "learn2synth"},
    {TrainingMethod::kSupervised, "supervised"}, {TrainingMethod::kMixed, "mixed"},
    {TrainingMethod::kFineTune, "finetune"},
};

bool one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

nlohmann::ordered_json to_json(const OptimiserChoice& choice) {
  return {{"kind", choice.kind},
          {"learning_rate", choice.learning_rate},
          {"momentum", choice.momentum},
          {"nesterov", choice.nesterov},
          {"weight_decay", choice.weight_decay},
          {"gradient_clip", choice.gradient_clip}};
}

}  // namespace

TrainingMethod parse_training_method(const std::string& text) {
  for (const auto& [method, name] : kMethods) {
    if (text == name) return method;
  }
  throw std::invalid_argument("unknown method '" + text +
                              "': choose from synthseg, learn2synth, supervised, mixed, finetune");
}

std::string to_string(TrainingMethod method) {
  for (const auto& [candidate, name] : kMethods) {
    if (candidate == method) return name;
  }
  return "";
}

std::vector<std::string> TrainingOptions::check() const {
  auto violations = synthesis.check();
  const auto require = [&](bool holds, const std::string& sentence) {
    if (!holds) violations.push_back(sentence);
  };
  require(!data.empty(), "--data is missing: a file of hypersynth-pack");
  require(!output.empty(), "--output is missing: a folder");
  require(method != TrainingMethod::kFineTune || !initial_model.empty(),
          "finetune needs --initial-model");
  require(method != TrainingMethod::kLearn2Synth || augmentation != "none",
          "learn2synth needs --augmentation");
  const auto networks = architecture_names();
  require(std::find(networks.begin(), networks.end(), network) != networks.end(),
          "network must be one of " + known_architectures());
  require(one_of(norm, {"none", "instance", "batch"}), "norm must be none, instance or batch");
  require(network != "pool-unet" || norm != "instance", "pool-unet has no instance norm");
  require(levels >= 1 && levels <= 8, "levels must lie in 1 to 8");
  require(features >= 1, "features must be at least 1");
  require(precision != "fp16" || device != "cpu", "fp16 needs --device cuda; on a CPU take bf16");
  require(one_of(schedule, {"constant", "cosine"}), "schedule must be constant or cosine");
  for (const auto* choice : {&optimiser, &theta_optimiser})
    require(one_of(choice->kind, {"sgd", "adam", "adamw"}), "optimiser must be sgd, adam or adamw");
  require(final_rate >= 0 && final_rate <= 1, "final_rate must lie in [0, 1]");
  require(alpha > 0, "alpha must be positive");
  require(prior_weight >= 0, "prior_weight must not be negative");
  require(theta_delay >= 0 && warmup_steps >= 0, "delays must not be negative");
  for (const int count : {inner_steps, synthetic_batches, real_batches, batch_size})
    require(count >= 1, "inner_steps, batches and batch_size must be at least 1");
  require(average_decay >= 0 && average_decay < 1, "average_decay must lie in [0, 1)");
  require(steps >= 1, "steps must be at least 1");
  require(checkpoint_every >= 1, "checkpoint_every must be at least 1");
  require(validation_every >= 0 && patience >= 0 && time_limit_s >= 0,
          "validation_every, patience and time_limit_s must not be negative");
  require(patience == 0 || validation_every > 0, "patience needs validation_every");
  return violations;
}

std::string TrainingOptions::fingerprint() const {
  const nlohmann::ordered_json choices{{"method", to_string(method)},
                                       {"network", network},
                                       {"levels", levels},
                                       {"features", features},
                                       {"norm", norm},
                                       {"patch", synthesis.patch},
                                       {"augmentation", augmentation},
                                       {"loss", loss},
                                       {"optimiser", to_json(optimiser)},
                                       {"theta_optimiser", to_json(theta_optimiser)},
                                       {"theta_rate_by_prior", theta_rate_by_prior},
                                       {"hypergradient", hypergradient},
                                       {"inner_steps", inner_steps},
                                       {"synthetic_batches", synthetic_batches},
                                       {"real_batches", real_batches},
                                       {"batch_size", batch_size},
                                       {"average_decay", average_decay},
                                       {"seed", std::to_string(seed)}};
  return choices.dump();
}

double TrainingOptions::rate_share(std::int64_t step) const {
  double share = 1;
  if (schedule == "cosine") {
    const double done = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
    share = final_rate + (1 - final_rate) * 0.5 * (1 + std::cos(done * 3.14159265358979323846));
  }
  if (step < warmup_steps)
    share *= static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  return share;
}

}  // namespace hypersynth
