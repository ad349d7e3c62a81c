#include "engine/model/json_reading.h"

#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hypersynth {
namespace {

TEST(JsonReadingTest, ReadsEveryKindOfValue) {
  const auto value =
      parse_json(R"( {"a": [1, -2.5e3, true, null], "b": "x\n\u00e9\ud83d\ude00", "c": 2.0} )");
  EXPECT_EQ(integer_of(list_at(value, "a")[0], "a"), 1);
  EXPECT_DOUBLE_EQ(number_of(list_at(value, "a")[1], "a"), -2500);
  EXPECT_TRUE(list_at(value, "a")[2].get<bool>());
  EXPECT_TRUE(list_at(value, "a")[3].is_null());
  EXPECT_EQ(text_at(value, "b"), "x\n\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(integer_at(value, "c"), 2);
}

TEST(JsonReadingTest, RefusesWhatIsNotJson) {
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
                           "[{\"b\":{\"a\":1},\"b\":2}]",
                           "\"\\ud800x\"",
                           "\"\\udc00\"",
                           "\"\x01\"",
                           "\"\xff\"",
                           "nan",
                           "[1}",
                           "{1:2}"}) {
    EXPECT_THROW(parse_json(text), JsonError) << text;
  }
  EXPECT_NO_THROW(parse_json(R"([{"a":1},{"a":{"a":2}}])"));  // one key in several objects
}

TEST(JsonReadingTest, RefusesMoreThan64Levels) {
  EXPECT_THROW(parse_json(std::string(100000, '[')), JsonError);
  EXPECT_THROW(parse_json(std::string(65, '[') + std::string(65, ']')), JsonError);
  EXPECT_NO_THROW(parse_json(std::string(64, '[') + std::string(64, ']')));
}

template <typename F>
std::string message_of(F action) {
  try {
    action();
  } catch (const JsonError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(JsonReadingTest, AnotherTypeOrRangeIsRefusedWithWhatWasExpectedAndFound) {
  const auto value = parse_json(R"({"n": 1.5, "t": "x", "l": [1], "big": 1e300, "most": 9e18})");
  EXPECT_EQ(message_of([&] { number_at(value, "t"); }), "expected \"t\", a number, found \"x\"");
  EXPECT_EQ(message_of([&] { text_at(value, "l"); }), "expected \"l\", text, found a list of 1");
  EXPECT_EQ(message_of([&] { boolean_at(value, "n"); }),
            "expected \"n\", true or false, found 1.5");
  EXPECT_EQ(message_of([&] { member(value, "x"); }), "expected \"x\", found no such key");
  EXPECT_EQ(message_of([&] { member(value["l"], "x"); }),
            "expected an object with \"x\", found a list of 1");
  EXPECT_EQ(message_of([&] { integer_of(value["l"][0], "a side", 2, 8); }),
            "expected a side, an integer from 2 to 8, found 1");
  for (const char* key : {"n", "t", "big", "most"})
    EXPECT_NE(message_of([&] { integer_at(value, key); }), "accepted") << key;
  EXPECT_NE(message_of([&] { list_at(value, "n"); }), "accepted");
  EXPECT_NE(message_of([&] { object_at(value, "l"); }), "accepted");
}

TEST(JsonReadingTest, RandomBytesNeverCrashTheReader) {
  std::mt19937 generator(6);
  const std::string alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn \n\xff";
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text;
    for (auto n = generator() % 30; n > 0; --n) text += alphabet[generator() % alphabet.size()];
    try {
      const auto value = parse_json(text);
      EXPECT_EQ(parse_json(value.dump()), value) << text;
    } catch (const JsonError&) {
    }
  }
}

TEST(JsonReadingTest, TextThatIsNotUtf8IsWrittenAllTheSame) {
  EXPECT_EQ(to_text({{"name", "caf\xe9"}}), "{\"name\":\"caf\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace hypersynth
