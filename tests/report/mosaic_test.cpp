#include "report/mosaic.h"

#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "example_report.h"
#include "report/mosaic_plan.h"

namespace hypersynth {
namespace {

/// A 40 x 50 x 60 mm box: labels 1 (left) and 2 (right) in a brighter block, a bright spot in front
/// on the left side.
ExampleHead block(double thickness_mm = 1) {
  ExampleHead head;
  head.spacing_mm = {1, 1, thickness_mm};
  head.shape = {40, 50, static_cast<std::int64_t>(60 / thickness_mm)};
  for (std::int64_t k = 0; k < head.shape[2]; ++k) {
    for (int j = 0; j < 50; ++j) {
      for (int i = 0; i < 40; ++i) {
        const double z = (static_cast<double>(k) + 0.5) * thickness_mm;
        const bool inside = i >= 10 && i < 30 && j >= 10 && j < 40 && z > 12 && z < 48;
        const bool spot = i >= 12 && i < 16 && j >= 34 && j < 38;
        head.labels.push_back(inside ? (i < 20 ? 1 : 2) : 0);
        head.intensities.push_back(inside ? (spot ? 200.f : 100.f) : 10.f);
      }
    }
  }
  return head;
}

const std::vector<LabelColour> kColours = {{1, {255, 0, 0}}, {2, {0, 255, 0}}};

/// The mean position of the drawn pixels of one colour within the tile at column 0, row 0.
struct Centre {
  double x = 0, y = 0;
  int pixels = 0;
};

Centre centre_of(const IndexedImage& image, Rgb colour, int width, int height) {
  Centre centre;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint8_t entry = image.at(x, y);
      if (entry == 0 || !(image.palette[entry] == colour)) continue;
      centre.x += x;
      centre.y += y;
      ++centre.pixels;
    }
  }
  centre.x /= std::max(1, centre.pixels);
  centre.y /= std::max(1, centre.pixels);
  return centre;
}

int tile_width(const MosaicOptions& options) { return options.width_px / options.columns; }

TEST(MosaicTest, TheThreePicturesOfAPlaneHaveOneSizeSoThatTheyLieOverEachOther) {
  const ExampleHead head = block();
  for (const Mosaic& mosaic : draw_mosaics(head.view(), kColours)) {
    EXPECT_EQ(mosaic.anatomy.width, mosaic.structures.width);
    EXPECT_EQ(mosaic.anatomy.height, mosaic.structures.height);
    EXPECT_EQ(mosaic.anatomy.width, mosaic.brain.width);
    EXPECT_EQ(mosaic.anatomy.height, mosaic.brain.height);
    EXPECT_EQ(mosaic.slices_mm.size(), 14u) << to_string(mosaic.plane);
  }
}

TEST(BackgroundTest, ShowsTheWholeFieldOfViewWithFaintAirApartFromNothingAndTheHeadInBlack) {
  ExampleHead head = block();
  const auto offset = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    return static_cast<std::size_t>(i + 40 * (j + 50 * k));
  };
  std::vector<std::uint8_t> air(head.labels.size(), 0);
  for (std::size_t v = 0; v < air.size(); ++v) {
    air[v] = head.labels[v] == 0;
    if (air[v] != 0) head.intensities[v] = v % 2 == 0 ? 2.F : 3.F;
  }
  for (std::int64_t k = 0; k < head.shape[2]; ++k) {
    for (int j = 2; j < 8; ++j) {
      for (int i = 2; i < 8; ++i) {
        head.intensities[offset(i, j, k)] = 4.5F;  // a ghost
        air[offset(i, j, k)] = 2;
      }
    }
  }
  VoxelView view = head.view();
  view.labels = std::span<const std::uint8_t>(air);
  const MosaicOptions options;
  const BackgroundOptions colours;
  const Mosaic mosaic = draw_background(view, options, colours);
  // All 40 x 50 mm are shown, front on top: voxel (i, j) of a tile of 260 px.
  const int tile = 8;  // in the middle of the head
  const int left = tile % options.columns * tile_width(options);
  const int height = (mosaic.anatomy.height - 2 * options.text_height_px - 4) / options.rows;
  const auto level = [&](int i, int j) {
    const int x = left + static_cast<int>((i + 0.5) * (tile_width(options) - 3) / 40);
    const int y = height + static_cast<int>((49.5 - j) * (height - 3) / 50);
    return static_cast<int>(mosaic.anatomy.at(x, y));
  };
  EXPECT_LT(level(20, 25), 16) << "the head";
  EXPECT_GT(level(35, 25), level(5, 5) + 40) << "air and ghost";
  EXPECT_GT(level(5, 5), level(20, 25) + 10) << "ghost and head";
  EXPECT_GT(centre_of(mosaic.structures, colours.air, 1800, mosaic.anatomy.height).pixels, 1000);
  EXPECT_GT(centre_of(mosaic.structures, colours.artefact, 1800, mosaic.anatomy.height).pixels,
            500);
}

