#pragma once

namespace hypersynth {

/// From now on the C library keeps freed memory of this process for the next tensors, whatever
/// their size, rather than give it back to the kernel, which would have to clear it again: a fifth
/// of the CPU time of a training step. For programs whose steps all need the same memory.
void keep_freed_memory();

}  // namespace hypersynth
