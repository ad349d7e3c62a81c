#include "engine/bilevel/optimiser_options.h"

#include "options/option.h"

namespace hypersynth {

std::vector<std::string> OptimiserOptions::check() const {
  auto described = *this;
  OptionList list;
  describe(described, list, "", "", "");
  auto violations = list.violations(OptionSpelling::kField);
  for (auto& sentence : contradictions()) violations.push_back(std::move(sentence));
  return violations;
}

std::vector<std::string> OptimiserOptions::contradictions() const {
  std::vector<std::string> violations;
  const auto require = [&](bool holds, const char* sentence) {
    if (!holds) violations.emplace_back(sentence);
  };
  require(!nesterov || momentum > 0, "nesterov needs momentum");
  require(beta1 >= 0 && beta1 < 1, "beta1 must lie in [0, 1)");
  require(beta2 >= 0 && beta2 < 1, "beta2 must lie in [0, 1)");
  require(epsilon > 0, "epsilon must be positive");
  return violations;
}

void describe(OptimiserOptions& options, OptionList& list, const std::string& prefix,
              const std::string& of, const std::string& checkpoint_key) {
  const auto name = [&](const char* option) { return "--" + prefix + option; };
  const auto key = [&](const char* field) { return checkpoint_key + "." + field; };
  list.add(name("optimiser"), options.kind, "optimiser " + of).in_checkpoint(key("kind"));
  list.add(name("learning-rate"), options.learning_rate, "learning rate " + of)
      .range(Range::positive())
      .in_checkpoint(key("learning_rate"));
  list.add(name("momentum"), options.momentum, "momentum of sgd " + of)
      .range(Range::below(0, 1))
      .in_checkpoint(key("momentum"));
  list.add(name("nesterov"), options.nesterov, "Nesterov momentum " + of)
      .in_checkpoint(key("nesterov"));
  list.add(name("weight-decay"), options.weight_decay, "weight decay " + of)
      .range(Range::not_negative())
      .in_checkpoint(key("weight_decay"));
  list.add(name("gradient-clip"), options.gradient_clip, "largest gradient norm " + of + "; 0: any")
      .range(Range::not_negative())
      .in_checkpoint(key("gradient_clip"));
}

}  // namespace hypersynth
