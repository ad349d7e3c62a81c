#include <cctype>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "quality/measure.h"

namespace hypersynth {
namespace {

TEST(MeasureCatalogueTest, EveryMeasureHasItsOwnNameAndSaysWhatItIs) {
  std::set<std::string> names;
  for (const auto& info : measure_catalogue()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.title.empty()) << info.name;
    EXPECT_FALSE(info.source.empty()) << info.name;
    ASSERT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_TRUE(std::isupper(info.meaning.front())) << info.meaning;
    EXPECT_EQ(info.meaning.find(". "), std::string::npos) << "one sentence: " << info.meaning;
    EXPECT_EQ(info.meaning.back(), '.') << info.meaning;
  }
}

TEST(MeasureCatalogueTest, MeasuresAreFoundByName) {
  ASSERT_NE(find_measure("cjv"), nullptr);
  EXPECT_EQ(find_measure("cjv")->better, Better::kLower);
  EXPECT_EQ(find_measure("no_such_measure"), nullptr);
}

}  // namespace
}  // namespace hypersynth
