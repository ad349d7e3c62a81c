#include "image/structures.h"

#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "image/line_palette.h"

namespace hypersynth {
namespace {

using Color = std::array<double, 3>;

Color linear(const std::array<std::uint8_t, 3>& color) {
  Color result{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double part = color[i] / 255.;
    result[i] = part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  }
  return result;
}

Color times(const std::array<Color, 3>& matrix, const Color& color) {
  Color result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result[i] += matrix[i][j] * color[j];
    result[i] = std::min(1., std::max(0., result[i]));
  }
  return result;
}

/// What readers see of a colour: those with all receptors, without green ones (deuteranopia) and
/// without red ones (protanopia), after Machado, Oliveira and Fernandes 2009.
const std::array<std::array<Color, 3>, 3> kVisions{{{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
                                                    {{{0.367322, 0.860646, -0.227968},
                                                      {0.280085, 0.672501, 0.047413},
                                                      {-0.011820, 0.042940, 0.968881}}},
                                                    {{{0.152286, 1.052583, -0.204868},
                                                      {0.114503, 0.786281, 0.099216},
                                                      {-0.003882, -0.048116, 1.051998}}}}};

/// CIE L*a*b* (D65).
Color lab(const Color& color) {
  Color xyz = times({{{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
                      {0.2126, 0.7152, 0.0722},
                      {0.0193 / 1.0890, 0.1192 / 1.0890, 0.9505 / 1.0890}}},
                    color);
  for (double& part : xyz) part = part > 0.008856 ? std::cbrt(part) : 7.787 * part + 16. / 116;
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

using Bytes = std::array<std::uint8_t, 3>;

/// How a reader with vision `which` sees a colour, in CIE L*a*b*.
Color seen(const Bytes& color, std::size_t which) {
  return lab(times(kVisions[which], linear(color)));
}

/// The least of the distances that the readers see.
double distance(const Bytes& first, const Bytes& second) {
  double least = 1000;
  for (std::size_t which = 0; which < kVisions.size(); ++which) {
    const Color a = seen(first, which), b = seen(second, which);
    least = std::min(least, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  }
  return least;
}

Bytes line_of(std::int32_t index) {
  const Structure& structure = *find_structure(index);
  const LineColor& color = line_palette()[structure.line_color];
  return structure.right_tone ? color.right : color.left;
}

/// Left structures, by FreeSurfer's index, that touch.
const std::pair<int, int> kNeighbours[] = {
    {2, 3},   {2, 4},   {2, 5},   {2, 10},  {2, 11},  {2, 12},  {2, 13},  {2, 17},  {2, 18},
    {2, 24},  {2, 26},  {2, 28},  {3, 8},   {3, 17},  {3, 18},  {3, 24},  {4, 10},  {4, 11},
    {4, 17},  {5, 17},  {5, 18},  {7, 8},   {7, 15},  {7, 16},  {8, 24},  {10, 11}, {10, 13},
    {10, 14}, {10, 16}, {10, 28}, {11, 12}, {11, 26}, {12, 13}, {12, 18}, {12, 26}, {13, 26},
    {13, 28}, {14, 28}, {15, 16}, {16, 28}, {17, 18}, {14, 24}, {16, 24}, {24, 28}, {14, 16},
    {4, 14},  {8, 15},  {8, 16},  {17, 28}, {18, 28}, {15, 24}, {11, 14}};

std::int32_t right_of(std::int32_t left) {
  const std::string name = find_structure(left)->abbreviation;
  for (std::int32_t index = 0; index < 100; ++index) {
    const Structure* const other = find_structure(index);
    if (other != nullptr && name.substr(0, 2) == "L-" &&
        "R" + name.substr(1) == other->abbreviation)
      return index;
  }
  return left;
}

TEST(LinePaletteTest, NoColourIsAGreyOrAnotherOfTheSameSideForAnyReader) {
  const auto palette = line_palette();
  for (std::size_t i = 0; i < palette.size(); ++i) {
    EXPECT_GT(distance(palette[i].left, palette[i].right), 18) << i;
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_GT(distance(palette[i].left, palette[j].left), 18) << i << " and " << j;
      EXPECT_GT(distance(palette[i].right, palette[j].right), 18) << i << " and " << j;
    }
    for (int level = 0; level < 256; ++level) {
      const auto grey = static_cast<std::uint8_t>(level);
      EXPECT_GT(distance(palette[i].left, {grey, grey, grey}), 14) << i << ", grey " << level;
      EXPECT_GT(distance(palette[i].right, {grey, grey, grey}), 14) << i << ", grey " << level;
    }
  }
}

TEST(LinePaletteTest, EveryColourIsLightOnItsDarkRim) {
  for (const LineColor& color : line_palette()) {
    for (std::size_t which = 0; which < kVisions.size(); ++which) {
      EXPECT_GT(seen(color.left, which)[0], 50);
      EXPECT_GT(seen(color.right, which)[0], 50);
    }
  }
}

TEST(StructuresTest, OutlinesOfNeighboursAndOfBothSidesAreToldApartByEveryReader) {
  for (const auto& [a, b] : kNeighbours) {
    EXPECT_GT(distance(line_of(a), line_of(b)), 20) << a << " and " << b;
    EXPECT_GT(distance(line_of(right_of(a)), line_of(right_of(b))), 20) << a << " and " << b;
  }
  for (std::int32_t index = 1; index < 100; ++index) {
    if (find_structure(index) == nullptr || right_of(index) == index) continue;
    EXPECT_GT(distance(line_of(index), line_of(right_of(index))), 18) << index;
  }
}

}  // namespace
}  // namespace hypersynth
