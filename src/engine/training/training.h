#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/error.h"
#include "core/log.h"
#include "engine/training/training_options.h"

namespace hypersynth {

/// A training step needs more memory than the device has.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(const std::string& message) : Error(ExitCode::kInternal, message) {}
};

struct TrainingResult {
  std::int64_t steps = 0;  // done, with those of earlier runs
  /// "all steps done", "time limit", "interrupted", "no better score".
  std::string stopped_by;
  double validation_score = 0;          // best, 0 where there was none
  std::map<std::string, double> theta;  // learned scalars by name
};

/// Trains and writes to options.output: `model.safetensors` (averaged weights if there are any; of
/// the best validation if there was one), `checkpoint.safetensors`, `training.jsonl` (one line per
/// step). Goes on from the checkpoint of an earlier run, bit for bit on the CPU. `interrupted` is
/// asked before every step.
///
/// Throws Error kUsage with every violation of the options, InputError for unusable data,
/// OutOfMemory, and Error kInternal that names the step where the loss is not finite; the last good
/// checkpoint stays.
TrainingResult train(const TrainingOptions& options, const Log& log = {},
                     const std::function<bool()>& interrupted = {});

}  // namespace hypersynth
