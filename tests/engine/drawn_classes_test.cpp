// The losses of references that leave structures in their background.

#include "engine/bilevel/drawn_classes.h"

#include <cmath>

#include <ATen/ops/cat.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine/bilevel/losses.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

using torch::autograd::grad;

constexpr std::int64_t kClasses = 6;
const std::vector<std::int64_t> k2D{7, 5}, k3D{5, 4, 6};

LossOptions loss_of(const std::string& text, std::vector<std::int64_t> undrawn = {2, 5}) {
  LossOptions options;
  options.terms = parse_loss(text);
  options.undrawn_classes = std::move(undrawn);
  return options;
}

struct Example {
  at::Tensor logits, labels;
};

/// Two images; the reference has all classes, also the undrawn ones.
Example example(const std::vector<std::int64_t>& sides, std::uint64_t seed = 1) {
  auto generator = seeded(seed);
  std::vector<std::int64_t> shape{2};
  shape.insert(shape.end(), sides.begin(), sides.end());
  const auto labels = at::randint(0, kClasses, shape, generator, at::TensorOptions(at::kLong));
  shape.insert(shape.begin() + 1, kClasses);
  return {at::randn(shape, generator, at::TensorOptions(at::kDouble)) * 2, labels};
}

/// With the classes 2 and 5 merged into background by hand: logarithms of probabilities are logits.
Example merged(const Example& all) {
  const auto p = at::softmax(all.logits, 1);
  const auto channel = [&](std::int64_t k) { return p.narrow(1, k, 1); };
  auto labels = all.labels.clone();
  const std::int64_t drawn_of[] = {0, 1, 0, 2, 3, 0};
  for (std::int64_t k = 0; k < kClasses; ++k) labels.masked_fill_(all.labels == k, drawn_of[k]);
  return {
      at::cat({channel(0) + channel(2) + channel(5), channel(1), channel(3), channel(4)}, 1).log(),
      labels};
}

TEST(UndrawnClassesTest, TheLossIsThatOfProbabilitiesMergedByHand) {
  for (const auto& sides : {k2D, k3D}) {
    for (const char* kind : {"dice", "cross-entropy", "0.7*dice+0.2*cross-entropy"}) {
      SCOPED_TRACE(kind);
      auto all = example(sides);
      const auto check = [&](const LossOptions& options) {
        auto plain = options;
        plain.undrawn_classes.clear();
        const auto by_hand = merged(all);
        EXPECT_NEAR(value(segmentation_loss(options, all.logits, all.labels)),
                    value(segmentation_loss(plain, by_hand.logits, by_hand.labels)), 1e-12);
      };
      auto options = loss_of(kind);
      check(options);
      all.labels.select(1, 2).fill_(kIgnoredLabel);
      options.ignored_labels = true;
      check(options);
      options.skip_absent_classes = options.dice_over_batch = true;
      check(options);
    }
  }
}

TEST(UndrawnClassesTest, AVoxelOfAnUndrawnClassCountsAsBackground) {
  const auto [logits, labels] = example(k3D);
  const auto background = labels.masked_fill((labels == 2).logical_or(labels == 5), 0);
  ASSERT_FALSE(background.equal(labels));
  for (const char* kind : {"dice", "cross-entropy", "logit-mse"}) {
    const auto options = loss_of(kind);
    EXPECT_EQ(value(segmentation_loss(options, logits, labels)),
              value(segmentation_loss(options, logits, background)))
        << kind;
  }
}

