#pragma once

#include <memory>
#include <string>
#include <variant>

#include "pipeline/cache/result.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// One attempt at one node: all an executor needs.
struct Task {
  NodeId id = 0;
  std::string node;
  std::string folder;  ///< name of the result's folder
  std::shared_ptr<const AnyInterface> interface;
  Values inputs;
  CacheKey key;
  Resources needs;
  Placement placement = Placement::kThread;
  bool served = true;  ///< by the program's `--run-node`
  Slots slots;
  int attempt = 1;
  fs::path attempt_dir;
};

/// Why an attempt gave no result; decides whether it is tried again.
enum class Cause {
  kException,  ///< the node reported an error
  kExit,       ///< its process ended without a result
  kSignal,     ///< its process died of a signal
  kMemory,     ///< it used more memory than its slot
  kDiskFull,
  kLost,     ///< a cluster job vanished
  kRefused,  ///< it needs more than there is
  kInput,    ///< an input is missing or unreadable
  kCancelled,
  kTimeLimit,  ///< its cluster job ran longer than it may
};

std::string to_string(Cause cause);

struct Failure {
  Cause cause = Cause::kException;
  std::string message;
  int signal = 0;
  int exit_code = 0;
  Usage usage;
  std::string command;  ///< of the process it ran in, if any
  std::string host;     ///< empty: this one
  std::string stderr_tail;
};

using TaskOutcome = std::variant<Result, Failure>;

}  // namespace hypersynth::pipeline
