#pragma once

#include "engine/model/network_tensors.h"
#include "options/choice.h"

namespace hypersynth {

// The words of the command line for what a network can be told to be, without libtorch.

template <>
struct Choices<Norm> {
  static constexpr Choice<Norm> kAll[] = {
      {Norm::kNone, "none"}, {Norm::kInstance, "instance"}, {Norm::kBatch, "batch"}};
};

/// Arithmetic of the training passes. The two difference passes of a hypergradient always run in
/// the parameters' own type: their difference would drown in the rounding of 16 bits.
enum class Precision { kFull, kBfloat16, kFloat16 };

template <>
struct Choices<Precision> {
  static constexpr Choice<Precision> kAll[] = {
      {Precision::kFull, "full"}, {Precision::kBfloat16, "bf16"}, {Precision::kFloat16, "fp16"}};
};

}  // namespace hypersynth
