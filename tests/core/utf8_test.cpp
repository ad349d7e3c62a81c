#include "core/utf8.h"

#include <random>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(Utf8Test, CharactersOfEveryLengthAreKnownAndIllFormedOnesAreNot) {
  for (const char* text :
       {"a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "a\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8Test, AnyBytesBecomeUtf8ThatStaysAsItIs) {
  std::mt19937 generator(3);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(generator() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(generator() % 256);
    const std::string text = valid_utf8(bytes);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(valid_utf8(text), text);
    if (is_utf8(bytes)) {
      EXPECT_EQ(text, bytes);
    }
  }
}

}  // namespace
}  // namespace hypersynth
