#pragma once

#include <memory>
#include <string>
#include <variant>

#include "pipeline/cache/result.h"
#include "pipeline/execution/task_failure.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// One attempt at one node, with all that an executor has to know to run it.
struct Task {
  NodeId id = 0;
  std::string node;
  std::string folder;  ///< name of the result's folder
  std::shared_ptr<const AnyInterface> interface;
  Values inputs;
  CacheKey key;
  Resources needs;
  Placement placement = Placement::kThread;
  bool served = true;    ///< the program runs it with `--run-node`, see NodeOptions
  Slots slots;           ///< what it may use of the machine
  int attempt = 1;       ///< 2 when it is tried again
  fs::path attempt_dir;  ///< where it makes its files, before they are committed together
};

/// How an attempt ended.
using TaskOutcome = std::variant<Result, Failure>;

}  // namespace hypersynth::pipeline
