#pragma once

#include <string>
#include <vector>

#include "options/choice.h"

namespace hypersynth {

class OptionList;

enum class OptimiserKind { kSgd, kAdam, kAdamW };

template <>
struct Choices<OptimiserKind> {
  static constexpr Choice<OptimiserKind> kAll[] = {{OptimiserKind::kSgd, "sgd"},
                                                   {OptimiserKind::kAdam, "adam"},
                                                   {OptimiserKind::kAdamW, "adamw"}};
};

/// Update rule of a flat parameter vector.
struct OptimiserOptions {
  OptimiserKind kind = OptimiserKind::kAdam;
  double learning_rate = 1e-3;
  /// SGD.
  double momentum = 0;
  bool nesterov = false;
  /// Adam, AdamW: what every library takes.
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// Added to the gradient (SGD, Adam) or taken off the parameters directly (AdamW).
  double weight_decay = 0;
  /// Largest Euclidean norm of the gradient; 0: no limit.
  double gradient_clip = 0;

  /// Every violation, one sentence each.
  std::vector<std::string> check() const;
  /// Those that `describe` does not find: values that contradict each other, or have no option.
  std::vector<std::string> contradictions() const;
};

/// The options `--PREFIXlearning-rate` and so on of an optimiser; `of` says of what ("of the
/// network"), and `checkpoint_key` is the object that they are in a checkpoint.
void describe(OptimiserOptions& options, OptionList& list, const std::string& prefix,
              const std::string& of, const std::string& checkpoint_key);

}  // namespace hypersynth
