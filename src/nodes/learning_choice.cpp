#include "nodes/learning_choice.h"

#include <cmath>

#include "core/number_text.h"

namespace hypersynth {
namespace {

/// Of a difference that is as large as the limit but for rounding.
constexpr double kRounding = 1e-9;

std::string three_digits(double value) { return decimal_places(value, 3); }

/// A message as a sentence, so that another can follow it.
std::string sentence(std::string text) {
  if (text.empty() || text.back() != '.') text += '.';
  return text;
}

std::string dice_words(const JudgedModel& model) {
  return three_digits(model.held_out_dice) + " on the held-out scans";
}

}  // namespace

LearningChoice choose_model(const std::vector<ModelScores>& scores, bool has_initial) {
  LearningChoice choice;
  const double initial_synthetic =
      has_initial ? estimate_mean(scores.front().synthetic).mean : std::nan("");
  for (const auto& score : scores) {
    const auto held_out = estimate_mean(score.dice);
    const double synthetic = estimate_mean(score.synthetic).mean;
    choice.models.push_back({score.name, held_out.mean, held_out.interval, synthetic,
                             synthetic - initial_synthetic, ""});
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    auto& model = choice.models[i];
    if (i > 0 && has_initial && !choice.models.front().why_not.empty()) {
      // Nobody knows whether it is better than what there is.
      model.why_not = scores[i].failure.empty() ? "The initial model has no scores to compare with."
                                                : sentence("It failed: " + scores[i].failure);
      continue;
    }
    if (!scores[i].failure.empty() || !std::isfinite(model.held_out_dice)) {
      model.why_not = scores[i].failure.empty() ? "No held-out scan could be scored."
                                                : sentence("It failed: " + scores[i].failure);
      continue;
    }
    if (std::isfinite(initial_synthetic) && !std::isfinite(model.synthetic_dice)) {
      model.why_not = "No synthetic image could be scored.";
      continue;
    }
    if (model.synthetic_change < -kMostSyntheticLoss - kRounding) {
      // With a fourth digit, since three may not tell it from the limit.
      model.why_not = "It loses " + decimal_places(-model.synthetic_change, 4) +
                      " of Dice on synthetic images of random contrast, more than the " +
                      three_digits(kMostSyntheticLoss) + " allowed.";
      continue;
    }
    if (!choice.chosen || model.held_out_dice > choice.models[*choice.chosen].held_out_dice)
      choice.chosen = i;
  }
  if (!choice.chosen) {
    choice.reason = "No model could be chosen.";
    for (const auto& model : choice.models)
      choice.reason += " " + model.name + ": " + model.why_not;
    return choice;
  }
  const auto& best = choice.models[*choice.chosen];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    auto& model = choice.models[i];
    if (i != *choice.chosen && model.why_not.empty())
      model.why_not = "Its Dice is " + dice_words(model) + ", not above that of " + best.name + ".";
  }
  choice.gained = has_initial && *choice.chosen > 0;
  if (choice.gained) {
    const auto& initial = choice.models.front();
    choice.reason =
        "The model of " + best.name + " is handed out: its mean Dice is " + dice_words(best) +
        ", that of the initial model " + three_digits(initial.held_out_dice) +
        "; on synthetic images of random contrast " + three_digits(best.synthetic_dice) +
        " against " + three_digits(initial.synthetic_dice) + ".";
  } else if (has_initial) {
    choice.reason =
        "Nothing was gained, and the initial model is handed out as it was: its mean "
        "Dice is " +
        dice_words(best) + ".";
    for (std::size_t i = 1; i < scores.size(); ++i)
      choice.reason += " " + choice.models[i].name + ": " + choice.models[i].why_not;
  } else {
    choice.reason = "The model of " + best.name + " is handed out: its mean Dice is " +
                    dice_words(best) + ". There is no initial model to compare it with.";
  }
  return choice;
}

}  // namespace hypersynth
