#include "report/intensity_histogram.h"

#include <limits>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

std::vector<float> around(float middle, int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i)
    values.push_back(middle +
                     10 * (static_cast<float>(i % 21) - 10) / 10 * static_cast<float>(i % 3));
  return values;
}

/// The column (px) of the highest point of each line.
std::vector<double> peaks(const std::string& svg) {
  std::vector<double> columns;
  for (std::size_t at = svg.find("d=\"M"); at != std::string::npos;
       at = svg.find("d=\"M", at + 1)) {
    const std::string path = svg.substr(at + 4, svg.find('"', at + 4) - at - 4);
    if (path.find('L') == std::string::npos) continue;  // of the key
    double best_x = 0, best_y = 1e9;
    for (std::size_t i = 0; i < path.size(); i = path.find_first_of("ML", i + 1)) {
      char* rest = nullptr;
      const double x = std::strtod(path.c_str() + i + 1, &rest), y = std::strtod(rest, nullptr);
      if (y < best_y) {
        best_x = x;
        best_y = y;
      }
    }
    EXPECT_NEAR(best_y, 44, 0.01) << "as high as the others";
    columns.push_back(best_x);
  }
  return columns;
}

TEST(IntensityHistogramTest, EachTissueHasALineWithItsPeakAtItsMostFrequentIntensity) {
  const std::string svg = intensity_histogram_svg({{"fluid", around(100, 3000)},
                                                   {"grey <matter>", around(300, 50000)},
                                                   {"white", {}},
                                                   {"air", around(20, 100)}});
  const auto columns = peaks(svg);
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_LT(columns[2], columns[0]);
  EXPECT_LT(columns[0] + 200, columns[1]);
  EXPECT_NE(svg.find("grey &lt;matter&gt;"), std::string::npos);
  EXPECT_EQ(svg.find(">white<"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(IntensityHistogramTest, IntensitiesOfAnyKindGiveAChart) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              inf = std::numeric_limits<float>::infinity();
  const std::vector<std::vector<float>> all = {{},  {0, 0, 0},       {nan, inf, -inf},
                                               {5}, {-1e30F, 1e30F}, {1, 1, 1, 3e38F}};
  for (const auto& values : all) {
    const std::string svg = intensity_histogram_svg({{"tissue", values}});
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
    EXPECT_EQ(svg.substr(svg.size() - 6), "</svg>");
  }
}

}  // namespace
}  // namespace hypersynth
