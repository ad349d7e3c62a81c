// float32 on a CPU (oneDNN) against libtorch's own convolution and derivatives in float64.

#include "engine/networks/convolution.h"

#include <algorithm>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

using torch::autograd::grad;
using TensorList = std::vector<at::Tensor>;

struct Example {
  Example(std::vector<std::int64_t> image_size, std::int64_t out, std::int64_t side,
          std::int64_t step, std::uint64_t seed)
      : dilation(step) {
    auto generator = seeded(seed);
    const at::TensorOptions options(at::kDouble);
    std::vector<std::int64_t> kernel_size(image_size.size(), side);
    kernel_size[0] = out;
    kernel_size[1] = image_size[1];
    image = at::randn(image_size, generator, options);
    kernel = at::randn(kernel_size, generator, options);
    bias = at::randn({out}, generator, options);
    image_size[1] = out;
    by_output = at::randn(image_size, generator, options);
  }

  TensorList leaves(at::ScalarType type) const {
    TensorList result{image, kernel, bias};
    for (auto& tensor : result) tensor = tensor.to(type, false, true).requires_grad_();
    return result;
  }

  at::Tensor reference(const TensorList& in) const {
    const std::vector<std::int64_t> ones(static_cast<std::size_t>(image.dim() - 2), 1);
    const std::vector<std::int64_t> dilations(ones.size(), dilation);
    const std::vector<std::int64_t> padding(ones.size(), dilation * (kernel.size(2) / 2));
    const std::vector<std::int64_t> none(ones.size(), 0);
    return at::convolution(in[0], in[1], in[2], ones, padding, dilations, false, none, 1);
  }

  at::Tensor ours(const TensorList& in) const { return convolution(in[0], in[1], in[2], dilation); }

  at::Tensor image, kernel, bias, by_output;
  std::int64_t dilation = 1;
};

/// `terms` is the size of what was summed: rounding is relative to it, not to a sum that cancels.
void expect_close(const at::Tensor& found, const at::Tensor& expected, const char* what,
                  double tolerance = 1e-5, double terms = 0) {
  ASSERT_EQ(found.sizes(), expected.sizes()) << what;
  const double scale = value(expected.abs().max()) + terms + 1e-3;
  EXPECT_LT(value((found.to(at::kDouble) - expected).abs().max()) / scale, tolerance) << what;
}

/// y, the first derivatives of <y, by_output>, and the derivatives of the sum of their squares,
/// which passes through every second derivative.
template <typename Convolution>
TensorList value_and_derivatives(const TensorList& in, const at::Tensor& by_output, bool second,
                                 Convolution convolve) {
  const auto y = convolve(in);
  // A square: the derivative by the output then depends on the output.
  const auto loss = ((y + 1).square() * by_output).sum() / 2;
  auto first = grad({loss}, in, {}, second, second);
  TensorList result{y};
  result.insert(result.end(), first.begin(), first.end());
  if (!second) return result;
  at::Tensor squares;
  for (const auto& tensor : first) {
    const auto part = tensor.square().sum();
    squares = squares.defined() ? squares + part : part;
  }
  const auto by_input = grad({squares}, in);
  result.insert(result.end(), by_input.begin(), by_input.end());
  return result;
}

void expect_agreement(const Example& example, bool second, double tolerance = 1e-5) {
  const auto found =
      value_and_derivatives(example.leaves(at::kFloat), example.by_output.to(at::kFloat), second,
                            [&](const TensorList& in) { return example.ours(in); });
  const auto expected =
      value_and_derivatives(example.leaves(at::kDouble), example.by_output, second,
                            [&](const TensorList& in) { return example.reference(in); });
  const char* names[] = {"value",         "by image",       "by kernel",   "by bias",
                         "second, image", "second, kernel", "second, bias"};
  ASSERT_EQ(found.size(), expected.size());
  double terms = 0;
  for (const auto& tensor : expected) terms = std::max(terms, 0.2 * value(tensor.abs().max()));
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_close(found[i], expected[i], names[i], tolerance, terms);
}

RC_GTEST_PROP(ConvolutionTest, EveryDerivativeUpToTheSecondIsThatOfLibtorchInFloat64, ()) {
  const auto axes = *rc::gen::inRange(2, 4);
  std::vector<std::int64_t> size{*rc::gen::inRange(1, 3), *rc::gen::inRange(1, 20)};
  for (int axis = 0; axis < axes; ++axis) size.push_back(*rc::gen::inRange(1, 9));
  const auto out = *rc::gen::inRange(1, 20);
  const auto side = *rc::gen::element(1, 3);
  const auto dilation = *rc::gen::inRange(1, 3);
  expect_agreement(Example(size, out, side, dilation, *rc::gen::arbitrary<std::uint32_t>()), true);
  RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(ConvolutionTest, ALargeImageHasTheSameDerivatives) {
  expect_agreement(Example({1, 16, 512, 512}, 3, 3, 1, 5), false, 1e-4);
}

TEST(ConvolutionTest, AKernelThatIsNotLearnedStillPassesTheDerivativeByTheImage) {
  const Example example({1, 4, 6, 7, 8}, 5, 3, 1, 9);
  const auto passes = [&](at::ScalarType type) {
    auto in = example.leaves(type);
    in[1] = in[1].detach();
    in[2] = in[2].detach();
    const auto y = type == at::kFloat ? example.ours(in) : example.reference(in);
    return grad({(y * example.by_output.to(type)).sum()}, {in[0]})[0];
  };
  expect_close(passes(at::kFloat), passes(at::kDouble), "by image");
}

TEST(ConvolutionTest, NothingIsRecordedWhereNothingIsLearned) {
  const Example example({1, 1, 8, 8}, 2, 3, 1, 9);
  const auto image = example.image.to(at::kFloat);
  EXPECT_FALSE(convolution(image, example.kernel.to(at::kFloat), example.bias.to(at::kFloat), 1)
                   .requires_grad());
}

}  // namespace
}  // namespace hypersynth
