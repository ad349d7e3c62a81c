#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "engine/bilevel/gradient_statistics.h"
#include "engine/bilevel/hypergradient.h"
#include "engine/training/theta_progress.h"

namespace hypersynth {

/// Everything that changes during a run. Random draws need no state of their own: the generators
/// are seeded anew at every step from the run's seed and the step's number.
struct TrainingState {
  std::int64_t step = 0;  // steps done: also the position in the data
  double elapsed_s = 0;
  double cpu_s = 0;  // of all threads
  double best_score = 0;
  std::int64_t validations_since_best = 0;
  at::Tensor phi, buffers;
  at::Tensor average_phi, average_buffers;  // undefined without averaging
  // Of the best validation; undefined before the first.
  at::Tensor best_phi, best_buffers, best_theta;
  std::int64_t best_step = 0;
  at::Tensor theta;
  OptimiserState phi_state, theta_state;
  OuterAverage outer;
  GradientStatistics hypergradients;
  ThetaProgress progress;
};

/// What a run must have in common with the one that it goes on from, as JSON.
struct RunChoices {
  std::string fingerprint;  // TrainingOptions::fingerprint(); models state it, too
  std::string others;       // TrainingOptions::other_choices() and what the data are; empty: any
};

/// Writes the state atomically as safetensors, every bit of it, with the choices.
void write_checkpoint(const std::string& path, const TrainingState& state,
                      const RunChoices& choices);

/// Reads a state; nothing where there is no file. Throws InputError for a damaged file and Error
/// kUsage where its choices are others (names those that differ). Checkpoints of versions that did
/// not record `others` are taken as they are.
std::optional<TrainingState> read_checkpoint(const std::string& path, const RunChoices& choices,
                                             at::Device device);

}  // namespace hypersynth
