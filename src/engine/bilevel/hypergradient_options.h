#pragma once

#include <string>
#include <vector>

#include "options/choice.h"

namespace hypersynth {

class OptionList;

enum class HypergradientMode {
  kNone,               // no hypergradient
  kExact,              // second backward pass
  kCentralDifference,  // two ordinary passes
  kNeumann,            // implicit function theorem at phi', truncated Neumann series
};

template <>
struct Choices<HypergradientMode> {
  static constexpr Choice<HypergradientMode> kAll[] = {
      {HypergradientMode::kNone, "none"},
      {HypergradientMode::kExact, "exact"},
      {HypergradientMode::kCentralDifference, "central-difference"},
      {HypergradientMode::kNeumann, "neumann"}};
};

struct HypergradientOptions {
  HypergradientMode mode = HypergradientMode::kCentralDifference;
  /// e |w|, the length of the finite step in phi (relative error on a trained net: 7e-4 at 1e-4,
  /// 2e-3 at 1e-3, 9e-3 at 1e-2).
  double difference_norm = 1e-3;
  /// Neumann series: -eta sum_{j < terms} (1 - eta H)^j, eta below 1 / largest curvature.
  int neumann_terms = 10;
  double neumann_eta = 1e-2;

  /// The outer gradient is its mean over the steps so far, weighted by decay^age; 0: this step's.
  double outer_decay = 0.9;

  /// What is wrong with the values that have no option, a sentence each.
  std::vector<std::string> contradictions() const;
};

/// `--hypergradient`, `--difference-norm` and `--outer-decay`.
void describe(HypergradientOptions& options, OptionList& list);

}  // namespace hypersynth