TEST(UndrawnClassesTest, ClassIndicesAndTheirProbabilitiesGiveTheSameLossAndGradient) {
  const auto [logits, labels] = example(k3D);
  const auto soft = at::one_hot(labels, kClasses).movedim(-1, 1).to(at::kDouble);
  for (const char* kind : {"dice", "cross-entropy", "logit-mse"}) {
    const auto options = loss_of(kind);
    EXPECT_NEAR(value(segmentation_loss(options, logits, labels)),
                value(segmentation_loss(options, logits, soft)), 1e-12)
        << kind;
    EXPECT_LT(relative_error(segmentation_loss_gradient(options, logits.clone(), labels).by_logits,
                             segmentation_loss_gradient(options, logits.clone(), soft).by_logits),
              1e-12)
        << kind;
  }
  // A deformed synthetic reference has a derivative.
  const auto leaf = soft.clone().requires_grad_();
  const auto by_soft = grad({segmentation_loss(loss_of("dice"), logits, leaf)}, {leaf})[0];
  EXPECT_GT(value(by_soft.abs().max()), 0);
  EXPECT_TRUE(by_soft.select(1, 0).equal(by_soft.select(1, 2)));
}

/// Slope of the loss along `direction`.
double slope(const LossOptions& options, const Example& at, const at::Tensor& direction) {
  const double step = 1e-5;
  return (value(segmentation_loss(options, at.logits + direction * step, at.labels)) -
          value(segmentation_loss(options, at.logits - direction * step, at.labels))) /
         (2 * step);
}

TEST(UndrawnClassesTest, TheGradientIsThatOfAutogradAndOfFiniteDifferences) {
  auto generator = seeded(9);
  for (const auto& sides : {k2D, k3D}) {
    for (const char* kind :
         {"dice", "cross-entropy", "0.7*dice+0.2*cross-entropy", "dice+0.1*logit-mse"}) {
      SCOPED_TRACE(kind);
      auto all = example(sides, 2);
      all.labels.select(1, 1).fill_(kIgnoredLabel);
      auto options = loss_of(kind);
      options.ignored_labels = true;
      const auto leaf = all.logits.clone().requires_grad_();
      const auto loss = segmentation_loss(options, leaf, all.labels);
      const auto found = segmentation_loss_gradient(options, all.logits.clone(), all.labels);
      EXPECT_NEAR(value(found.loss), value(loss), 1e-12);
      ASSERT_EQ(found.by_logits.sizes(), all.logits.sizes());
      EXPECT_LT(relative_error(found.by_logits, grad({loss}, {leaf})[0]), 1e-12);
      for (int i = 0; i < 3; ++i) {
        const auto direction = at::randn(all.logits.sizes(), generator, all.logits.options());
        EXPECT_NEAR(value(at::dot(found.by_logits.flatten(), direction.flatten())),
                    slope(options, all, direction), 1e-8);
      }
    }
  }
}

// The exact hypergradient differentiates the gradient once more.
TEST(UndrawnClassesTest, TheSecondDerivativeIsThatOfFiniteDifferences) {
  auto generator = seeded(10);
  const auto all = example(k3D, 3);
  const auto options = loss_of("dice+0.2*cross-entropy");
  const auto gradient_at = [&](const at::Tensor& logits) {
    return segmentation_loss_gradient(options, logits.clone(), all.labels).by_logits;
  };
  const auto w = at::randn(all.logits.sizes(), generator, all.logits.options());
  const auto leaf = all.logits.clone().requires_grad_();
  const auto first =
      grad({segmentation_loss(options, leaf, all.labels)}, {leaf}, {}, true, true)[0];
  const auto product = grad({first}, {leaf}, {w})[0];
  const double step = 1e-5;
  const auto expected =
      (gradient_at(all.logits + w * step) - gradient_at(all.logits - w * step)) / (2 * step);
  EXPECT_LT(relative_error(product, expected), 1e-8);
}

