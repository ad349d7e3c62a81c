#include "core/json.h"

#include <cmath>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(JsonTest, ReadsEveryKindOfValue) {
  const Json value =
      Json::parse(R"( {"a": [1, -2.5e3, true, null], "b": "x\n\u00e9\ud83d\ude00"} )");
  EXPECT_EQ(value.at("a").elements()[0].integer(), 1);
  EXPECT_DOUBLE_EQ(value.at("a").elements()[1].number(), -2500);
  EXPECT_TRUE(value.at("a").elements()[2].boolean());
  EXPECT_EQ(value.at("a").elements()[3].type(), Json::Type::kNull);
  EXPECT_EQ(value.at("b").string(), "x\n\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "01",
                           "1.",
                           "-",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "tru",
                           "1 2",
                           "1e999",
                           "{\"a\":1,\"a\":2}",
                           "\"\\ud800x\"",
                           "\"\\udc00\"",
                           "\"\x01\"",
                           "nan",
                           "[1}",
                           "{1:2}"}) {
    EXPECT_THROW(Json::parse(text), JsonError) << text;
  }
  EXPECT_THROW(Json::parse(std::string(100000, '[')), JsonError);
}

TEST(JsonTest, AccessToAnotherTypeSaysWhatWasFound) {
  try {
    Json::parse("[1]").at("a");
    FAIL();
  } catch (const JsonError& error) {
    EXPECT_STREQ(error.what(), "expected an object, found [1]");
  }
  EXPECT_THROW(Json(1.5).integer(), JsonError);
}

Json random_value(std::mt19937& generator, int depth) {
  switch (generator() % (depth > 4 ? 4 : 6)) {
    case 0:
      return Json();
    case 1:
      return Json(generator() % 2 == 0);
    case 2:
      return Json(std::ldexp(static_cast<double>(generator()) - 2e9,
                             static_cast<int>(generator() % 40) - 20));
    case 3: {
      std::string text;
      for (auto n = generator() % 8; n > 0; --n) text += static_cast<char>(generator() % 128);
      return Json(text);
    }
    case 4: {
      std::vector<Json> elements;
      for (auto n = generator() % 5; n > 0; --n)
        elements.push_back(random_value(generator, depth + 1));
      return Json::array(elements);
    }
    default: {
      Json object = Json::object();
      for (auto n = generator() % 5; n > 0; --n) {
        object.add("k" + std::to_string(n) + "\"\\", random_value(generator, depth + 1));
      }
      return object;
    }
  }
}

TEST(JsonTest, ParseIsTheInverseOfDump) {
  std::mt19937 generator(5);
  for (int trial = 0; trial < 500; ++trial) {
    const std::string text = random_value(generator, 0).dump();
    EXPECT_EQ(Json::parse(text).dump(), text);
  }
}

TEST(JsonTest, RandomBytesNeverCrashTheParser) {
  std::mt19937 generator(6);
  const std::string alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn \n\xff";
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text;
    for (auto n = generator() % 30; n > 0; --n) text += alphabet[generator() % alphabet.size()];
    try {
      const std::string canonical = Json::parse(text).dump();
      EXPECT_EQ(Json::parse(canonical).dump(), canonical);
    } catch (const JsonError&) {
    }
  }
}

}  // namespace
}  // namespace hypersynth
