#include "nodes/learning_choice.h"

#include <cmath>
#include <limits>
#include <rapidcheck.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hypersynth {
namespace {

using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ForeignScores foreign(double dice) {
  return {{"synthetic", "Synthetic", "synthetic images of random contrast"}, {dice, dice}};
}

ModelScores model(const std::string& name, double dice, double synthetic) {
  return {name, "", {dice, dice}, {"sub-01", "sub-02"}, {foreign(synthetic)}};
}

ModelScores failed(const std::string& name, const std::string& why) {
  return {name, why, {}, {}, {{foreign(0).images, {}}}};
}

/// With a second kind of foreign images.
ModelScores with_noise(ModelScores scores, double dice) {
  scores.foreign.push_back({{"low-snr", "Low SNR", "scans with noise"}, {dice, dice}});
  return scores;
}

/// The name of the chosen model; empty where there is none.
std::string chosen_of(const LearningChoice& choice) {
  return choice.chosen ? choice.models[*choice.chosen].name : "";
}

TEST(LearningChoiceTest, TheBestModelIsHandedOutAndTheReasonHasItsNumbers) {
  const auto choice = choose_model(
      {model("initial", 0.8, 0.7), model("finetune", 0.85, 0.698), model("mixed", 0.83, 0.71)},
      true);
  EXPECT_EQ(chosen_of(choice), "finetune");
  EXPECT_TRUE(choice.gained);
  EXPECT_EQ(choice.reason,
            "The model of finetune is handed out: its mean Dice is 0.850 on the held-out scans, "
            "that of the initial model 0.800. On synthetic images of random contrast 0.698 against "
            "0.700.");
  EXPECT_EQ(choice.models[1].why_not, "");
  EXPECT_EQ(choice.models[2].why_not,
            "Its Dice is 0.830 on the held-out scans, not above that of finetune.");
  EXPECT_NEAR(choice.models[2].foreign.at(0).change, 0.01, 1e-12);
}

TEST(LearningChoiceTest, TheInitialModelIsKeptWhereNothingIsBetter) {
  const auto choice =
      choose_model({model("initial", 0.8, 0.7), model("finetune", 0.79, 0.9)}, true);
  EXPECT_EQ(chosen_of(choice), "initial");
  EXPECT_FALSE(choice.gained);
  EXPECT_THAT(choice.reason, HasSubstr("Nothing was gained"));
  EXPECT_THAT(choice.reason, HasSubstr("0.800"));
  EXPECT_THAT(choice.reason, HasSubstr("finetune: Its Dice is 0.790"));
}

TEST(LearningChoiceTest, ABetterModelThatLosesOnSyntheticImagesIsNotHandedOut) {
  const auto choice = choose_model(
      {model("initial", 0.8, 0.7), model("finetune", 0.9, 0.6948), model("mixed", 0.81, 0.7)},
      true);
  EXPECT_EQ(chosen_of(choice), "mixed");
  EXPECT_EQ(choice.models[1].why_not,
            "It loses 0.0052 of Dice on synthetic images of random contrast, more than the 0.005 "
            "allowed.");
  EXPECT_EQ(
      chosen_of(choose_model({model("initial", 0.8, 0.7), model("finetune", 0.9, 0.5)}, true)),
      "initial");
}

TEST(LearningChoiceTest, NoKindOfForeignImagesMayLoseWhateverTheOthersGain) {
  const auto choice = choose_model(
      {with_noise(model("initial", 0.8, 0.7), 0.6), with_noise(model("finetune", 0.9, 0.9), 0.59),
       with_noise(model("mixed", 0.85, 0.7), 0.65)},
      true);
  EXPECT_EQ(chosen_of(choice), "mixed");
  EXPECT_EQ(choice.models[1].why_not,
            "It loses 0.0100 of Dice on scans with noise, more than the 0.005 allowed.");
  EXPECT_THAT(choice.reason, HasSubstr("On synthetic images of random contrast 0.700 against "
                                       "0.700; on scans with noise 0.650 against 0.600."));
}

TEST(LearningChoiceTest, ForeignImagesThatTheInitialModelHasNoScoresOfDoNotCount) {
  EXPECT_EQ(chosen_of(choose_model({with_noise(model("initial", 0.8, 0.7), kNaN),
                                    with_noise(model("finetune", 0.9, 0.7), 0.1)},
                                   true)),
            "finetune");
}

TEST(LearningChoiceTest, ALossOfExactlyTheLimitIsAllowedWhateverItsRounding) {
  for (const double synthetic : {0.8, 0.7, 0.123, 0.005, 0.9}) {
    const auto choice = choose_model(
        {model("initial", 0.8, synthetic), model("finetune", 0.81, synthetic - 0.005)}, true);
    EXPECT_EQ(chosen_of(choice), "finetune") << synthetic;
  }
}

TEST(LearningChoiceTest, OfEqualModelsTheEarlierIsHandedOut) {
  EXPECT_EQ(
      chosen_of(choose_model({model("initial", 0.8, 0.7), model("finetune", 0.8, 0.9)}, true)),
      "initial");
  EXPECT_EQ(chosen_of(choose_model(
                {model("initial", 0.8, 0.7), model("finetune", 0.9, 0.7), model("mixed", 0.9, 0.9)},
                true)),
            "finetune");
}

TEST(LearningChoiceTest, AFailedCandidateIsNamedWithItsMessage) {
  const auto choice = choose_model({model("initial", 0.8, 0.7), failed("finetune", "no memory"),
                                    failed("mixed", "the loss is not finite.")},
                                   true);
  EXPECT_EQ(chosen_of(choice), "initial");
  EXPECT_FALSE(choice.gained);
  EXPECT_THAT(choice.reason, HasSubstr("finetune: It failed: no memory. mixed: It failed: the loss "
                                       "is not finite."));
  EXPECT_TRUE(std::isnan(choice.models[1].held_out_dice));
}

TEST(LearningChoiceTest, AFailedCandidateIsNotChosenForTheScoresOfOtherSplits) {
  auto half = model("finetune", 0.95, 0.9);
  half.failure = "a process was killed";
  EXPECT_EQ(chosen_of(choose_model({model("initial", 0.8, 0.7), half}, true)), "initial");
}

TEST(LearningChoiceTest, ScansWithoutADiceCountNotAndAModelWithoutAnyIsNotChosen) {
  auto part = model("finetune", 0.9, 0.7);
  part.dice = {kNaN, 0.9};
  const auto choice =
      choose_model({model("initial", 0.8, 0.7), part, model("mixed", kNaN, 0.7)}, true);
  EXPECT_EQ(chosen_of(choice), "finetune");
  EXPECT_DOUBLE_EQ(choice.models[1].held_out_dice, 0.9);
  EXPECT_EQ(choice.models[2].why_not, "No held-out scan could be scored.");
}

TEST(LearningChoiceTest, AModelWithoutScoresOnSyntheticImagesIsNotChosenWhereTheInitialHasThem) {
  auto unknown = model("finetune", 0.9, 0.7);
  unknown.foreign[0].dice = {kNaN};
  const auto choice = choose_model({model("initial", 0.8, 0.7), unknown}, true);
  EXPECT_EQ(chosen_of(choice), "initial");
  EXPECT_EQ(choice.models[1].why_not,
            "Nothing could be scored of synthetic images of random contrast.");
}

TEST(LearningChoiceTest, NothingIsHandedOutThatCannotBeComparedWithTheInitialModel) {
  const auto choice =
      choose_model({failed("initial", "the file is damaged"), model("finetune", 0.9, 0.7)}, true);
  EXPECT_FALSE(choice.chosen);
  EXPECT_FALSE(choice.gained);
  EXPECT_THAT(choice.reason, HasSubstr("initial: It failed: the file is damaged."));
  EXPECT_THAT(choice.reason, HasSubstr("finetune: The initial model has no scores"));
}

TEST(LearningChoiceTest, WithoutAnInitialModelTheBestCandidateIsHandedOut) {
  const auto choice =
      choose_model({model("mixed", 0.5, 0.1), model("learn2synth", 0.6, 0.05)}, false);
  EXPECT_EQ(chosen_of(choice), "learn2synth");
  EXPECT_FALSE(choice.gained);
  EXPECT_THAT(choice.reason, HasSubstr("0.600"));
  EXPECT_THAT(choice.reason, HasSubstr("no initial model"));
  EXPECT_TRUE(std::isnan(choice.models[0].foreign.at(0).change));
}

TEST(LearningChoiceTest, WhereAllFailedTheReasonSaysWhyOfEach) {
  const auto choice = choose_model({failed("mixed", "one"), failed("learn2synth", "two")}, false);
  EXPECT_FALSE(choice.chosen);
  EXPECT_THAT(choice.reason, HasSubstr("mixed: It failed: one. learn2synth: It failed: two."));
  EXPECT_FALSE(choose_model({}, false).chosen);
}

/// In thousandths, as ties and differences of the limit are then frequent.
std::vector<ModelScores> arbitrary_scores() {
  std::vector<ModelScores> scores;
  const int count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    const auto value = [] { return *rc::gen::inRange(790, 811) / 1000.0; };
    scores.push_back(with_noise(model(std::to_string(i), value(), value()), value()));
    if (*rc::gen::inRange(0, 4) == 0) scores.back().failure = "failed";
    if (*rc::gen::inRange(0, 6) == 0) scores.back().dice = {kNaN, kNaN};
  }
  return scores;
}

RC_GTEST_PROP(LearningChoicePropertyTest, TheChosenModelIsNeverWorseThanTheInitialOne, ()) {
  const auto scores = arbitrary_scores();
  const auto choice = choose_model(scores, true);
  RC_ASSERT(choice.models.size() == scores.size());
  if (!choice.chosen) {
    RC_ASSERT(!choice.models.front().why_not.empty());
    return;
  }
  const auto& chosen = choice.models[*choice.chosen];
  RC_ASSERT(scores[*choice.chosen].failure.empty());
  RC_ASSERT(chosen.held_out_dice >= choice.models.front().held_out_dice);
  for (std::size_t k = 0; k < chosen.foreign.size(); ++k)
    RC_ASSERT(chosen.foreign[k].dice >=
              choice.models.front().foreign[k].dice - kMostForeignLoss - 1e-9);
  RC_ASSERT(choice.gained == (*choice.chosen > 0));
  for (std::size_t i = 0; i < scores.size(); ++i)
    RC_ASSERT(choice.models[i].why_not.empty() == (i == *choice.chosen));
}

}  // namespace
}  // namespace hypersynth
