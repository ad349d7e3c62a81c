#include "pipeline/run/observer.h"

namespace hypersynth::pipeline {

std::string to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kRunStarted:
      return "run started";
    case Event::Kind::kNodeCached:
      return "cached";
    case Event::Kind::kNodeStarted:
      return "started";
    case Event::Kind::kNodeDone:
      return "done";
    case Event::Kind::kNodeRetried:
      return "retried";
    case Event::Kind::kNodeFailed:
      return "failed";
    case Event::Kind::kNodeSkipped:
      return "skipped";
    case Event::Kind::kNodeCancelled:
      return "cancelled";
    case Event::Kind::kNodeCollected:
      return "collected";
    case Event::Kind::kWarning:
      return "warning";
    case Event::Kind::kRunFinished:
      return "run finished";
  }
  return "";
}

}  // namespace hypersynth::pipeline
