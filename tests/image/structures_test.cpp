#include "image/structures.h"

#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>

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

/// What a reader without green receptors sees of a colour (Machado, Oliveira and Fernandes 2009).
Color deuteranopic(const Color& color) {
  return times({{{0.367322, 0.860646, -0.227968},
                 {0.280085, 0.672501, 0.047413},
                 {-0.011820, 0.042940, 0.968881}}},
               color);
}

/// CIE L*a*b* (D65).
Color lab(const Color& color) {
  Color xyz = times({{{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
                      {0.2126, 0.7152, 0.0722},
                      {0.0193 / 1.0890, 0.1192 / 1.0890, 0.9505 / 1.0890}}},
                    color);
  for (double& part : xyz) part = part > 0.008856 ? std::cbrt(part) : 7.787 * part + 16. / 116;
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

double distance(std::int32_t first, std::int32_t second, bool colour_blind) {
  const auto seen = [&](std::int32_t index) {
    const Color color = linear(find_structure(index)->line_color);
    return lab(colour_blind ? deuteranopic(color) : color);
  };
  const Color a = seen(first), b = seen(second);
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Left structures, by FreeSurfer's index, that touch.
const std::pair<int, int> kNeighbours[] = {
    {2, 3},   {2, 4},   {2, 5},   {2, 10},  {2, 11},  {2, 12},  {2, 13},  {2, 17},  {2, 18},
    {2, 24},  {2, 26},  {2, 28},  {3, 8},   {3, 17},  {3, 18},  {3, 24},  {4, 10},  {4, 11},
    {4, 17},  {5, 17},  {5, 18},  {7, 8},   {7, 15},  {7, 16},  {8, 24},  {10, 11}, {10, 13},
    {10, 14}, {10, 16}, {10, 28}, {11, 12}, {11, 26}, {12, 13}, {12, 18}, {12, 26}, {13, 26},
    {13, 28}, {14, 28}, {15, 16}, {16, 28}, {17, 18}};

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

TEST(StructuresTest, OutlinesOfNeighboursAndOfBothSidesAreToldApartAlsoByTheColourBlind) {
  for (const bool colour_blind : {false, true}) {
    for (const auto& [a, b] : kNeighbours) {
      EXPECT_GT(distance(a, b, colour_blind), 20) << a << " and " << b;
      EXPECT_GT(distance(right_of(a), right_of(b), colour_blind), 20) << a << " and " << b;
    }
    for (std::int32_t index = 1; index < 100; ++index) {
      if (find_structure(index) == nullptr || right_of(index) == index) continue;
      EXPECT_GT(distance(index, right_of(index), colour_blind), 15) << index;
    }
  }
}

TEST(StructuresTest, NoOutlineVanishesOnBlack) {
  for (std::int32_t index = 1; index < 100; ++index) {
    if (find_structure(index) == nullptr) continue;
    EXPECT_GT(lab(linear(find_structure(index)->line_color))[0], 50) << index;
  }
}

}  // namespace
}  // namespace hypersynth
