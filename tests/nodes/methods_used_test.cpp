#include "nodes/methods_used.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

ImageRecord record_of(const std::string& model, bool fast, bool learned) {
  ImageRecord record;
  record.suffix = "T1w";
  record.device = "cpu";
  record.recipe = {"0.9.0", model, "digest-of-" + model, fast};
  record.recipe.training.learned_synthesis = learned;
  record.mean_posteriors.resize(33);
  return record;
}

std::string text_of(const MethodsUsed& used) {
  return methods_of(used.facts(), used.provenance()).text;
}

TEST(MethodsUsedTest, ThePageNamesTheModelsAndVersionsOfTheRecords) {
  MethodsUsed used;
  used.add(record_of("site", true, false));
  used.add(record_of("default", true, false));
  EXPECT_EQ(used.with_models({}).model_name, "default, site");
  EXPECT_EQ(used.with_models({}).device, "cpu");
  EXPECT_THAT(text_of(used), HasSubstr("hypersynth 0.9.0"));
}

TEST(MethodsUsedTest, ATunedModelIsSaidToHaveALearnedSynthesis) {
  MethodsUsed used;
  used.add(record_of("site", true, true));
  EXPECT_THAT(text_of(used), HasSubstr("tuned by hypergradients on labelled scans"));
}

TEST(MethodsUsedTest, WhatTheSynthesisLearnedAndFromHowMuchIsTold) {
  MethodsUsed used;
  auto record = record_of("site", true, true);
  record.recipe.training = {
      "learn2synth", 10, true, "", 12, {{"mean", {0.5, 1}, {0.25, 1}}, {"spread", {0.1}, {0.1}}}};
  used.add(record);
  used.add(record);
  EXPECT_THAT(text_of(used), HasSubstr("tuned by hypergradients on 12 labelled scans"));
  EXPECT_THAT(text_of(used), HasSubstr(". Parameters of its synthesis: mean, from 0.5, 1 to 0.25, "
                                       "1; spread, at 0.1 throughout. The model was site"));
}

TEST(MethodsUsedTest, TheWindowOfCtIsTold) {
  MethodsUsed used;
  used.add(record_of("default", true, false));
  EXPECT_THAT(text_of(used), Not(HasSubstr("Hounsfield")));
  auto ct = record_of("default", true, false);
  ct.recipe.ct = true;
  used.add(ct);
  EXPECT_THAT(
      text_of(used),
      HasSubstr(
          "the Hounsfield units of 1 of the 2 images, which are CT, were clipped to 0 to 80"));
}

TEST(MethodsUsedTest, TheInputOfTheModelsIsTold) {
  MethodsUsed used;
  used.add(record_of("default", true, false));
  EXPECT_THAT(text_of(used), HasSubstr("resampled to 1 mm isotropic voxels where its own differed, "
                                       "and its intensities were scaled between their 0.5 and 99.5 "
                                       "percentiles."));
  auto other = record_of("site", true, false);
  other.input = {0.8, 1, 99.5, 0, 1};
  used.add(other);
  EXPECT_THAT(text_of(used), HasSubstr("resampled to 0.8 mm or 1 mm isotropic voxels"));
  EXPECT_THAT(text_of(used), HasSubstr("their 1 and 99.5 or 0.5 and 99.5 percentiles"));
}

TEST(MethodsUsedTest, AveragingIsToldForTheImagesThatHadIt) {
  MethodsUsed used;
  used.add(record_of("default", true, false));
  EXPECT_THAT(text_of(used), Not(HasSubstr("mirror image")));
  used.add(record_of("default", false, false));
  EXPECT_THAT(text_of(used), HasSubstr("For 1 of the 2 images, posterior probabilities"));
}

}  // namespace
}  // namespace hypersynth
