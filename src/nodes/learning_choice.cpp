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

/// Mean Dice on foreign images, and less that of the initial model where there is one.
std::vector<ForeignDice> foreign_dice(const ModelScores& model, const ModelScores* initial) {
  std::vector<ForeignDice> result;
  for (std::size_t k = 0; k < model.foreign.size(); ++k) {
    const auto mean = [k](const ModelScores& of) {
      return k < of.foreign.size() ? estimate_mean(of.foreign[k].dice).mean : std::nan("");
    };
    const double dice = mean(model);
    const double before = initial == nullptr ? std::nan("") : mean(*initial);
    result.push_back({model.foreign[k].images, dice, dice - before});
  }
  return result;
}

/// Why a model may not be handed out for its Dice on foreign images; empty where it may.
std::string foreign_loss(const JudgedModel& model, const JudgedModel& initial) {
  for (std::size_t k = 0; k < initial.foreign.size(); ++k) {
    const auto& before = initial.foreign[k];
    if (!std::isfinite(before.dice)) continue;
    if (k >= model.foreign.size() || !std::isfinite(model.foreign[k].dice))
      return "Nothing could be scored of " + before.images.words + ".";
    const double loss = -model.foreign[k].change;
    // With a fourth digit, since three may not tell it from the limit.
    if (loss > kMostForeignLoss + kRounding)
      return "It loses " + decimal_places(loss, 4) + " of Dice on " + before.images.words +
             ", more than the " + three_digits(kMostForeignLoss) + " allowed.";
  }
  return "";
}

}  // namespace

LearningChoice choose_model(const std::vector<ModelScores>& scores, bool has_initial) {
  LearningChoice choice;
  const auto* first = has_initial ? &scores.front() : nullptr;
  for (const auto& score : scores) {
    const auto held_out = estimate_mean(score.dice, score.people);
    choice.models.push_back(
        {score.name, held_out.mean, held_out.interval, foreign_dice(score, first), ""});
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
    if (has_initial) model.why_not = foreign_loss(model, choice.models.front());
    if (!model.why_not.empty()) continue;
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
    choice.reason = "The model of " + best.name + " is handed out: its mean Dice is " +
                    dice_words(best) + ", that of the initial model " +
                    three_digits(initial.held_out_dice) + ".";
    for (std::size_t k = 0; k < best.foreign.size(); ++k) {
      choice.reason += (k == 0 ? " On " : "; on ") + best.foreign[k].images.words + " " +
                       three_digits(best.foreign[k].dice) + " against " +
                       three_digits(initial.foreign[k].dice) +
                       (k + 1 == best.foreign.size() ? "." : "");
    }
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
