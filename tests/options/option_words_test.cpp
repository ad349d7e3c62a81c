// How words become values and values become words.

#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options/compute_device.h"
#include "options/option_value.h"
#include "options/range.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

enum class Colour { kRed, kGreen };

}  // namespace

template <>
struct Choices<Colour> {
  static constexpr Choice<Colour> kAll[] = {{Colour::kRed, "red"}, {Colour::kGreen, "green"}};
};

namespace {

template <class T>
T read(const std::string& text) {
  T value{};
  OptionValue<T>::read(text, value);
  return value;
}

/// The message with which `text` is refused; empty where it is taken.
template <class T>
std::string refusal(const std::string& text) {
  try {
    read<T>(text);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(OptionWordsTest, NumbersAreReadToTheEndOrRefused) {
  EXPECT_EQ(read<double>("-1.5e-3"), -1.5e-3);
  EXPECT_EQ(read<int>("-7"), -7);
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), 18446744073709551615U);
  for (const char* text : {"", "one", "1x", "1 2"})
    EXPECT_THAT(refusal<double>(text), HasSubstr("expected a number, found '" + std::string(text)));
  EXPECT_THAT(refusal<int>("1.5"), HasSubstr("expected a whole number, found '1.5'"));
  EXPECT_THAT(refusal<int>("99999999999"), HasSubstr("found '99999999999'"));
  EXPECT_THAT(refusal<std::uint64_t>("-1"), HasSubstr("not negative, found '-1'"));
}

TEST(OptionWordsTest, SidesAndNamedNumbersSayWhatTheyExpect) {
  EXPECT_EQ(read<std::vector<std::int64_t>>("96x80"), (std::vector<std::int64_t>{96, 80}));
  EXPECT_THAT(refusal<std::vector<std::int64_t>>("16xbig"), HasSubstr("found '16xbig'"));
  std::map<std::string, double> numbers;
  for (const char* text : {"sigma=-0.5", "gain=2"})
    OptionValue<std::map<std::string, double>>::read(text, numbers);
  EXPECT_EQ(numbers, (std::map<std::string, double>{{"sigma", -0.5}, {"gain", 2}}));
  for (const char* text : {"sigma", "=1", "sigma=", "sigma=x"})
    EXPECT_THAT((refusal<std::map<std::string, double>>(text)), HasSubstr("NAME=NUMBER, found"));
}

TEST(OptionWordsTest, AnotherWordThanThoseOfAnEnumerationIsNamedWithThem) {
  EXPECT_EQ(read<Colour>("green"), Colour::kGreen);
  EXPECT_EQ(OptionValue<Colour>::text(Colour::kRed), "red");
  EXPECT_EQ(OptionValue<Colour>::value_name(), "{red,green}");
  EXPECT_EQ(refusal<Colour>("blue"), "expected one of red, green, found 'blue'");
}

TEST(OptionWordsTest, DevicesAreReadAsTheyAreWritten) {
  for (const char* text : {"auto", "cpu", "cuda", "cuda:0", "cuda:12", "cuda:0,2"})
    EXPECT_EQ(to_string(read<ComputeDevice>(text)), text);
  for (const char* text :
       {"tpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "CPU", "cuda:0,", "cuda:1,1"})
    EXPECT_THAT(refusal<ComputeDevice>(text), HasSubstr("cuda:0,1, found " + std::string(text)));
}

TEST(OptionWordsTest, JsonKeepsEveryBitOfANumber) {
  EXPECT_EQ(OptionValue<double>::json(0.1), "0.10000000000000001");
  EXPECT_EQ(OptionValue<double>::json(0), "0");
  EXPECT_EQ(OptionValue<std::string>::json("a\"b"), "\"a\\\"b\"");
}

TEST(RangeTest, BoundsHoldAndAreSaid) {
  EXPECT_TRUE(Range::positive().holds(1e-300));
  EXPECT_FALSE(Range::positive().holds(0));
  EXPECT_EQ(Range::positive().sentence(), "must be positive");
  EXPECT_TRUE(Range::not_negative().holds(0));
  EXPECT_EQ(Range::not_negative().sentence(), "must not be negative");
  EXPECT_FALSE(Range::at_least(1).holds(0.5));
  EXPECT_EQ(Range::at_least(1).sentence(), "must be at least 1");
  EXPECT_FALSE(Range::below(0, 1).holds(1));
  EXPECT_EQ(Range::below(0, 1).sentence(), "must lie in [0, 1)");
  EXPECT_FALSE(Range::above(0, 1).holds(0));
  EXPECT_TRUE(Range::above(0, 1).holds(1));
  EXPECT_TRUE(Range::closed(0, 1).holds(0) && Range::closed(0, 1).holds(1));
  EXPECT_EQ(Range::whole(1, 8).sentence(), "must lie in 1 to 8");
}

TEST(RangeTest, WhatIsNotFiniteIsInNone) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(Range::positive().holds(value));
    EXPECT_FALSE(Range::closed(0, 1).holds(value));
  }
}

}  // namespace
}  // namespace hypersynth
