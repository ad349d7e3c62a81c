#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "options/option_value.h"

namespace hypersynth {

enum class LossKind { kLogitMse, kDice, kCrossEntropy };

template <>
struct Choices<LossKind> {
  static constexpr Choice<LossKind> kAll[] = {{LossKind::kLogitMse, "logit-mse"},
                                              {LossKind::kDice, "dice"},
                                              {LossKind::kCrossEntropy, "cross-entropy"}};
};

/// A weighted sum of segmentation losses.
struct LossOptions {
  struct Term {
    LossKind kind = LossKind::kDice;
    double weight = 1;
  };
  std::vector<Term> terms{{LossKind::kDice, 1}};
  /// Logit aimed at by logit-mse: +target inside a class, -target outside (Learn2Synth: 5).
  double logit_target = 5;
  /// Dice smoothing as a fraction of the voxels of an image; unset: 1 / number of classes.
  std::optional<double> dice_smoothing;
  /// The sums of Dice run over the whole batch as over one image: a class that few patches contain
  /// counts as it does in a whole volume.
  bool dice_over_batch = false;
  /// Leave classes that an image's reference does not contain out of its Dice mean.
  bool skip_absent_classes = false;
  /// The reference may hold kIgnoredLabel (costs one more tensor of the logits' size).
  bool ignored_labels = false;

  /// Classes that references leave in their background (class 0), which says nothing of them: the
  /// probability of background is the sum of theirs and its own. Where a reference has them all the
  /// same (a synthetic one), they are background there too.
  std::vector<std::int64_t> undrawn_classes;

  /// Every violation, one sentence each; empty where all is well.
  std::vector<std::string> check() const;
};

/// Reference value of voxels that count in no loss.
constexpr std::int64_t kIgnoredLabel = -1;

/// "logit-mse", "dice", "cross-entropy", or a sum such as "dice+0.2*cross-entropy"; throws
/// std::invalid_argument that names the unknown word.
std::vector<LossOptions::Term> parse_loss(const std::string& text);

/// A sum of losses as it was typed, and what it means.
struct LossFormula {
  std::string text;
  std::vector<LossOptions::Term> terms;

  LossFormula() = default;
  /// Throws like parse_loss.
  explicit LossFormula(const std::string& formula) : text(formula), terms(parse_loss(formula)) {}
};

template <>
struct OptionValue<LossFormula> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "LOSS"; }
  static void read(const std::string& text, LossFormula& loss) { loss = LossFormula(text); }
  static std::string text(const LossFormula& loss) { return loss.text; }
  static std::string json(const LossFormula& loss) { return quoted_json(loss.text); }
};

}  // namespace hypersynth
