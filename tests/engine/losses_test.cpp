#include "engine/bilevel/losses.h"

#include <cmath>
#include <stdexcept>

#include <ATen/ops/cat.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

LossOptions loss_of(const std::string& text) {
  LossOptions options;
  options.terms = parse_loss(text);
  return options;
}

struct Example {
  at::Tensor logits, labels;
};

Example example(std::uint64_t seed = 1) {
  auto generator = seeded(seed);
  return {at::randn({2, 3, 5, 4, 6}, generator, at::TensorOptions(at::kDouble)),
          at::randint(0, 3, {2, 5, 4, 6}, generator, at::TensorOptions(at::kLong))};
}

at::Tensor probabilities(const at::Tensor& labels, std::int64_t classes) {
  return at::one_hot(labels, classes).movedim(-1, 1).to(at::kDouble);
}

TEST(LossTest, LogitMseOfZeroLogitsIsExactly25) {
  const auto zero = at::zeros({2, 4, 8, 8}, at::TensorOptions(at::kFloat));
  const auto labels = at::zeros({2, 8, 8}, at::TensorOptions(at::kLong));
  EXPECT_EQ(value(segmentation_loss(loss_of("logit-mse"), zero, labels)), 25);
}

TEST(LossTest, ClassIndicesAndTheirProbabilitiesGiveTheSameLoss) {
  const auto [logits, labels] = example();
  for (const char* kind : {"logit-mse", "dice", "cross-entropy", "dice+0.2*cross-entropy"}) {
    const auto options = loss_of(kind);
    EXPECT_NEAR(value(segmentation_loss(options, logits, labels)),
                value(segmentation_loss(options, logits, probabilities(labels, 3))), 1e-12)
        << kind;
  }
}

TEST(LossTest, ASumIsTheWeightedSumOfItsTerms) {
  const auto [logits, labels] = example();
  const auto at = [&](const char* kind) {
    return value(segmentation_loss(loss_of(kind), logits, labels));
  };
  EXPECT_NEAR(at("dice+0.2*cross-entropy"), at("dice") + 0.2 * at("cross-entropy"), 1e-12);
}

TEST(LossTest, DiceOfAPerfectAnswerIsNearlyZeroAndOfAWrongOneNearlyOne) {
  const auto [unused, labels] = example();
  auto options = loss_of("dice");
  options.dice_smoothing = 1e-9;
  const auto right = probabilities(labels, 3) * 60;
  const auto wrong = probabilities((labels + 1).remainder(3), 3) * 60;
  EXPECT_NEAR(value(segmentation_loss(options, right, labels)), 0, 1e-6);
  EXPECT_NEAR(value(segmentation_loss(options, wrong, labels)), 1, 1e-6);
}

TEST(LossTest, WhatTheNetworkSaysAtIgnoredVoxelsChangesNothing) {
  auto [logits, labels] = example();
  labels.select(1, 2).fill_(kIgnoredLabel);
  auto other = logits.clone();
  other.select(2, 2).add_(7);
  for (const char* kind : {"logit-mse", "dice", "cross-entropy"}) {
    auto options = loss_of(kind);
    options.ignored_labels = true;
    EXPECT_EQ(value(segmentation_loss(options, logits, labels)),
              value(segmentation_loss(options, other, labels)))
        << kind;
  }
}

TEST(LossTest, IgnoringNothingEqualsNotAsking) {
  const auto [logits, labels] = example();
  for (const char* kind : {"logit-mse", "dice", "cross-entropy"}) {
    auto options = loss_of(kind);
    const double plain = value(segmentation_loss(options, logits, labels));
    options.ignored_labels = true;
    EXPECT_NEAR(value(segmentation_loss(options, logits, labels)), plain, 1e-13) << kind;
  }
}

TEST(LossTest, AnAbsentClassCountsForDiceUnlessItIsSkipped) {
  auto [logits, labels] = example();
  labels.fill_(0).select(1, 0).fill_(1);  // no voxel of class 2
  auto options = loss_of("dice");
  options.dice_smoothing = 1e-9;
  const double counted = value(segmentation_loss(options, logits, labels));
  options.skip_absent_classes = true;
  const double skipped = value(segmentation_loss(options, logits, labels));
  EXPECT_NEAR(1 - counted, (1 - skipped) * 2 / 3, 1e-6);
}

