// The volumes of a head do not depend on how its scan is stored: on the order and direction of its
// axes, the size and angle of its voxels, the air around it, the scale of its intensities or a
// voxel that is far too bright. The network here only compares intensities, so that all of what is
// around a network is tested, in no time.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/inference/segmenter.h"

namespace hypersynth {
namespace {

constexpr double kSoftRadius_mm = 32;
constexpr double kBrainRadius_mm = 24;

/// A bright ball inside a grey one, whose centre is 4 mm to the right of the world's origin.
double intensity_at(const std::array<double, 3>& world) {
  const double distance = std::hypot(world[0] - 4, world[1], world[2]);
  return distance < kBrainRadius_mm ? 1000 : distance < kSoftRadius_mm ? 300 : 0;
}

/// The balls on a grid; every voxel is the mean of 27 points in it.
Image draw(const Grid& grid) {
  Image image(grid);
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < grid.shape[0]; ++i) {
        double sum = 0;
        for (int part = 0; part < 27; ++part) {
          const auto at = [&](std::int64_t index, int step) {
            return static_cast<double>(index) + (part / step % 3 - 1) / 3.0;
          };
          sum += intensity_at(transform(grid.world_from_voxel, {at(i, 1), at(j, 3), at(k, 9)}));
        }
        image.at(i, j, k) = static_cast<float>(sum / 27);
      }
    }
  }
  return image;
}

/// A grid around the world's origin, with voxels of `spacing` and axes turned by `degrees` about
/// (1,1,1).
Grid centred_grid(const std::array<double, 3>& spacing, double degrees = 0, double extent_mm = 80) {
  const double angle = degrees * std::acos(-1.0) / 180;
  const double diagonal = (1 + 2 * std::cos(angle)) / 3;
  const double plus = (1 - std::cos(angle)) / 3 + std::sin(angle) / std::sqrt(3.0);
  const double minus = (1 - std::cos(angle)) / 3 - std::sin(angle) / std::sqrt(3.0);
  const std::array<std::array<double, 3>, 3> turn{
      {{diagonal, minus, plus}, {plus, diagonal, minus}, {minus, plus, diagonal}}};
  Grid grid;
  for (std::size_t axis = 0; axis < 3; ++axis)
    grid.shape[axis] = static_cast<std::int64_t>(std::lround(extent_mm / spacing[axis]));
  for (std::size_t row = 0; row < 3; ++row) {
    grid.world_from_voxel[row][3] = 0;
    for (std::size_t column = 0; column < 3; ++column) {
      grid.world_from_voxel[row][column] = turn[row][column] * spacing[column];
      grid.world_from_voxel[row][3] -=
          grid.world_from_voxel[row][column] * static_cast<double>(grid.shape[column] - 1) / 2;
    }
  }
  return grid;
}

/// The image with its voxel axes in another order and direction, in the same place of the world.
Image reordered(const Image& image, const std::array<std::size_t, 3>& axes, int flips) {
  Affine from_new{};
  from_new[3][3] = 1;
  Grid grid = image.grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool flip = (flips >> axis & 1) != 0;
    grid.shape[axis] = image.grid.shape[axes[axis]];
    from_new[axes[axis]][axis] = flip ? -1 : 1;
    if (flip) from_new[axes[axis]][3] = static_cast<double>(grid.shape[axis] - 1);
  }
  grid.world_from_voxel = multiply(image.grid.world_from_voxel, from_new);
  Image result(grid);
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < grid.shape[0]; ++i) {
        const auto old = transform(from_new, {double(i), double(j), double(k)});
        result.at(i, j, k) =
            image.at(std::lround(old[0]), std::lround(old[1]), std::lround(old[2]));
      }
    }
  }
  return result;
}

/// Three classes by intensity: background, soft tissue and brain, with soft borders.
class ByIntensity : public InferenceNetwork {
 public:
  void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    const auto ni = static_cast<std::size_t>(shape[2]);
    std::vector<float> row(3 * ni);
    for (std::int64_t k = 0; k < shape[0]; ++k) {
      for (std::int64_t j = 0; j < shape[1]; ++j) {
        for (std::size_t i = 0; i < ni; ++i) {
          const float x = voxels[(static_cast<std::size_t>(k * shape[1] + j)) * ni + i];
          const float brain = std::clamp((x - 0.3F) / 0.7F, 0.0F, 1.0F);
          const float soft = std::clamp(x / 0.3F, 0.0F, 1.0F) - brain;
          row[i] = 1 - soft - brain;
          row[ni + i] = soft;
          row[2 * ni + i] = brain;
        }
        sink(k, j, row.data(), shape[2]);
      }
    }
  }
  std::string device() const override { return "none"; }
};