TEST(UndrawnClassesTest, ProbabilityMovesBetweenBackgroundAndAnUndrawnClassForFree) {
  const auto all = example(k3D, 4);
  const auto background = all.logits.select(1, 0), undrawn = all.logits.select(1, 2);
  // Up in one and down in the other where their sum allows it.
  const auto sum = background.exp() + undrawn.exp();
  auto moved = all.logits.clone();
  moved.select(1, 2).copy_((undrawn.exp() + 0.5 * background.exp()).log());
  moved.select(1, 0).copy_((sum - moved.select(1, 2).exp()).log());
  ASSERT_GT(value((moved - all.logits).select(1, 0).abs().min()), 0.5);  // log 2
  for (const char* kind : {"dice", "cross-entropy", "logit-mse"}) {
    SCOPED_TRACE(kind);
    const auto options = loss_of(kind);
    EXPECT_NEAR(value(segmentation_loss(options, moved, all.labels)),
                value(segmentation_loss(options, all.logits, all.labels)), 1e-13);
    const auto g = segmentation_loss_gradient(options, all.logits.clone(), all.labels).by_logits;
    // Along that line dz_0 = -e^(z_u - z_0) dz_u.
    const auto along = g.select(1, 2) - g.select(1, 0) * (undrawn - background).exp();
    EXPECT_LT(value(along.abs().max()), 1e-15 + 1e-13 * value(g.abs().max()));
    EXPECT_GT(value(g.select(1, 2).abs().max()), 0);
  }
}

TEST(UndrawnClassesTest, LogitsOf16BitsAreMergedInFloat32) {
  const auto all = example(k3D, 5);
  const auto options = loss_of("dice+0.2*cross-entropy");
  for (const auto type : {at::kHalf, at::kBFloat16}) {
    const auto logits = all.logits.to(type);
    const auto wide = logits.to(at::kFloat);
    EXPECT_EQ(value(segmentation_loss(options, logits, all.labels)),
              value(segmentation_loss(options, wide, all.labels)));
    const auto narrow = segmentation_loss_gradient(options, logits.clone(), all.labels);
    const auto expected = segmentation_loss_gradient(options, wide.clone(), all.labels);
    EXPECT_EQ(narrow.by_logits.scalar_type(), at::kFloat);
    EXPECT_EQ(value(narrow.loss), value(expected.loss));
    EXPECT_TRUE(narrow.by_logits.equal(expected.by_logits));
  }
}

TEST(UndrawnClassesTest, LargeLogitsStayFinite) {
  auto all = example(k2D, 6);
  all.logits.mul_(1e4);
  const auto options = loss_of("dice+0.2*cross-entropy");
  const auto found = segmentation_loss_gradient(options, all.logits.to(at::kFloat), all.labels);
  EXPECT_TRUE(std::isfinite(value(found.loss)));
  EXPECT_TRUE(found.by_logits.isfinite().all().item<bool>());
}

TEST(UndrawnClassesTest, WhereEverythingIsUndrawnNothingIsLost) {
  const auto all = example(k2D);
  const auto options = loss_of("dice+0.2*cross-entropy", {1, 2, 3, 4, 5});
  const auto found = segmentation_loss_gradient(options, all.logits.clone(), all.labels);
  EXPECT_NEAR(value(found.loss), 0, 1e-13);
  EXPECT_LT(value(found.by_logits.abs().max()), 1e-13);
}

TEST(UndrawnClassesTest, WithoutAnyTheLossIsThatOfAllClassesAndUsesUpItsLogits) {
  const auto all = example(k3D, 7);
  const auto options = loss_of("dice+0.2*cross-entropy", {});
  const DrawnClasses drawn(options, all.logits, all.labels);
  EXPECT_LT(value((drawn.logits - all.logits).abs().max()), 1e-14);
  EXPECT_TRUE(drawn.reference.equal(all.labels));
  const auto logits = all.logits.clone();
  const auto found = segmentation_loss_gradient(options, logits, all.labels);
  EXPECT_EQ(found.by_logits.data_ptr(), logits.data_ptr());
  const auto leaf = all.logits.clone().requires_grad_();
  const auto loss = segmentation_loss(options, leaf, all.labels);
  EXPECT_LT(relative_error(found.by_logits, grad({loss}, {leaf})[0]), 1e-12);
}

}  // namespace
}  // namespace hypersynth