TEST(LossTest, DiceOverABatchIsThatOfItsImagesSideBySide) {
  auto generator = seeded(8);
  const auto logits = at::randn({2, 3, 6, 5}, generator, at::TensorOptions(at::kDouble));
  const auto labels = at::randint(0, 3, {2, 6, 5}, generator, at::TensorOptions(at::kLong));
  const auto beside = [](const at::Tensor& batch) {
    return at::cat({batch.slice(0, 0, 1), batch.slice(0, 1, 2)}, batch.dim() - 1);
  };
  auto options = loss_of("dice");
  const double apart = value(segmentation_loss(options, logits, labels));
  const double whole = value(segmentation_loss(options, beside(logits), beside(labels)));
  options.dice_over_batch = true;
  EXPECT_NEAR(value(segmentation_loss(options, logits, labels)), whole, 1e-13);
  EXPECT_GT(std::abs(apart - whole), 1e-4);
}

TEST(LossTest, Float32SumsOfALargeImageStayExact) {
  auto generator = seeded(3);
  const auto logits = at::randn({1, 4, 64, 64, 64}, generator, at::TensorOptions(at::kFloat));
  const auto labels = at::randint(0, 4, {1, 64, 64, 64}, generator, at::TensorOptions(at::kLong));
  const auto options = loss_of("dice+cross-entropy+logit-mse");
  EXPECT_NEAR(value(segmentation_loss(options, logits, labels)),
              value(segmentation_loss(options, logits.to(at::kDouble), labels)), 2e-5);
}

void expect_gradient_of_autograd(const LossOptions& options, const Example& example,
                                 const char* what) {
  const auto leaf = example.logits.detach().requires_grad_();
  const auto expected = segmentation_loss(options, leaf, example.labels);
  const auto found = segmentation_loss_gradient(options, example.logits.clone(), example.labels);
  EXPECT_NEAR(value(found.loss), value(expected), 1e-12) << what;
  const auto by_logits = torch::autograd::grad({expected}, {leaf})[0];
  ASSERT_EQ(found.by_logits.sizes(), by_logits.sizes()) << what;
  EXPECT_LT(value((found.by_logits - by_logits).abs().max()), 1e-13) << what;
}

TEST(LossTest, TheGradientInClosedFormIsThatOfAutograd) {
  for (const char* kind : {"dice", "cross-entropy", "0.7*dice+0.2*cross-entropy", "logit-mse",
                           "dice+cross-entropy+0.1*logit-mse"}) {
    expect_gradient_of_autograd(loss_of(kind), example(), kind);
  }
}

TEST(LossTest, TheGradientInClosedFormLeavesOutIgnoredVoxelsAndAbsentClasses) {
  auto test_case = example(4);
  test_case.labels.clamp_(0, 1).select(1, 2).fill_(kIgnoredLabel);
  auto options = loss_of("dice+0.2*cross-entropy");
  options.ignored_labels = true;
  expect_gradient_of_autograd(options, test_case, "ignored voxels");
  options.skip_absent_classes = true;
  expect_gradient_of_autograd(options, test_case, "and absent classes");
  options.dice_over_batch = true;
  expect_gradient_of_autograd(options, test_case, "over the batch");
}

TEST(LossTest, TheGradientOfALargeImageIsTakenClassByClass) {
  auto generator = seeded(6);
  const Example large{at::randn({1, 5, 64, 64, 64}, generator, at::TensorOptions(at::kDouble)),
                      at::randint(0, 5, {1, 64, 64, 64}, generator, at::TensorOptions(at::kLong))};
  expect_gradient_of_autograd(loss_of("dice+0.2*cross-entropy"), large, "large");
}

TEST(LossTest, TheGradientTakesLogitsWithTheChannelsLast) {
  auto test_case = example(5);
  test_case.logits = test_case.logits.contiguous(at::MemoryFormat::ChannelsLast3d);
  expect_gradient_of_autograd(loss_of("dice+cross-entropy"), test_case, "channels last");
}

TEST(LossTest, AnUnknownNameIsNamed) {
  try {
    parse_loss("dice+hinge");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("'hinge'"), std::string::npos);
  }
  EXPECT_THROW(parse_loss("x*dice"), std::invalid_argument);
}

TEST(LossTest, EveryViolationIsReported) {
  LossOptions options;
  options.terms = {{LossKind::kDice, -1}};
  options.logit_target = 0;
  options.dice_smoothing = 0;
  EXPECT_EQ(options.check().size(), 3u);
}

}  // namespace
}  // namespace hypersynth