TEST(BackgroundTest, IsDrawnWithoutAirAndWithoutAnythingInTheImage) {
  ExampleHead head = block();
  VoxelView view = head.view();
  view.labels = std::span<const std::uint8_t>();
  EXPECT_EQ(draw_background(view).anatomy.width, MosaicOptions().width_px);
  std::fill(head.intensities.begin(), head.intensities.end(), 0.F);
  const Mosaic nothing = draw_background(view);
  EXPECT_GT(nothing.anatomy.at(130, 60), 240) << "white";
}

TEST(MosaicTest, NeurologicalConventionShowsTheLeftOnTheLeftAndRadiologicalOnTheRight) {
  const ExampleHead head = block();
  MosaicOptions options;
  for (const Convention convention : {Convention::kNeurological, Convention::kRadiological}) {
    options.convention = convention;
    const auto mosaics = draw_mosaics(head.view(), kColours, options);
    for (int plane = 0; plane < 2; ++plane) {
      const int width = tile_width(options);
      const Centre left = centre_of(mosaics[plane].structures, {255, 0, 0}, width, 100);
      const Centre right = centre_of(mosaics[plane].structures, {0, 255, 0}, width, 100);
      ASSERT_GT(left.pixels, 0);
      ASSERT_GT(right.pixels, 0);
      EXPECT_EQ(left.x < right.x, convention == Convention::kNeurological) << plane;
    }
  }
}

TEST(MosaicTest, AScanOfFineVoxelsHasTilesThatShowEachOfThem) {
  const MosaicOptions usual;
  const auto tile = [](std::int64_t voxels, const MosaicOptions& options) {
    const ExampleHead head =
        example_head({voxels, 12, 12}, {200.0 / static_cast<double>(voxels), 8, 8});
    return draw_mosaics(head.view(), kColours, options)[0].geometry.tile_width;
  };
  EXPECT_EQ(tile(100, usual), tile_width(usual));
  const int fine = tile(400, usual);
  EXPECT_GT(fine, tile_width(usual));
  EXPECT_LE(fine, 400);
  EXPECT_EQ(tile(2000, usual), usual.most_width_px / usual.columns);
  MosaicOptions fixed;
  fixed.most_width_px = 0;
  EXPECT_EQ(tile(2000, fixed), tile_width(fixed));
}

