#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/statistics.h"

namespace hypersynth {

/// Dice that a tuned model may lose on images unlike the site's own and still be handed out: a
/// model that knows only the site's scanner is of no use for the next one.
inline constexpr double kMostForeignLoss = 0.005;

/// Images unlike the site's own: synthetic ones of random contrast, or held-out scans with another
/// look.
struct ForeignImages {
  std::string name;   ///< "synthetic", or of a ScanShift
  std::string title;  ///< "Synthetic"
  std::string words;  ///< after "on": "synthetic images of random contrast"
};

/// Dice on images of one kind.
struct ForeignScores {
  ForeignImages images;
  std::vector<double> dice;  ///< of each image
};

/// How one model scored, over all splits.
struct ModelScores {
  std::string name;                    ///< "finetune", or "initial"
  std::string failure;                 ///< why there are no scores; empty: there are
  std::vector<double> dice;            ///< of each held-out scan, mean over structures
  std::vector<std::string> people;     ///< whose scan each is
  std::vector<ForeignScores> foreign;  ///< the same kinds in the same order for all models
};

/// Mean Dice on foreign images of one kind.
struct ForeignDice {
  ForeignImages images;
  double dice = 0;    ///< NaN where no image could be scored
  double change = 0;  ///< less that of the initial model; NaN where there is none
};

/// What is known of a model beside the others.
struct JudgedModel {
  std::string name;
  double held_out_dice = 0;  ///< mean over the scans; NaN where it failed
  Interval interval{};       ///< 95 %, of that mean over people
  std::vector<ForeignDice> foreign;
  std::string why_not;  ///< why it was not chosen, in a sentence; empty for the chosen one
};

/// Which model is handed out, and why.
struct LearningChoice {
  std::optional<std::size_t> chosen;  ///< position in `models`; nothing: see `reason`
  bool gained = false;                ///< a tuned model is better than the initial one
  std::string reason;                 ///< a sentence or two
  std::vector<JudgedModel> models;    ///< in the order of the scores
};

/// Chooses the model with the highest mean Dice over the held-out scans, of those that lose at most
/// kMostForeignLoss of Dice on each kind of foreign images against the initial model. `scores`
/// begin with the initial model where `has_initial`: it is chosen where no other is better, so that
/// nobody is handed a model that is worse than the one they began with. For the same reason none is
/// chosen where the initial model has no scores.
LearningChoice choose_model(const std::vector<ModelScores>& scores, bool has_initial);

}  // namespace hypersynth