std::vector<LabelVolume> volumes_of(const Image& image) {
  ModelManifest model;
  model.labels = {{0, "background"}, {1, "soft tissue"}, {2, "brain"}};
  PoolUnetOptions unet;
  unet.levels = 2;
  unet.out_channels = 3;
  model.architecture = unet;
  ByIntensity network;
  SegmenterOptions options;
  options.fast = true;
  return Segmenter(model, network, options).segment(image).volumes;
}

class ScanGeometryTest : public testing::Test {
 protected:
  static constexpr double kMost_percent = 2;

  static void expect_same(const std::vector<LabelVolume>& found, double most_percent) {
    ASSERT_EQ(found.size(), unchanged().size());
    for (std::size_t n = 0; n < found.size(); ++n) {
      const LabelVolume& wanted = unchanged()[n];
      EXPECT_NEAR(found[n].soft_mm3 / wanted.soft_mm3, 1, most_percent / 100) << wanted.name;
      EXPECT_NEAR(found[n].hard_mm3 / wanted.hard_mm3, 1, most_percent / 100) << wanted.name;
    }
  }
  static const Image& scan() {
    static const Image image = draw(centred_grid({1, 1, 1}));
    return image;
  }
  static const std::vector<LabelVolume>& unchanged() {
    static const std::vector<LabelVolume> volumes = volumes_of(scan());
    return volumes;
  }
};

TEST_F(ScanGeometryTest, TheUnchangedScanHasTheVolumeThatWasDrawn) {
  const auto ball = [](double radius) { return 4 * std::acos(-1.0) / 3 * std::pow(radius, 3); };
  EXPECT_NEAR(unchanged()[1].soft_mm3 / ball(kBrainRadius_mm), 1, 0.02);
  EXPECT_NEAR(unchanged()[1].hard_mm3 / ball(kBrainRadius_mm), 1, 0.02);
}

TEST_F(ScanGeometryTest, EveryStorageOrderGivesExactlyTheSameVolumes) {
  std::array<std::size_t, 3> axes{0, 1, 2};
  do {
    for (int flips = 0; flips < 8; ++flips) {
      SCOPED_TRACE(std::to_string(axes[0]) + std::to_string(axes[1]) + std::to_string(axes[2]) +
                   " " + std::to_string(flips));
      expect_same(volumes_of(reordered(scan(), axes, flips)), 1e-9);
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
}

TEST_F(ScanGeometryTest, AnObliqueGridGivesTheSameVolumes) {
  for (const double degrees : {10.0, 30.0}) {
    SCOPED_TRACE(degrees);
    expect_same(volumes_of(draw(centred_grid({1, 1, 1}, degrees, 90))), kMost_percent);
  }
}

TEST_F(ScanGeometryTest, OtherVoxelSizesGiveTheSameVolumes) {
  for (const std::array<double, 3>& spacing :
       {std::array{0.8, 0.8, 0.8}, {0.5, 0.5, 0.5}, {1.2, 0.9, 1.5}, {1.03, 0.97, 1.0}}) {
    SCOPED_TRACE(spacing[0]);
    expect_same(volumes_of(draw(centred_grid(spacing))), kMost_percent);
  }
}

TEST_F(ScanGeometryTest, ThickSlicesKeepTheSoftVolumeOfTheWhole) {
  const double wanted = unchanged()[0].soft_mm3 + unchanged()[1].soft_mm3;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::array<double, 3> spacing{1, 1, 1};
    spacing[axis] = 5;
    const auto found = volumes_of(draw(centred_grid(spacing)));
    EXPECT_NEAR((found[0].soft_mm3 + found[1].soft_mm3) / wanted, 1, 0.05) << axis;
  }
}

TEST_F(ScanGeometryTest, AirAroundTheHeadAndACloseCutChangeNothing) {
  for (const double extent_mm : {66.0, 110.0, 140.0}) {
    SCOPED_TRACE(extent_mm);
    expect_same(volumes_of(draw(centred_grid({1, 1, 1}, 0, extent_mm))), kMost_percent);
  }
}

TEST_F(ScanGeometryTest, TheScaleOfIntensitiesChangesNothing) {
  for (const float factor : {10.0F, 0.001F, 1e6F}) {
    Image image = scan();
    for (float& value : image.voxels) value *= factor;
    SCOPED_TRACE(factor);
    expect_same(volumes_of(image), 0.1);
  }
}

TEST_F(ScanGeometryTest, AVoxelThatIsFarTooBrightChangesNothing) {
  Image image = scan();
  image.at(2, 2, 2) = 1000 * 1000;
  expect_same(volumes_of(image), 0.1);
}

}  // namespace
}  // namespace hypersynth
