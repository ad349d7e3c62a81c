#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/synthesis/synthesis_options.h"

namespace hypersynth {

/// One Gaussian of grey values per image and intensity class, [N,C] each.
struct ClassIntensities {
  at::Tensor mean;
  at::Tensor deviation;
};

/// Means U(0, class_mean) and deviations U(0, class_deviation); the background (class 0) is zero or
/// dark in some images.
ClassIntensities random_intensities(const SynthesisOptions& options, std::int64_t images,
                                    std::int64_t classes, at::Generator& generator,
                                    const at::TensorOptions& tensor_options);

/// Grey values [N,1,...] of intensity classes [N,...] (int64): mean + deviation xi in each voxel.
at::Tensor paint(const at::Tensor& intensity_classes, const ClassIntensities& intensities,
                 at::Generator& generator);

}  // namespace hypersynth
