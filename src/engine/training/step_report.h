#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <nlohmann/json_fwd.hpp>

#include "engine/networks/tensor_layout.h"

namespace hypersynth {

/// What a training step has to say, still on the device; undefined where a method has no such
/// thing.
struct StepReport {
  std::int64_t step = 0;
  double learning_rate = 0;
  double elapsed_s = 0;  // since the start of the run
  double cpu_s = 0;      // of all threads since then
  at::Tensor synthetic_loss, real_loss, baseline_loss, hypergradient, signal_to_noise, theta;
};

/// The step as a line of the log, with the elements of theta and of its hypergradient by name (of a
/// long tensor its norm). Waits for the device.
nlohmann::ordered_json log_line(const StepReport& report, const TensorLayout& theta);

/// Losses and hypergradient are finite.
bool is_finite(const StepReport& report);

}  // namespace hypersynth
