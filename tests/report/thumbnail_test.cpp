#include "report/thumbnail.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "example_report.h"
#include "report/png.h"

namespace hypersynth {
namespace {

TEST(ThumbnailTest, ShowsThreeSlicesWithOutlinesInASmallFile) {
  ExampleHead head = example_head({180, 216, 180}, {1, 1, 1});
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 30);
  for (float& intensity : head.intensities) intensity += noise(random);
  const IndexedImage picture = draw_thumbnail(head.view(), example_colours());
  EXPECT_EQ(picture.width, 3 * 128);
  EXPECT_GT(picture.height, 100);
  EXPECT_LE(encode_png(picture).size(), 30000u);
  for (int slice = 0; slice < 3; ++slice) {
    std::set<int> greys, lines;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = slice * 128; x < (slice + 1) * 128; ++x) {
        const Rgb colour = picture.palette.at(picture.at(x, y));
        const bool grey = colour.red == colour.green && colour.green == colour.blue;
        (grey ? greys : lines).insert(picture.at(x, y));
      }
    }
    EXPECT_GT(greys.size(), 8u);
    EXPECT_GT(lines.size(), 2u);
  }
}

TEST(ThumbnailTest, AScanOfAnyShapeHasOne) {
  for (const std::array<std::int64_t, 3> shape :
       {std::array<std::int64_t, 3>{1, 1, 1}, {300, 4, 4}, {4, 4, 300}, {64, 64, 3}}) {
    ExampleHead head = example_head(shape, {1, 1, 1});
    std::fill(head.labels.begin(), head.labels.end(), 0);
    const IndexedImage picture = draw_thumbnail(head.view(), {});
    EXPECT_EQ(picture.width, 3 * 128);
    EXPECT_GE(picture.height, 13);
    EXPECT_LE(picture.height, 256);
    encode_png(picture);
  }
}

TEST(ThumbnailTest, ManyColoursDoNotOverfillThePalette) {
  ExampleHead head = example_head({60, 72, 60}, {3, 3, 3});
  for (std::size_t i = 0; i < head.labels.size(); ++i) head.labels[i] = static_cast<int>(i % 300);
  std::vector<LabelColour> colours;
  for (int label = 1; label < 300; ++label)
    colours.push_back({label, Rgb{static_cast<std::uint8_t>(label % 256), 200,
                                  static_cast<std::uint8_t>(label / 2)}});
  EXPECT_LE(draw_thumbnail(head.view(), colours).palette.size(), 256u);
}

}  // namespace
}  // namespace hypersynth
