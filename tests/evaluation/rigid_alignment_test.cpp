// How one scan of a person lies to another: scans of a made-up head that is turned and moved.

#include "evaluation/rigid_alignment.h"

#include <cmath>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

#include "image/rotation.h"

namespace hypersynth {
namespace {

using Place = std::array<double, 3>;

/// A head of blobs that is not like its mirror image, with eight labels: odd ones left, even ones
/// right.
class Head {
 public:
  Head() {
    std::mt19937 random(4);
    std::uniform_real_distribution<double> place(-55, 55), height(-60, 100);
    for (int i = 0; i < 40; ++i)
      blobs_.push_back({{place(random), place(random), place(random)}, height(random)});
  }

  double intensity(const Place& p) const {
    if (!inside(p)) return 0;
    double value = 120;
    for (const auto& [centre, height] : blobs_) {
      const double d = std::hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]);
      value += height * std::exp(-d * d / (2 * 8 * 8));
    }
    return value;
  }
  std::int32_t label(const Place& p) const {
    if (!inside(p)) return 0;
    return 1 + (p[0] > 0 ? 1 : 0) + (p[1] > 5 ? 2 : 0) + (p[2] > -3 ? 4 : 0);
  }

  /// A scan of the head after it was moved by `scan_from_head`.
  LabelledScan scan(const Affine& scan_from_head, double noise = 4, unsigned seed = 1) const {
    Grid grid;
    grid.shape = {64, 68, 60};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      grid.world_from_voxel[axis][axis] = 3;
      grid.world_from_voxel[axis][3] = -1.5 * static_cast<double>(grid.shape[axis] - 1);
    }
    LabelledScan scan{Image(grid), LabelMap(grid)};
    const Affine head_from_voxel = multiply(inverse(scan_from_head), grid.world_from_voxel);
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, noise);
    std::size_t v = 0;
    for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
      for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
        for (std::int64_t i = 0; i < grid.shape[0]; ++i, ++v) {
          const Place at =
              transform(head_from_voxel,
                        {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
          scan.image.voxels[v] = static_cast<float>(intensity(at) + normal(random));
          scan.labels.voxels[v] = label(at);
        }
      }
    }
    return scan;
  }

 private:
  static bool inside(const Place& p) { return std::hypot(p[0] / 62, p[1] / 75, p[2] / 60) < 1; }

  struct Blob {
    Place centre;
    double height;
  };
  std::vector<Blob> blobs_;
};

const std::map<std::int32_t, std::int32_t> kPartners = {{1, 2}, {2, 1}, {3, 4}, {4, 3},
                                                        {5, 6}, {6, 5}, {7, 8}, {8, 7}};
const Affine kStill{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};

Affine moved_by(const std::array<double, 3>& quaternion, const Place& shift_mm) {
  Affine rigid = rotation_from_quaternion(quaternion);
  for (std::size_t axis = 0; axis < 3; ++axis) rigid[axis][3] = shift_mm[axis];
  return rigid;
}

/// The largest distance between where the two take places of the brain.
double farthest_mm(const Affine& a, const Affine& b) {
  double farthest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    Place place{};
    for (int axis = 0; axis < 3; ++axis) place[axis] = (corner >> axis & 1) != 0 ? 40 : -40;
    const Place p = transform(a, place), q = transform(b, place);
    farthest = std::max(farthest, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return farthest;
}

/// The same voxels in the other order along x, as of a file whose header is wrong. The labels are
/// those of a network, to which left is where the header says it is.
LabelledScan swapped(const LabelledScan& scan) {
  LabelledScan result = scan;
  const auto& shape = scan.image.grid.shape;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        const std::int64_t from = shape[0] - 1 - i;
        result.image.at(i, j, k) = scan.image.at(from, j, k);
        const std::int32_t label = scan.labels.at(from, j, k);
        result.labels.at(i, j, k) = label == 0 ? 0 : kPartners.at(label);
      }
    }
  }
  return result;
}

