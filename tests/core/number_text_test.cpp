#include "core/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

std::string printed(const char* format, double value) {
  char text[400];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

TEST(NumberTextTest, TextIsThatOfPrintf) {
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> exponent(-300, 300);
  for (int trial = 0; trial < 2000; ++trial) {
    const double value = std::pow(10, exponent(generator)) * (trial % 2 == 0 ? 1 : -1);
    EXPECT_EQ(significant_digits(value, 6), printed("%.6g", value));
    EXPECT_EQ(decimal_places(value, 3), printed("%.3f", value));
  }
  for (const double value : {0.0, -0.0, std::numeric_limits<double>::max(), 1e9, 0.5}) {
    EXPECT_EQ(significant_digits(value, 3), printed("%.3g", value));
    EXPECT_EQ(decimal_places(value, 3), printed("%.3f", value));
  }
}

TEST(NumberTextTest, ExactTextReadsBackAsTheSameNumber) {
  std::mt19937_64 generator(8);
  std::uniform_real_distribution<double> value(-1e6, 1e6);
  for (int trial = 0; trial < 2000; ++trial) {
    const double number = value(generator);
    EXPECT_EQ(std::strtod(exact_number(number).c_str(), nullptr), number);
  }
  EXPECT_EQ(exact_number(0.1), "0.1");
}

}  // namespace
}  // namespace hypersynth