TEST(MosaicTest, TheFrontIsAtTheTopOfAxialAndAtTheRightOfSagittalTiles) {
  const ExampleHead head = block();
  MosaicOptions options;
  options.columns = options.rows = 1;
  options.width_px = 400;
  const auto mosaics = draw_mosaics(head.view(), kColours, options);
  const auto brightest = [](const GrayImage& picture, int height) {
    Centre centre;
    for (int y = height / 4; y < height; ++y) {
      for (int x = picture.width / 8; x < picture.width * 7 / 8; ++x) {
        if (picture.at(x, y) < 225) continue;
        centre.x += x;
        centre.y += y;
        ++centre.pixels;
      }
    }
    centre.x /= std::max(1, centre.pixels);
    centre.y /= std::max(1, centre.pixels);
    return centre;
  };
  // The spot at i 12-15 of 0-39, j 34-37 of 0-49: left and in front.
  const Centre spot = brightest(mosaics[0].anatomy, 400);
  ASSERT_GT(spot.pixels, 20);
  EXPECT_NEAR(spot.x, 400 * 14 / 40., 15);
  EXPECT_NEAR(spot.y, 400 * 50 / 40. * (50 - 36) / 50., 15);
}

TEST(MosaicTest, OutlinesLieOnTheBorderOfTheStructureInTheAnatomy) {
  const ExampleHead head = block();
  MosaicOptions options;
  options.columns = options.rows = 1;
  options.width_px = 800;
  options.margin_mm = 100;
  const Mosaic axial = draw_mosaics(head.view(), kColours, options)[0];
  const double px_per_mm = 797 / 40.;
  int red = 0;
  for (int y = 0; y < 950; ++y) {
    for (int x = 0; x < axial.structures.width; ++x) {
      const std::uint8_t entry = axial.structures.at(x, y);
      if (entry == 0) continue;
      red += axial.structures.palette[entry] == Rgb{255, 0, 0};
      const double i = x / px_per_mm, j = 50 - y / px_per_mm;
      const double to_i = std::min({std::abs(i - 10), std::abs(i - 20), std::abs(i - 30)});
      const double to_j = std::min(std::abs(j - 10), std::abs(j - 40));
      ASSERT_LT(std::min(to_i, to_j), 0.3) << i << " " << j;
    }
  }
  // Twice 10 mm and twice 30 mm of border, about one pixel wide.
  EXPECT_NEAR(red, 80 * px_per_mm, 0.1 * 80 * px_per_mm);
}

TEST(MosaicTest, ThickSlicesKeepTheProportionsOfTheHead) {
  const ExampleHead thin = block(1), thick = block(6);
  const auto a = draw_mosaics(thin.view(), kColours), b = draw_mosaics(thick.view(), kColours);
  const auto ratio = [](const Mosaic& mosaic) {
    return static_cast<double>(mosaic.anatomy.height) / mosaic.anatomy.width;
  };
  EXPECT_NEAR(ratio(a[1]), ratio(b[1]), 0.05);
  EXPECT_NEAR(ratio(a[2]), ratio(b[2]), 0.05);
  // 6 slices of 6 mm hold labels: no slice is shown twice.
  const std::set<double> slices(b[0].slices_mm.begin(), b[0].slices_mm.end());
  EXPECT_EQ(slices.size(), b[0].slices_mm.size());
  EXPECT_EQ(slices.size(), 6u);
}

TEST(MosaicTest, SlicesSpanTheLabelledRegionInWorldCoordinates) {
  const ExampleHead head = block();
  const Mosaic axial = draw_mosaics(head.view(), kColours)[0];
  // Labelled: k 12-47 of 60, the grid is centred, so z is k - 29.5.
  EXPECT_GE(axial.slices_mm.front(), 12 - 29.5);
  EXPECT_LE(axial.slices_mm.front(), 14 - 29.5);
  EXPECT_LE(axial.slices_mm.back(), 47 - 29.5);
  EXPECT_GE(axial.slices_mm.back(), 45 - 29.5);
  EXPECT_TRUE(std::is_sorted(axial.slices_mm.begin(), axial.slices_mm.end()));
}

