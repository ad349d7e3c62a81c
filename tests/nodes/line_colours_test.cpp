// The colours of outlines, for models of any structures.

#include <set>

#include <gtest/gtest.h>

#include "image/line_palette.h"
#include "image/structures.h"
#include "nodes/lookup.h"

namespace hypersynth {
namespace {

using Colour = std::array<std::uint8_t, 3>;

std::vector<Colour> colours_of(const std::vector<std::pair<int, std::string>>& structures) {
  std::vector<LabelVolume> volumes;
  for (const auto& [index, name] : structures) {
    LabelVolume volume;
    volume.index = index;
    volume.name = name;
    volumes.push_back(volume);
  }
  std::vector<Colour> colours;
  for (const Rgb& colour : line_colours(volumes))
    colours.push_back({colour.red, colour.green, colour.blue});
  return colours;
}

TEST(LineColoursTest, AModelOfFewStructuresHasAColourForEachWhateverItsNumbers) {
  // Numbers that FreeSurfer has for other structures, some of them with one colour.
  const auto tissues = colours_of(
      {{1, "csf"}, {2, "grey matter"}, {3, "white matter"}, {4, "deep grey matter"}, {5, "skull"}});
  const auto heart = colours_of({{500, "LV"},
                                 {600, "RV"},
                                 {420, "LA"},
                                 {550, "RA"},
                                 {205, "myocardium"},
                                 {820, "aorta"},
                                 {850, "pulmonary artery"}});
  for (const auto& colours : {tissues, heart})
    EXPECT_EQ(std::set<Colour>(colours.begin(), colours.end()).size(), colours.size());
  EXPECT_EQ(tissues[0], line_palette()[0].left);
}

TEST(LineColoursTest, TheSidesOfAStructureHaveTheTonesOfOneColour) {
  const auto colours =
      colours_of({{1, "left lung"}, {2, "heart"}, {3, "right lung"}, {4, "Right-Kidney"}});
  EXPECT_EQ(colours[0], line_palette()[0].left);
  EXPECT_EQ(colours[2], line_palette()[0].right);
  EXPECT_EQ(colours[3], line_palette()[2].right);
}

TEST(LineColoursTest, ManyStructuresTakeTurnsAndFreeSurfersKeepTheirs) {
  std::vector<std::pair<int, std::string>> structures;
  for (int i = 0; i < 40; ++i) structures.emplace_back(1000 + i, "parcel " + std::to_string(i));
  structures.emplace_back(41, "right cerebral white matter");
  const auto colours = colours_of(structures);
  for (std::size_t i = 1; i < 40; ++i) EXPECT_NE(colours[i], colours[i - 1]) << i;
  EXPECT_EQ(colours[0], colours[line_palette().size()]);
  EXPECT_EQ(colours.back(), line_palette()[find_structure(41)->line_color].right);
}

}  // namespace
}  // namespace hypersynth
