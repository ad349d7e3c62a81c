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
  at::Tensor best_phi, best_buffers;        // of the best validation; undefined before the first
  at::Tensor theta;
  OptimiserState phi_state, theta_state;
  OuterAverage outer;
  GradientStatistics hypergradients;
  ThetaProgress progress;
};

/// Writes the state atomically as safetensors, every bit of it, with `fingerprint` of the options.
void write_checkpoint(const std::string& path, const TrainingState& state,
                      const std::string& fingerprint);

/// Reads a state; nothing where there is no file. Throws InputError for a damaged file and Error
/// kUsage where its fingerprint is not `fingerprint` (names the choices that differ).
std::optional<TrainingState> read_checkpoint(const std::string& path,
                                             const std::string& fingerprint, at::Device device);

}  // namespace hypersynth