TEST(MosaicTest, TheOrientationOfTheVoxelsInMemoryDoesNotChangeThePicture) {
  const ExampleHead head = block();
  ExampleHead flipped = head;
  VoxelView view = head.view();
  for (std::int64_t k = 0; k < 60; ++k) {
    for (std::int64_t j = 0; j < 50; ++j) {
      const auto row = static_cast<std::ptrdiff_t>(40 * (j + 50 * k));
      std::reverse(flipped.intensities.begin() + row, flipped.intensities.begin() + row + 40);
      std::reverse(flipped.labels.begin() + row, flipped.labels.begin() + row + 40);
    }
  }
  VoxelView other = flipped.view();
  other.world_from_voxel[0][0] = -1;
  other.world_from_voxel[0][3] = 19.5;
  const auto a = draw_mosaics(view, kColours), b = draw_mosaics(other, kColours);
  for (int plane = 0; plane < 3; ++plane) {
    EXPECT_EQ(a[plane].structures.pixels, b[plane].structures.pixels);
    EXPECT_EQ(a[plane].slices_mm, b[plane].slices_mm);
  }
}

TEST(MosaicTest, AnIntensityOfAnyKindGivesAPicture) {
  ExampleHead head = block();
  head.intensities[5] = std::numeric_limits<float>::infinity();
  head.intensities[6] = std::numeric_limits<float>::quiet_NaN();
  head.intensities[7] = 1e30f;
  const GreyWindow window = grey_window(head.view());
  EXPECT_NEAR(window.black, 10, 1);
  EXPECT_LT(window.white, 300);
  EXPECT_GT(window.white, 95);
  std::fill(head.intensities.begin(), head.intensities.end(),
            std::numeric_limits<float>::quiet_NaN());
  EXPECT_NO_THROW(draw_mosaics(head.view(), kColours));
  std::fill(head.intensities.begin(), head.intensities.end(), 3.f);
  EXPECT_NO_THROW(draw_mosaics(head.view(), kColours));
}

TEST(MosaicTest, WithoutLabelsTheWholeGridIsShownAndNothingOutlined) {
  ExampleHead head = block();
  VoxelView view = head.view();
  view.labels = std::span<const std::int32_t>();
  for (const Mosaic& mosaic : draw_mosaics(view, {})) {
    EXPECT_EQ(std::count(mosaic.structures.pixels.begin(), mosaic.structures.pixels.end(), 0),
              static_cast<std::ptrdiff_t>(mosaic.structures.pixels.size()));
    EXPECT_EQ(mosaic.slices_mm.size(), 14u);
  }
}

TEST(MosaicTest, TheBrainMaskHasItsOwnOutline) {
  const ExampleHead head = block();
  std::vector<std::uint8_t> mask(head.labels.size());
  for (std::size_t v = 0; v < mask.size(); ++v) mask[v] = head.labels[v] == 1;
  VoxelView view = head.view();
  const MosaicOptions options;
  const Centre whole =
      centre_of(draw_mosaics(view, kColours)[0].brain, options.brain, tile_width(options), 100);
  view.brain_mask = mask;
  const Centre left =
      centre_of(draw_mosaics(view, kColours)[0].brain, options.brain, tile_width(options), 100);
  ASSERT_GT(left.pixels, 0);
  EXPECT_LT(left.x, whole.x);
}

/// The block, stored in another order and turned in the world: label 9 marks a few voxels.
struct ObliqueBlock {
  ExampleHead head;
  std::array<std::array<double, 4>, 4> world_from_voxel;
  std::vector<std::array<double, 3>> marked_mm;  ///< where the marked voxels are

  VoxelView view() const {
    VoxelView view = head.view();
    view.world_from_voxel = world_from_voxel;
    return view;
  }
};

