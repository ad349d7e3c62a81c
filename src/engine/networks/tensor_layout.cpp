#include "engine/networks/tensor_layout.h"

#include <stdexcept>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

namespace hypersynth {

TensorLayout::TensorLayout(const std::vector<TensorSpec>& specs) {
  for (const auto& spec : specs) add(spec);
}

std::size_t TensorLayout::add(TensorSpec spec) {
  offsets_.push_back(size_);
  size_ += spec.size();
  specs_.push_back(std::move(spec));
  return specs_.size() - 1;
}

std::size_t TensorLayout::index_of(const std::string& name) const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (specs_[i].name == name) return i;
  }
  throw std::out_of_range("no tensor named " + name);
}

std::vector<at::Tensor> TensorLayout::views(const at::Tensor& flat) const {
  std::vector<at::Tensor> result;
  result.reserve(specs_.size());
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    result.push_back(flat.narrow(0, offsets_[i], specs_[i].size()).view(specs_[i].shape));
  }
  return result;
}

std::vector<at::Tensor> TensorLayout::leaves(const at::Tensor& flat) const {
  auto result = views(flat);
  for (auto& view : result) view = view.detach().requires_grad_();
  return result;
}

at::Tensor TensorLayout::flatten(const std::vector<at::Tensor>& tensors,
                                 const at::Tensor& like) const {
  if (specs_.empty()) return at::zeros({0}, like.options());
  std::vector<at::Tensor> rows;
  rows.reserve(tensors.size());
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    rows.push_back(tensors[i].defined() ? tensors[i].detach().reshape({-1})
                                        : at::zeros({specs_[i].size()}, like.options()));
  }
  return at::cat(rows);
}

at::Tensor with_channels_last(const at::Tensor& images) {
  return images.clone(images.dim() == 5 ? at::MemoryFormat::ChannelsLast3d
                                        : at::MemoryFormat::ChannelsLast);
}

}  // namespace hypersynth
