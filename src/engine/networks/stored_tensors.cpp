#include "engine/networks/stored_tensors.h"

#include <cstring>
#include <vector>

#include <ATen/ops/empty.h>

namespace hypersynth {

at::Tensor read_flat(const Safetensors& file, const TensorLayout& layout) {
  auto flat = at::empty({layout.size()}, at::TensorOptions(at::kFloat));
  auto* end = flat.data_ptr<float>();
  for (const auto& spec : layout.specs()) {
    const auto values = file.floats(spec.name, spec.shape);
    if (!values.empty()) std::memcpy(end, values.data(), values.size() * sizeof(float));
    end += values.size();
  }
  return flat;
}

void add_views(std::map<std::string, TensorView>& views, const TensorLayout& layout,
               const at::Tensor& flat) {
  const auto tensors = layout.views(flat);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& spec = layout.specs()[i];
    views[spec.name] = {ElementType::kF32, spec.shape,
                        static_cast<const std::byte*>(tensors[i].data_ptr()),
                        static_cast<std::size_t>(spec.size()) * sizeof(float)};
  }
}

}  // namespace hypersynth
