#include "report/png.h"

#include <png.h>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

/// Reads a PNG with libpng's own simplified reader, as RGBA.
Raster<std::array<std::uint8_t, 4>> decode(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGBA;
  Raster<std::array<std::uint8_t, 4>> pixels(static_cast<int>(image.width),
                                             static_cast<int>(image.height));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.pixels.data(), 0, nullptr), 0);
  return pixels;
}

TEST(PngTest, GreyPicturesOfAnySizeComeBack) {
  std::mt19937 random(1);
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 17}, {301, 2}, {64, 64}}) {
    GrayImage image(width, height);
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random());
    const auto back = decode(encode_png(image));
    ASSERT_EQ(back.width, width);
    ASSERT_EQ(back.height, height);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const std::uint8_t level = image.pixels[i];
      ASSERT_EQ(back.pixels[i], (std::array<std::uint8_t, 4>{level, level, level, 255}));
    }
  }
}

TEST(PngTest, ColourPicturesComeBack) {
  RgbImage image(5, 3);
  for (int i = 0; i < 15; ++i) {
    image.pixels[static_cast<std::size_t>(i)] = {static_cast<std::uint8_t>(i * 16),
                                                 static_cast<std::uint8_t>(255 - i), 7};
  }
  const auto back = decode(encode_png(image));
  for (std::size_t i = 0; i < 15; ++i) {
    const Rgb colour = image.pixels[i];
    EXPECT_EQ(back.pixels[i],
              (std::array<std::uint8_t, 4>{colour.red, colour.green, colour.blue, 255}));
  }
}

TEST(PngTest, EntryZeroOfAPaletteIsTransparentAndTheOthersAreNot) {
  IndexedImage image(3, 1);
  image.palette = {Rgb{9, 9, 9}, Rgb{255, 0, 0}, Rgb{0, 0, 255}};
  image.pixels = {0, 1, 2};
  const auto back = decode(encode_png(image));
  EXPECT_EQ(back.pixels[0][3], 0);
  EXPECT_EQ(back.pixels[1], (std::array<std::uint8_t, 4>{255, 0, 0, 255}));
  EXPECT_EQ(back.pixels[2], (std::array<std::uint8_t, 4>{0, 0, 255, 255}));
}

TEST(PngTest, RefusesPicturesWithoutPixelsAndPixelsWithoutColour) {
  EXPECT_THROW(encode_png(GrayImage()), std::invalid_argument);
  IndexedImage image(1, 1);
  image.pixels = {1};
  EXPECT_THROW(encode_png(image), std::invalid_argument);
}

TEST(PngTest, TellsTheSizeFromTheFirstBytes) {
  const std::string bytes = encode_png(GrayImage(1820, 33));
  EXPECT_EQ(png_size(bytes.substr(0, 24)), std::pair(1820, 33));
  EXPECT_EQ(png_size(bytes.substr(0, 23)), std::nullopt);
  EXPECT_EQ(png_size(""), std::nullopt);
  EXPECT_EQ(png_size(std::string(64, 'x')), std::nullopt);
  std::string huge = bytes.substr(0, 24);
  huge[16] = '\xff';
  EXPECT_EQ(png_size(huge), std::nullopt);
}

TEST(PngTest, BlitCutsAtTheEdgeOfTheCanvas) {
  GrayImage canvas(4, 3), tile(3, 2, 7);
  blit(tile, -1, -1, canvas);
  blit(tile, 3, 2, canvas);
  blit(tile, 9, 0, canvas);
  EXPECT_EQ(canvas.pixels, (std::vector<std::uint8_t>{7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
}

TEST(PngTest, TextIsKeptInTheFileAndOtherFilesHaveNone) {
  const TemporaryFolder folder;
  const GrayImage picture(3, 2, 7);
  const std::string text = "{\"a\": [1, 2]}" + std::string(70000, ' ');
  write_atomically(folder.path() / "with.png", encode_png(picture, text));
  write_atomically(folder.path() / "without.png", encode_png(picture));
  const std::string bytes = encode_png(picture, text);
  write_atomically(folder.path() / "cut.png", bytes.substr(0, 200));
  std::string endless = bytes;
  endless[33] = '\x7f';  // the length of the first chunk behind the header
  write_atomically(folder.path() / "endless.png", endless);
  EXPECT_EQ(png_text_of_file(folder.path() / "with.png"), text);
  EXPECT_EQ(png_size_of_file(folder.path() / "with.png"), std::pair(3, 2));
  for (const char* name : {"without.png", "cut.png", "endless.png", "none.png"})
    EXPECT_EQ(png_text_of_file(folder.path() / name), "") << name;
}

}  // namespace
}  // namespace hypersynth
