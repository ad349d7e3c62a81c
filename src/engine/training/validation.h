#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/networks/network.h"
#include "engine/synthesis/generative_model.h"
#include "engine/training/training_data.h"

namespace hypersynth {

/// x with its last `axes` sides padded at the end to multiples of `multiple`.
at::Tensor padded(const at::Tensor& x, std::int64_t axes, std::int64_t multiple, double fill);

/// Mean Dice overlap over the classes but background that the reference [N,...] has, of the largest
/// logits [N,K,...]; voxels with kIgnoredLabel count nowhere. NaN where there is no such class.
double mean_dice(const at::Tensor& logits, const at::Tensor& reference);

/// Mean over the real images set aside: the box around their structures, or in 2-D every
/// fourth slice of it. What is wrongly found farther away does not count: patches seldom show it.
double validation_score(const Network& network, const at::Tensor& phi, const at::Tensor& buffers,
                        const std::vector<DeviceImage>& images);

/// Mean over `count` synthetic images of the label maps set aside, the same ones at every call.
double validation_score(const Network& network, const at::Tensor& phi, const at::Tensor& buffers,
                        const std::vector<DeviceLabelMap>& maps, const GenerativeModel& model,
                        int count, std::uint64_t seed, at::Generator& generator);

}  // namespace hypersynth
