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

}  // namespace
}  // namespace hypersynth
