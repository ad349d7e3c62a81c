#pragma once

#include <stop_token>
#include <thread>

#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {

/// While it lives, Ctrl-C (SIGINT) and SIGTERM ask for a stop instead of ending the program; a
/// second one ends it at once, and its child processes with it. A terminal sends Ctrl-C to all its
/// processes, and a parent that supervises this one passes on its own: the same signal that comes
/// from both counts once. There can be one Interrupt at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// For `RunOptions::stop`.
  std::stop_token token() const { return stop_.get_token(); }

 private:
  void listen();

  std::stop_source stop_;
  FileDescriptor read_;
  FileDescriptor write_;
  std::thread listener_;
};

}  // namespace hypersynth::pipeline
