#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

namespace hypersynth {

/// Largest distance between the distribution of `values` and `cumulative` (Kolmogorov-Smirnov).
inline double distribution_distance(const at::Tensor& values,
                                    const std::function<double(double)>& cumulative) {
  const auto sorted = std::get<0>(values.to(at::kDouble).reshape({-1}).sort());
  const auto* x = sorted.data_ptr<double>();
  const auto n = sorted.numel();
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double expected = cumulative(x[i]);
    const auto rank = static_cast<double>(i);
    largest = std::max({largest, expected - rank / static_cast<double>(n),
                        (rank + 1) / static_cast<double>(n) - expected});
  }
  return largest;
}

/// The distance that a sample of `values` exceeds once in 10,000 (Kolmogorov's limit).
inline double distance_limit(const at::Tensor& values) {
  return 2.23 / std::sqrt(static_cast<double>(values.numel()));
}

/// Independent values, each known to `error`, follow U(low, high): inside it, with its
/// distribution.
inline void expect_uniform(const at::Tensor& values, double low, double high, double error = 0) {
  error += 1e-5 * std::max({std::abs(low), std::abs(high), high - low});
  EXPECT_GE(values.min().item<double>(), low - error);
  EXPECT_LE(values.max().item<double>(), high + error);
  EXPECT_LT(distribution_distance(
                values, [&](double x) { return std::clamp((x - low) / (high - low), 0.0, 1.0); }),
            distance_limit(values));
}

/// Independent values follow N(mean, deviation^2).
inline void expect_normal(const at::Tensor& values, double mean, double deviation) {
  EXPECT_LT(distribution_distance(
                values,
                [&](double x) { return 0.5 * std::erfc((mean - x) / deviation / std::sqrt(2.0)); }),
            distance_limit(values));
}

/// `truth` (bool) holds in a share `probability` of independent trials, to four standard errors.
inline void expect_share(const at::Tensor& truth, double probability) {
  const double error =
      std::sqrt(probability * (1 - probability) / static_cast<double>(truth.numel()));
  EXPECT_NEAR(truth.to(at::kDouble).mean().item<double>(), probability, 4 * error + 1e-12);
}

/// Two samples of independent values are uncorrelated, to four standard errors.
inline void expect_uncorrelated(const at::Tensor& a, const at::Tensor& b) {
  const auto x = a.to(at::kDouble).reshape({-1}), y = b.to(at::kDouble).reshape({-1});
  const auto dx = x - x.mean(), dy = y - y.mean();
  const auto correlation = (dx * dy).mean() / (dx.square().mean() * dy.square().mean()).sqrt();
  EXPECT_LT(std::abs(correlation.item<double>()), 4 / std::sqrt(static_cast<double>(x.numel())));
}

}  // namespace hypersynth