/// `order` says which voxel axis runs along right, anterior and superior; `flips` (bits) which of
/// them run the other way.
ObliqueBlock oblique_block(const std::array<int, 3>& order, int flips) {
  ObliqueBlock block;
  const std::array<double, 3> sizes{1, 1.3, 2};
  const std::array<std::int64_t, 3> lengths{40, 44, 25};
  block.head.shape = lengths;
  // Turned by 0.3 about the superior and 0.2 about the right axis.
  const double a = std::cos(0.3), b = std::sin(0.3), c = std::cos(0.2), d = std::sin(0.2);
  const std::array<std::array<double, 3>, 3> turned{
      {{a, -b, 0}, {c * b, c * a, -d}, {d * b, d * a, c}}};
  block.world_from_voxel = {{{0, 0, 0, 11}, {0, 0, 0, -7}, {0, 0, 0, 23}, {0, 0, 0, 1}}};
  for (int axis = 0; axis < 3; ++axis) {
    const int voxel = order[axis];
    const double step = sizes[voxel] * ((flips >> axis & 1) != 0 ? -1 : 1);
    for (int world = 0; world < 3; ++world)
      block.world_from_voxel[world][voxel] = step * turned[world][axis];
  }
  for (std::int64_t k = 0; k < lengths[2]; ++k) {
    for (std::int64_t j = 0; j < lengths[1]; ++j) {
      for (std::int64_t i = 0; i < lengths[0]; ++i) {
        const bool inside = i > 4 && i < 35 && j > 4 && j < 39 && k > 2 && k < 23;
        const bool marked = inside && i % 9 < 3 && j % 7 < 3 && k % 5 < 3;
        block.head.labels.push_back(marked ? 9 : inside ? 1 : 0);
        block.head.intensities.push_back(inside ? 100.F : 10.F);
        if (marked && i % 9 == 1 && j % 7 == 1 && k % 5 == 1) {
          std::array<double, 3> place{};
          for (int world = 0; world < 3; ++world) {
            const auto& row = block.world_from_voxel[world];
            place[world] = row[0] * static_cast<double>(i) + row[1] * static_cast<double>(j) +
                           row[2] * static_cast<double>(k) + row[3];
          }
          block.marked_mm.push_back(place);
        }
      }
    }
  }
  return block;
}

TEST(MosaicTest, EveryPixelOfATileLeadsToItsVoxelInTheWorldHoweverTheImageIsStored) {
  const Rgb marked{255, 0, 0};
  for (const auto& order : {std::array<int, 3>{0, 1, 2}, {2, 0, 1}, {1, 2, 0}, {1, 0, 2}}) {
    for (int flips = 0; flips < 8; ++flips) {
      const ObliqueBlock block = oblique_block(order, flips);
      const VoxelView view = block.view();
      MosaicOptions options;
      options.convention = flips % 2 == 0 ? Convention::kNeurological : Convention::kRadiological;
      const LabelColour colours[] = {{1, {0, 0, 255}}, {9, marked}};
      int looked_at = 0;
      for (const Mosaic& mosaic : draw_mosaics(view, colours, options)) {
        const MosaicGeometry& tiles = mosaic.geometry;
        ASSERT_EQ(tiles.corners_mm.size(), mosaic.slices_mm.size());
        ASSERT_EQ(tiles.names.size(), mosaic.slices_mm.size());
        for (std::size_t tile = 0; tile < tiles.corners_mm.size(); ++tile) {
          const int left = static_cast<int>(tile) % tiles.columns * tiles.tile_width;
          const int top = static_cast<int>(tile) / tiles.columns * tiles.tile_height;
          for (int y = 3; y < tiles.slice_height; y += 11) {
            for (int x = 3; x < tiles.slice_width; x += 11) {
              std::array<double, 3> place{};
              for (int i = 0; i < 3; ++i)
                place[i] = tiles.corners_mm[tile][i] +
                           tiles.across_mm[i] * (x + 0.5) / tiles.slice_width +
                           tiles.down_mm[i] * (y + 0.5) / tiles.slice_height;
              // A block of 3 x 3 x 3 voxels reaches 1.5 voxels from its middle.
              double least = 1e9;
              for (const auto& mark : block.marked_mm) {
                double most = 0;  // voxels along the worst axis
                for (int voxel = 0; voxel < 3; ++voxel) {
                  double along = 0, size2 = 0;
                  for (int world = 0; world < 3; ++world) {
                    const double step = view.world_from_voxel[world][voxel];
                    along += (place[world] - mark[world]) * step;
                    size2 += step * step;
                  }
                  most = std::max(most, std::abs(along) / size2);
                }
                least = std::min(least, most);
              }
              const std::uint8_t entry = mosaic.filled.at(left + x, top + y);
              const bool is_marked = entry != 0 && mosaic.filled.palette[entry] == marked;
              if (least < 1.3 || least > 1.7) {
                EXPECT_EQ(is_marked, least < 1.3) << to_string(mosaic.plane);
              }
              looked_at += least < 1.3;
            }
          }
        }
      }
      EXPECT_GT(looked_at, 300);
    }
  }
}

