#pragma once

#include <functional>

namespace hypersynth {

/// Runs `work` in a child of this process and gives its exit code. Where the child is killed, as by
/// a crash in a library or by the kernel for want of memory, it says so and runs `work` once more
/// with `isolated` = true: then every step is to be a process of its own, so that the one that does
/// this fails alone, with its image's name. Signals are passed on; a child does not outlive its
/// parent. To be called before there are threads.
int supervise(const std::function<int(bool isolated)>& work);

}  // namespace hypersynth