TEST(RigidAlignmentTest, FindsHowTheLaterScanLies) {
  const Head head;
  const LabelledScan first = head.scan(kStill);
  for (const auto& truth :
       {kStill, moved_by({0.02, -0.03, 0.01}, {2, -3, 4}), moved_by({0.2, 0.1, -0.1}, {8, 12, -9}),
        moved_by({0, 0, 0.38}, {-10, 0, 6})}) {
    const auto found = align_rigidly(first, head.scan(truth, 4, 2), kPartners);
    EXPECT_LT(farthest_mm(found.later_from_first, truth), 0.4);
    EXPECT_NEAR(determinant(found.later_from_first), 1, 1e-6);
    const double cosine = (truth[0][0] + truth[1][1] + truth[2][2] - 1) / 2;
    EXPECT_NEAR(found.rotation_deg, std::acos(std::min(1.0, cosine)) * 180 / M_PI, 0.4);
    EXPECT_LT(found.mirrored_information, found.information);
  }
}

TEST(RigidAlignmentTest, ScansOfAnotherContrastAreAligned) {
  const Head head;
  const Affine truth = moved_by({0.05, 0.02, -0.04}, {3, 5, -2});
  LabelledScan later = head.scan(truth, 4, 2);
  for (float& value : later.image.voxels) value = 400 - value;
  const auto found = align_rigidly(head.scan(kStill), later, kPartners);
  EXPECT_LT(farthest_mm(found.later_from_first, truth), 0.4);
}

TEST(RigidAlignmentTest, ASwapOfLeftAndRightIsSeen) {
  const Head head;
  const auto later = swapped(head.scan(moved_by({0.02, -0.03, 0.01}, {2, -3, 4}), 4, 2));
  const auto found = align_rigidly(head.scan(kStill), later, kPartners);
  EXPECT_GT(found.mirrored_information, 1.2 * found.information);
}

TEST(RigidAlignmentTest, TheSameScansGiveTheSameResult) {
  const Head head;
  const LabelledScan first = head.scan(kStill);
  const LabelledScan later = head.scan(moved_by({0.02, -0.03, 0.01}, {2, -3, 4}), 4, 2);
  const auto once = align_rigidly(first, later, kPartners);
  const auto again = align_rigidly(first, later, kPartners);
  EXPECT_EQ(once.later_from_first, again.later_from_first);
  EXPECT_EQ(once.information, again.information);
}

TEST(RigidAlignmentTest, WrongLabelsLeadAstrayAtTheStartAlone) {
  const Head head;
  const Affine truth = moved_by({0.02, -0.01, 0.02}, {3, -2, 2});
  LabelledScan later = head.scan(truth, 4, 2);
  for (auto& label : later.labels.voxels)
    label = label == 0 ? 0 : 9 - label;  // the corner opposite
  const auto found = align_rigidly(head.scan(kStill), later, kPartners);
  EXPECT_LT(farthest_mm(found.later_from_first, truth), 1.5);  // half a voxel
}

TEST(RigidAlignmentTest, FewLabelsInCommonAreEnough) {
  const Head head;
  const Affine truth = moved_by({0.03, 0, 0.02}, {4, -2, 3});
  LabelledScan first = head.scan(kStill), later = head.scan(truth, 4, 2);
  for (auto* scan : {&first, &later}) {
    for (auto& label : scan->labels.voxels) label = label == 0 ? 0 : 1;
  }
  const auto found = align_rigidly(first, later, {});
  EXPECT_LT(farthest_mm(found.later_from_first, truth), 1);  // voxels of 3 mm
}

TEST(RigidAlignmentTest, WithoutLabelsThereIsNothingToAlign) {
  const Head head;
  LabelledScan empty = head.scan(kStill);
  std::fill(empty.labels.voxels.begin(), empty.labels.voxels.end(), 0);
  EXPECT_THROW(align_rigidly(head.scan(kStill), empty, kPartners), std::invalid_argument);
  EXPECT_THROW(align_rigidly(empty, head.scan(kStill), kPartners), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