TEST(MosaicTest, FilledStructuresAreAreasThatTheScanShinesThrough) {
  const Mosaic axial = draw_mosaics(block().view(), kColours)[0];
  int areas = 0, lines = 0;
  for (std::size_t i = 0; i < axial.filled.pixels.size(); ++i) {
    const std::uint8_t line = axial.structures.pixels[i], area = axial.filled.pixels[i];
    areas += area != 0;
    lines += line > 1;
    if (line > 1) {
      ASSERT_EQ(axial.structures.palette[line], axial.filled.palette[area]);
    }
  }
  EXPECT_GT(areas, 5 * lines);
  ASSERT_EQ(axial.filled.opacity.size(), axial.filled.palette.size());
  for (std::size_t entry = 2; entry < axial.filled.opacity.size(); ++entry) {
    EXPECT_GT(axial.filled.opacity[entry], 60);
    EXPECT_LT(axial.filled.opacity[entry], 200);
  }
}

TEST(BiasTest, DarkerAndBrighterTissueHaveTwoColoursThatGrowWithTheBias) {
  const ExampleHead head = block();
  std::vector<std::uint8_t> percent(head.labels.size());
  for (std::size_t v = 0; v < percent.size(); ++v)
    percent[v] = static_cast<std::uint8_t>(80 + v % 40);  // from left to right
  const IndexedImage field = draw_bias(head.view(), percent);
  const IndexedImage labels = draw_mosaics(head.view(), kColours)[0].filled;
  ASSERT_EQ(field.width, labels.width);
  ASSERT_EQ(field.height, labels.height);
  const int width = tile_width({});
  int before = -1000, coloured = 0;
  for (int x = 0; x < width - 3; ++x) {
    const std::uint8_t entry = field.at(x, field.height / 4);
    EXPECT_EQ(entry == 0, labels.at(x, field.height / 4) == 0) << x;
    if (entry == 0) continue;
    const bool brighter = field.palette[entry] == BiasScale::colour(1);
    const int strength = brighter ? field.opacity[entry] : -field.opacity[entry];
    EXPECT_GE(strength, before) << x;
    before = strength;
    coloured += strength < -40 || strength > 40;
  }
  EXPECT_GT(before, 40);
  EXPECT_GT(coloured, 40);
  percent.pop_back();
  EXPECT_THROW(draw_bias(head.view(), percent), std::invalid_argument);
}

TEST(MosaicTest, EveryOutlineHasADarkHalo) {
  const Mosaic axial = draw_mosaics(block().view(), kColours)[0];
  for (const IndexedImage* picture : {&axial.structures, &axial.brain}) {
    int lines = 0, halos = 0;
    for (const std::uint8_t entry : picture->pixels) {
      lines += entry > 1;
      halos += entry == 1;
    }
    EXPECT_GT(lines, 0);
    EXPECT_GT(halos, lines / 2);
    EXPECT_EQ(picture->palette[1], Rgb{});
    ASSERT_EQ(picture->opacity.size(), 2u);
    EXPECT_GT(picture->opacity[1], 0);
    EXPECT_LT(picture->opacity[1], 255);
  }
}

