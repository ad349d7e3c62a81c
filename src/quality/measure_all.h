#pragma once

#include <vector>

#include "quality/quality.h"

namespace hypersynth {

/// What measure_quality() does, in the library that is linked to ITK.
std::vector<MeasureValue> measure_all(const QualityInput& input, const QualityOptions& options,
                                      std::vector<std::uint8_t>* air = nullptr,
                                      std::vector<float>* bias = nullptr);

}  // namespace hypersynth
