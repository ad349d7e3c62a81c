#include "report/picture_text.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

GrayImage drawn(const std::string& text) {
  GrayImage picture(120, 40, 50);
  draw_text(text, 10, 30, 18, 255, picture);
  return picture;
}

TEST(PictureTextTest, EveryLetterAndDigitLooksDifferent) {
  const std::string characters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.,:=/()' ";
  std::set<std::vector<std::uint8_t>> pictures;
  for (const char c : characters) pictures.insert(drawn(std::string(1, c)).pixels);
  EXPECT_EQ(pictures.size(), characters.size());
}

TEST(PictureTextTest, TheWidthCoversTheInk) {
  for (const std::string text : {"z = -12.5 mm", "L", "W", "i"}) {
    const int width = text_width_px(text, 18);
    GrayImage picture(300, 40);
    draw_text(text, 10, 30, 18, 255, picture);
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        if (picture.at(x, y) < 128) continue;
        EXPECT_GE(x, 10 - 2) << text;
        EXPECT_LE(x, 10 + width + 2) << text;
      }
    }
  }
  EXPECT_EQ(text_width_px("", 18), 0);
}

TEST(PictureTextTest, IsCutAtTheEdgeOfThePicture) {
  GrayImage picture(20, 10);
  for (const int left : {-500, -5, 15, 500}) {
    for (const int baseline : {-100, 0, 9, 300}) {
      EXPECT_NO_THROW(draw_text("y = -70 mm", left, baseline, 18, 255, picture));
    }
  }
}

}  // namespace
}  // namespace hypersynth