TEST(MosaicTest, SagittalTilesNameTheSideOfTheBrain) {
  // The head lies to the right of the world's origin: all of its x are positive.
  ExampleHead head = example_head({60, 72, 60}, {3, 3, 3});
  VoxelView view = head.view();
  const Mosaic at_origin = draw_mosaics(view, kColours)[2];
  view.world_from_voxel[0][3] += 300;
  const Mosaic beside = draw_mosaics(view, kColours)[2];
  EXPECT_GT(beside.slices_mm.front(), 0);
  EXPECT_EQ(beside.sides, at_origin.sides);
  EXPECT_EQ(beside.sides.front(), "left");
  EXPECT_EQ(beside.sides.back(), "right");
}

TEST(MosaicTest, LabelsOutsideTheTableAreOutlinedInAColourOfTheirOwn) {
  ExampleHead head = block();
  for (auto& label : head.labels) label = label == 2 ? 1234567 : label;
  const MosaicOptions options;
  const Mosaic axial = draw_mosaics(head.view(), kColours, options)[0];
  EXPECT_GT(centre_of(axial.structures, options.unlisted, tile_width(options), 100).pixels, 0);
}

TEST(MosaicTest, MoreThan255ColoursFallBackOnTheMostLikeOne) {
  ExampleHead head = block();
  std::vector<LabelColour> colours;
  for (int label = 1; label <= 1000; ++label) {
    colours.push_back(
        {label, {static_cast<std::uint8_t>(label), static_cast<std::uint8_t>(label / 4), 0}});
  }
  for (std::size_t v = 0; v < head.labels.size(); ++v) {
    if (head.labels[v] != 0) head.labels[v] = static_cast<std::int32_t>(1 + v % 1000);
  }
  for (const Mosaic& mosaic : draw_mosaics(head.view(), colours)) {
    EXPECT_EQ(mosaic.structures.palette.size(), 256u);
  }
}

TEST(MosaicTest, UnsignedLabelsGiveTheSamePicture) {
  const ExampleHead head = block();
  const std::vector<std::uint8_t> bytes(head.labels.begin(), head.labels.end());
  const std::vector<std::uint16_t> words(head.labels.begin(), head.labels.end());
  VoxelView view = head.view();
  const auto expected = draw_mosaics(view, kColours);
  view.labels = std::span<const std::uint8_t>(bytes);
  EXPECT_EQ(draw_mosaics(view, kColours)[2].structures.pixels, expected[2].structures.pixels);
  view.labels = std::span<const std::uint16_t>(words);
  EXPECT_EQ(draw_mosaics(view, kColours)[2].structures.pixels, expected[2].structures.pixels);
}

TEST(MosaicTest, ASingleVoxelAndASingleSliceArePictures) {
  for (const auto& shape : {std::array<std::int64_t, 3>{1, 1, 1}, {64, 64, 1}, {1, 64, 64}}) {
    const ExampleHead head = example_head(shape, {3, 3, 3});
    for (const Mosaic& mosaic : draw_mosaics(head.view(), kColours)) {
      EXPECT_GT(mosaic.anatomy.width, 0);
      EXPECT_GT(mosaic.anatomy.height, 0);
      EXPECT_LT(mosaic.anatomy.height, 20000);
    }
  }
}

TEST(MosaicPlanTest, ChoosesSlicesEvenlyAndSkipsTips) {
  std::vector<std::int64_t> counts(100, 0);
  for (int k = 20; k < 80; ++k) counts[k] = 1000;
  counts[10] = 1;
  const auto slices = choose_slices(counts, 6);
  EXPECT_EQ(slices, (std::vector<std::int64_t>{25, 35, 45, 55, 65, 75}));
  EXPECT_EQ(choose_slices(std::vector<std::int64_t>(3, 5), 6),
            (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(choose_slices(std::vector<std::int64_t>(4, 0), 2), (std::vector<std::int64_t>{1, 3}));
}

}  // namespace
}  // namespace hypersynth
