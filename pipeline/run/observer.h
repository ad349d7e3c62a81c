#pragma once

#include <optional>
#include <string>

#include "pipeline/execution/task_failure.h"

namespace hypersynth::pipeline {

/// How far a run is.
struct Progress {
  std::size_t total = 0;  ///< nodes known so far; mapped nodes add theirs when their list is known
  std::size_t done = 0;   ///< with a result, cached ones too
  std::size_t cached = 0;
  std::size_t failed = 0;  ///< failed, or skipped because of a failure
  std::size_t running = 0;
  double elapsed_s = 0;
  std::optional<double> remaining_s;  ///< from the rate of the nodes that ran
};

/// Something that happened. A run begins and ends with an event of its own. In between a node has
/// either kNodeCached or kNodeStarted, and after the latter one of kNodeDone, kNodeFailed or
/// kNodeCancelled; one that never started may also be skipped, fail or be cancelled.
struct Event {
  enum class Kind {
    kRunStarted,
    kNodeCached,     ///< it has a result of an earlier run
    kNodeStarted,    ///< it runs, or is submitted to a cluster
    kNodeDone,       ///< it ran and has a result
    kNodeRetried,    ///< an attempt failed; another will start
    kNodeFailed,     ///< it will not be tried again
    kNodeSkipped,    ///< a node that it depends on has no result
    kNodeCancelled,  ///< the run was ended before the node was
    kNodeCollected,  ///< its files were removed, as no node needs them any more
    kWarning,        ///< something the user should know
    kRunFinished,
  };
  Kind kind = Kind::kWarning;
  std::string node;              ///< empty for what concerns the whole run
  std::string message;           ///< why it runs, fails, is skipped; the text of a warning
  const Usage* usage = nullptr;  ///< of a node that ended
  /// Why, in detail, of a node that failed or is tried again; null for all other events.
  const Failure* failure = nullptr;
  Progress progress;
};

std::string to_string(Event::Kind kind);

/// Is told of everything that happens in a run, in order, in the thread that called `run`. The
/// library itself prints nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace hypersynth::pipeline
