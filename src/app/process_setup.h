#pragma once

#include "app/common_options.h"

namespace hypersynth {

/// What a process needs before it does anything: descriptors 0 to 2 are open, so that no file of a
/// result gets their numbers; a closed pipe or a file that grows too large is an error of that
/// write (EPIPE, EFBIG) and ends nothing else.
void set_up_process();

/// Throws Error(kTryAgain) where this process may not open the files or start the threads that a
/// run with `options` needs: numerical libraries end a process that gets no thread.
void check_process_limits(const CommonOptions& options);

}  // namespace hypersynth
