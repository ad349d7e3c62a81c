#include "nodes/methods_used.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

ImageResult result_of(const std::string& model, bool fast, bool learned) {
  ImageResult result;
  result.record.suffix = "T1w";
  result.record.device = "cpu";
  result.record.recipe = {"0.9.0", model, "digest-of-" + model, fast, learned};
  result.volumes.resize(33);
  return result;
}

std::string text_of(const MethodsUsed& used) {
  return methods_of(used.facts(), used.provenance()).text;
}

TEST(MethodsUsedTest, ThePageNamesTheModelsAndVersionsOfTheRecords) {
  MethodsUsed used;
  used.add(result_of("site", true, false));
  used.add(result_of("default", true, false));
  EXPECT_EQ(used.with_models({}).model_name, "default, site");
  EXPECT_EQ(used.with_models({}).device, "cpu");
  EXPECT_THAT(text_of(used), HasSubstr("hypersynth 0.9.0"));
}

TEST(MethodsUsedTest, ATunedModelIsSaidToHaveALearnedSynthesis) {
  MethodsUsed used;
  used.add(result_of("site", true, true));
  EXPECT_THAT(text_of(used), HasSubstr("tuned by hypergradients on labelled scans"));
  EXPECT_THAT(text_of(used), Not(HasSubstr("not used here")));
}

TEST(MethodsUsedTest, AveragingIsToldForTheImagesThatHadIt) {
  MethodsUsed used;
  used.add(result_of("default", true, false));
  EXPECT_THAT(text_of(used), Not(HasSubstr("mirror image")));
  used.add(result_of("default", false, false));
  EXPECT_THAT(text_of(used), HasSubstr("For 1 of the 2 images, posterior probabilities"));
}

}  // namespace
}  // namespace hypersynth
