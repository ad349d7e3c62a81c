#pragma once

#include <exception>
#include <optional>
#include <string>

#include "core/error.h"
#include "pipeline/cache/result.h"

namespace hypersynth::pipeline {

/// Why an attempt gave no result. It decides whether the node is tried again (see retry.h), and
/// whether the whole run goes on.
enum class Cause {
  kException,  ///< the step threw an exception: it says what is wrong
  kExit,       ///< the step's process ended without a result and without saying why
  kSignal,     ///< the step's process was ended by a signal, as by a crash in it
  kMemory,     ///< the step used more memory than its node may, or the machine had no more
  kDiskFull,   ///< nothing can be written any more: no other node would succeed, so the run ends
  kLost,     ///< a cluster lost the job, as when its machine failed: that says nothing of the step
  kRefused,  ///< the node asks for more than this machine or cluster can ever give it
  kInput,    ///< an input is missing or cannot be read, so that the step was not even started
  kCancelled,  ///< someone ended it: the user this run, or somebody else its cluster job
  kTimeLimit,  ///< the cluster ended the job because it ran for longer than it may
};

std::string to_string(Cause cause);

/// What is known of an attempt that gave no result. It reaches the driver as it is, from whichever
/// thread, process or cluster job the attempt ran in.
struct Failure {
  Cause cause = Cause::kException;
  std::string message;  ///< for people

  /// What is wrong with which file, where the step threw an InputError: programs read this instead
  /// of the message.
  std::optional<InputFindings> input;

  int signal = 0;
  int exit_code = 0;
  Usage usage;
  std::string command;  ///< of the process it ran in, if any
  std::string host;     ///< empty: this one
  std::string stderr_tail;
};

/// A failure of this cause and message, without any details.
Failure make_failure(Cause cause, std::string message);

/// A node that cannot be started because reading one of its inputs, or working out its inputs,
/// threw `error`; `context` comes before its words.
Failure input_failure(const std::exception& error, const std::string& context = {});

/// What becomes of a node that is not to run any more.
Failure cancelled_failure();

}  // namespace hypersynth::pipeline
