#include "engine/networks/convolution.h"

#include <array>
#include <tuple>
#include <vector>

#include <ATen/Context.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/networks/precision.h"

namespace hypersynth {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Images with fewer elements are copied to oneDNN's own tensors, which libtorch never sends to the
/// BLAS; the sizes that it does send there are all smaller.
constexpr std::int64_t kSmallImage = std::int64_t{1} << 22;

struct Geometry {
  Geometry(const at::Tensor& x, std::int64_t kernel_side, std::int64_t dilation)
      : ones(static_cast<std::size_t>(x.dim() - 2), 1),
        zeros(ones.size(), 0),
        dilations(ones.size(), dilation),
        padding(ones.size(), dilation * (kernel_side / 2)) {}
  std::vector<std::int64_t> ones, zeros, dilations, padding;
};

/// The kernel whose convolution takes a derivative by the output to that by the input.
at::Tensor turned(const at::Tensor& kernel) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < kernel.dim(); ++axis) axes.push_back(axis);
  return kernel.transpose(0, 1).flip(axes).contiguous();
}

at::Tensor onednn_convolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                              std::int64_t dilation) {
  const Geometry g(x, kernel.size(2), dilation);
  return at::mkldnn_convolution(x.contiguous(), kernel.contiguous(), bias, g.padding, g.ones,
                                g.dilations, 1);
}

// The three products of a convolution, each with its derivatives made of the other two:
//   Forward     y = x * k + b        dx = Backward(dy, k)   dk, db = Correlation(x, dy)
//   Backward    dx = dy * turned(k)  d(dy) = Forward        dk = Correlation
//   Correlation dk, db from x, dy    dx = Backward          d(dy) = Forward

struct Forward : Function<Forward> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& kernel,
                            const at::Tensor& bias, std::int64_t dilation);
  static variable_list backward(AutogradContext* context, variable_list by_output);
};

struct Backward : Function<Backward> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& by_output,
                            const at::Tensor& kernel, std::int64_t dilation);
  static variable_list backward(AutogradContext* context, variable_list by_result);
};

struct Correlation : Function<Correlation> {
  static variable_list forward(AutogradContext* context, const at::Tensor& x,
                               const at::Tensor& by_output, std::int64_t kernel_side,
                               std::int64_t dilation);
  static variable_list backward(AutogradContext* context, variable_list by_result);
};

void save(AutogradContext* context, variable_list tensors, std::int64_t dilation) {
  context->set_materialize_grads(false);
  context->saved_data["dilation"] = dilation;
  context->save_for_backward(std::move(tensors));
}

at::Tensor no_bias(const at::Tensor& kernel) { return kernel.new_zeros({kernel.size(0)}); }

std::int64_t dilation_of(AutogradContext* context) {
  return context->saved_data["dilation"].toInt();
}

at::Tensor Forward::forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& kernel,
                            const at::Tensor& bias, std::int64_t dilation) {
  const bool learned = kernel.requires_grad() || bias.requires_grad();
  save(context, {learned ? x : at::Tensor(), kernel}, dilation);
  return onednn_convolution(x, kernel, bias, dilation);
}

variable_list Forward::backward(AutogradContext* context, variable_list by_output) {
  const auto saved = context->get_saved_variables();
  const auto& dy = by_output[0];
  const auto dilation = dilation_of(context);
  variable_list result(4);
  if (!dy.defined()) return result;
  if (context->needs_input_grad(0)) result[0] = Backward::apply(dy, saved[1], dilation);
  if (saved[0].defined() && (context->needs_input_grad(1) || context->needs_input_grad(2))) {
    const auto products = Correlation::apply(saved[0], dy, saved[1].size(2), dilation);
    result[1] = products[0];
    result[2] = products[1];
  }
  return result;
}

at::Tensor Backward::forward(AutogradContext* context, const at::Tensor& by_output,
                             const at::Tensor& kernel, std::int64_t dilation) {
  save(context, {by_output, kernel}, dilation);
  return onednn_convolution(by_output, turned(kernel), {}, dilation);
}

variable_list Backward::backward(AutogradContext* context, variable_list by_result) {
  const auto saved = context->get_saved_variables();
  const auto& by_x = by_result[0];
  const auto dilation = dilation_of(context);
  variable_list result(3);
  if (!by_x.defined()) return result;
  if (context->needs_input_grad(0))
    result[0] = Forward::apply(by_x, saved[1], no_bias(saved[1]), dilation);
  if (context->needs_input_grad(1))
    result[1] = Correlation::apply(by_x, saved[0], saved[1].size(2), dilation)[0];
  return result;
}

variable_list Correlation::forward(AutogradContext* context, const at::Tensor& x,
                                   const at::Tensor& by_output, std::int64_t kernel_side,
                                   std::int64_t dilation) {
  save(context, {x, by_output}, dilation);
  const auto classes = by_output.size(1);
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), kernel_side);
  shape[0] = classes;
  shape[1] = x.size(1);
  const Geometry g(x, kernel_side, dilation);
  const auto products = [&](const at::Tensor& image, const at::Tensor& derivative) {
    return at::convolution_backward(derivative, image, x.new_empty(shape), {{classes}}, g.ones,
                                    g.padding, g.dilations, false, g.zeros, 1, {false, true, true});
  };
  const bool small = x.numel() < kSmallImage;
  const auto found = small
                         ? products(x.contiguous().to_mkldnn(), by_output.contiguous().to_mkldnn())
                         : products(x, by_output.contiguous());
  return {std::get<1>(found), std::get<2>(found)};
}

variable_list Correlation::backward(AutogradContext* context, variable_list by_result) {
  const auto saved = context->get_saved_variables();
  const auto dilation = dilation_of(context);
  const auto& by_kernel = by_result[0];
  const auto& by_bias = by_result[1];
  variable_list result(4);
  if (by_kernel.defined()) {
    if (context->needs_input_grad(0)) result[0] = Backward::apply(saved[1], by_kernel, dilation);
    if (context->needs_input_grad(1)) {
      const auto bias = by_bias.defined() ? by_bias : no_bias(by_kernel);
      result[1] = Forward::apply(saved[0], by_kernel, bias, dilation);
    }
  } else if (by_bias.defined() && context->needs_input_grad(1)) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(saved[1].dim()), 1);
    shape[1] = -1;
    result[1] = by_bias.reshape(shape).expand(saved[1].sizes());
  }
  return result;
}

}  // namespace

at::Tensor convolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                       std::int64_t dilation) {
  const bool onednn = at::hasMKLDNN() && x.is_cpu() && x.scalar_type() == at::kFloat &&
                      !AutocastScope::enabled_on_cpu();
  if (onednn) return Forward::apply(x, kernel, bias, dilation);
  const Geometry g(x, kernel.size(2), dilation);
  return at::convolution(x, kernel, bias, g.ones, g.padding, g.dilations, false, g.zeros, 1);
}

}  // namespace hypersynth
