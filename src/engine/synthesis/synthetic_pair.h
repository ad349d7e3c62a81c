#pragma once

#include <ATen/core/Tensor.h>

#include "engine/synthesis/synthesis.h"

namespace hypersynth {

/// An image [X,Y(,Z)] (float32) and its classes (int64) as volumes on the CPU, see SyntheticPair.
SyntheticPair synthetic_pair(const at::Tensor& image, const at::Tensor& classes,
                             const LabelTable& table, const SynthesisOptions& options);

}  // namespace hypersynth
