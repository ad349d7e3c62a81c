#include "pipeline/execution/task_failure.h"

#include "core/regular_file.h"

namespace hypersynth::pipeline {

std::string to_string(Cause cause) {
  switch (cause) {
    case Cause::kException:
      return "error";
    case Cause::kExit:
      return "exit";
    case Cause::kSignal:
      return "signal";
    case Cause::kMemory:
      return "memory";
    case Cause::kDiskFull:
      return "disk full";
    case Cause::kLost:
      return "lost";
    case Cause::kRefused:
      return "refused";
    case Cause::kInput:
      return "input";
    case Cause::kCancelled:
      return "cancelled";
    case Cause::kTimeLimit:
      return "time limit";
  }
  return "";
}

Failure make_failure(Cause cause, std::string message) {
  Failure failure;
  failure.cause = cause;
  failure.message = std::move(message);
  return failure;
}

Failure input_failure(const std::exception& error, const std::string& context) {
  Failure failure = make_failure(Cause::kInput, context + error.what());
  if (const auto* input = dynamic_cast<const InputError*>(&error))
    failure.input = input->findings();
  if (const auto* other = dynamic_cast<const NotARegularFile*>(&error))
    failure.input = other->findings();
  return failure;
}

Failure cancelled_failure() { return make_failure(Cause::kCancelled, "cancelled"); }

}  // namespace hypersynth::pipeline
