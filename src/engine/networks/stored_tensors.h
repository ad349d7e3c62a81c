#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include "engine/model/safetensors.h"
#include "engine/networks/tensor_layout.h"

namespace hypersynth {

/// The tensors of `layout` from a file, end to end in one flat float32 vector on the CPU; throws
/// InputError where one is missing or of another shape.
at::Tensor read_flat(const Safetensors& file, const TensorLayout& layout);

/// Adds the tensors of `layout` by name to what is to be written. `flat` must be float32,
/// contiguous and on the CPU, and outlive the views.
void add_views(std::map<std::string, TensorView>& views, const TensorLayout& layout,
               const at::Tensor& flat);

}  // namespace hypersynth
