#include "nodes/learning_choice.h"

#include <cmath>
#include <cstdio>

namespace hypersynth {
namespace {

std::string three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
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
    if (!scores[i].failure.empty() || !std::isfinite(model.held_out_dice)) {
      model.why_not = scores[i].failure.empty() ? "No held-out scan could be scored."
                                                : "It failed: " + scores[i].failure + ".";
      continue;
    }
    if (model.synthetic_change < -kMostSyntheticLoss) {
      model.why_not = "It loses " + three_digits(-model.synthetic_change) +
                      " of Dice on synthetic images of random contrast, more than the " +
                      three_digits(kMostSyntheticLoss) + " allowed.";
      continue;
    }
    if (!choice.chosen || model.held_out_dice > choice.models[*choice.chosen].held_out_dice)
      choice.chosen = i;
  }
  if (!choice.chosen) {
    choice.reason = "No model could be scored.";
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
