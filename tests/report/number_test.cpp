#include "report/number.h"

#include <limits>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

const std::string kGap = "\xE2\x80\xAF";
const std::string kMinus = "\xE2\x88\x92";

TEST(NumberTest, ThousandsAreApartFromFiveDigitsOn) {
  EXPECT_EQ(fixed_number(1234, 0), "1234");
  EXPECT_EQ(fixed_number(12345.67, 1), "12" + kGap + "345.7");
  EXPECT_EQ(fixed_number(1234567, 0), "1" + kGap + "234" + kGap + "567");
}

TEST(NumberTest, NegativeZeroIsZero) {
  EXPECT_EQ(fixed_number(-0.04, 1), "0.0");
  EXPECT_EQ(fixed_number(-0.06, 1), kMinus + "0.1");
}

TEST(NumberTest, WhatWasNotMeasuredIsNotAvailable) {
  EXPECT_EQ(fixed_number(std::numeric_limits<double>::quiet_NaN(), 2), "n/a");
  EXPECT_EQ(short_number(-std::numeric_limits<double>::infinity()), "n/a");
}

TEST(NumberTest, ShortNumbersKeepTheirSignificantDigits) {
  EXPECT_EQ(short_number(0.0123456), "0.01235");
  EXPECT_EQ(short_number(1.0), "1");
  EXPECT_EQ(short_number(0.9375, 3), "0.938");
  EXPECT_EQ(short_number(123456), "123" + kGap + "456");
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(1.5e-9), "1.5e-09");
  EXPECT_EQ(short_number(std::numeric_limits<double>::max()).substr(0, 5), "1.798");
}

TEST(NumberTest, AnIntervalWithoutEndsIsNotAvailable) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(interval_text(-0.1, 0.25, 2), "(" + kMinus + "0.10 to 0.25)");
  EXPECT_EQ(interval_text(0.1, none, 2), "(n/a)");
  EXPECT_EQ(with_interval(0.5, 0.4, 0.6, 1), "0.5 (0.4 to 0.6)");
  EXPECT_EQ(with_interval(0.5, none, none, 1), "0.5");
}

TEST(NumberTest, TimesHaveTheTwoLargestUnitsThatTheyNeed) {
  EXPECT_EQ(duration(0.42), "0.42 s");
  EXPECT_EQ(duration(9.96), "10 s");
  EXPECT_EQ(duration(59.6), "1 min 0 s");
  EXPECT_EQ(duration(725), "12 min 5 s");
  EXPECT_EQ(duration(3 * 3600 + 20 * 60 + 59), "3 h 20 min");
  EXPECT_EQ(duration(-1), "n/a");
  EXPECT_EQ(duration(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

TEST(NumberTest, MemoryIsInMebibytesBelowAGibibyte) {
  EXPECT_EQ(memory_size(512. * 1024 * 1024), "512 MiB");
  EXPECT_EQ(memory_size(3.25 * 1024 * 1024 * 1024), "3.25 GiB");
  EXPECT_EQ(memory_size(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

}  // namespace
}  // namespace hypersynth
