#pragma once

#include <optional>
#include <string>

#include "pipeline/cache/result.h"

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

/// Something that happened.
struct Event {
  enum class Kind {
    kRunStarted,
    kNodeCached,
    kNodeStarted,
    kNodeDone,
    kNodeRetried,
    kNodeFailed,
    kNodeSkipped,
    kNodeCancelled,
    kNodeCollected,
    kWarning,
    kRunFinished,
  };
  Kind kind = Kind::kWarning;
  std::string node;              ///< empty for what concerns the whole run
  std::string message;           ///< why it runs, fails, is skipped; the text of a warning
  const Usage* usage = nullptr;  ///< of a node that ended
  Progress progress;
};

std::string to_string(Event::Kind kind);

/// Told of everything, from the thread that called `run`, in order. The library prints nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace hypersynth::pipeline
