#pragma once

#include "options/choice.h"

namespace hypersynth {

/// The numbers in which a network's convolutions run when it segments. Their sums, softmax and all
/// other steps are float32 or more.
enum class InferencePrecision {
  kAuto,      ///< float16 on a GPU, bfloat16 on a CPU that is faster in it (AMX, or AMD with
              ///< AVX512_BF16), float32 on others
  kFull,      ///< float32
  kBfloat16,  ///< an error where the device, or the network's path on it, has none
};

template <>
struct Choices<InferencePrecision> {
  static constexpr Choice<InferencePrecision> kAll[] = {{InferencePrecision::kAuto, "auto"},
                                                        {InferencePrecision::kFull, "full"},
                                                        {InferencePrecision::kBfloat16, "bf16"}};
};

}  // namespace hypersynth
