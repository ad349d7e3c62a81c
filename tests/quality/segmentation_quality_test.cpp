#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quality/head_phantom.h"
#include "quality/plausible_volume.h"
#include "quality/quality.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

/// A label map of boxes in an image that doesn't matter.
struct Boxes {
  LabelMap labels;
  std::vector<LabelledStructure> structures{{17, "left hippocampus"},
                                            {53, "right hippocampus"},
                                            {10, "left thalamus"},
                                            {49, "right thalamus"},
                                            {16, "brain-stem"}};

  explicit Boxes(const Grid& grid) : labels(grid, 0) {}

  /// Gives a label to voxels first <= index < first + size.
  void add(std::int32_t label, const std::array<std::int64_t, 3>& first,
           const std::array<std::int64_t, 3>& size) {
    for (std::int64_t k = 0; k < size[2]; ++k) {
      for (std::int64_t j = 0; j < size[1]; ++j) {
        for (std::int64_t i = 0; i < size[0]; ++i)
          labels.at(first[0] + i, first[1] + j, first[2] + k) = label;
      }
    }
  }

  std::map<std::string, MeasureValue> measure(const QualityOptions& options = {}) const {
    return by_name(measure_quality({Image(labels.grid, 1.0F), labels, structures}, options));
  }
};

const Grid kCubeOf20{.shape = {20, 20, 20}};

TEST(SegmentationQualityTest, VolumesAndMissingStructuresAreCountedAndNamed) {
  Boxes boxes(Grid{{20, 20, 20}, {{{2, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 1}}}});
  boxes.add(17, {1, 1, 1}, {10, 10, 5});  // 500 voxels of 8 mm3: 4 mL
  boxes.add(53, {12, 1, 1}, {5, 5, 4});   // 0.8 mL
  const auto m = boxes.measure();
  EXPECT_DOUBLE_EQ(m.at("qc_brain_volume").value, 4.8);
  EXPECT_DOUBLE_EQ(m.at("qc_volume_outliers").value, 1);
  EXPECT_EQ(m.at("qc_volume_outliers").note, "right hippocampus 0.8 mL (1.5 to 8)");
  EXPECT_DOUBLE_EQ(m.at("qc_missing_structures").value, 3);
  EXPECT_EQ(m.at("qc_missing_structures").note, "left thalamus, right thalamus, brain-stem");
}

TEST(SegmentationQualityTest, PlausibleVolumesAreAnOption) {
  Boxes boxes(kCubeOf20);
  boxes.add(17, {1, 1, 1}, {10, 10, 5});
  QualityOptions options;
  options.plausible_volumes = {{"hippocampus", 0.1, 0.6}};
  EXPECT_DOUBLE_EQ(boxes.measure(options).at("qc_volume_outliers").value, 0);
  options.plausible_volumes = {{"hippocampus", 0.1, 0.4}};
  EXPECT_DOUBLE_EQ(boxes.measure(options).at("qc_volume_outliers").value, 1);
}

TEST(SegmentationQualityTest, AsymmetryIsTheDifferenceRelativeToTheMeanOfTheSides) {
  Boxes boxes(kCubeOf20);
  boxes.add(17, {1, 1, 1}, {10, 10, 1});
  boxes.add(53, {1, 1, 3}, {5, 10, 1});
  boxes.add(10, {1, 1, 5}, {10, 10, 1});
  boxes.add(49, {1, 1, 7}, {9, 10, 1});
  const auto m = boxes.measure();
  EXPECT_NEAR(m.at("qc_asymmetry_max").value, 100 * 50 / 75.0, 1e-9);
  EXPECT_EQ(m.at("qc_asymmetry_max").note, "left hippocampus");
  EXPECT_DOUBLE_EQ(m.at("qc_asymmetry_outliers").value, 0) << "small structures may differ by 70 %";
  QualityOptions options;
  options.max_small_asymmetry_percent = 60;
  const auto strict = boxes.measure(options);
  EXPECT_DOUBLE_EQ(strict.at("qc_asymmetry_outliers").value, 1);
  EXPECT_EQ(strict.at("qc_asymmetry_outliers").note, "left hippocampus larger by 66.7 %");
}

TEST(SegmentationQualityTest, AStructureOnOneSideAloneIsAsAsymmetricAsCanBe) {
  Boxes boxes(kCubeOf20);
  boxes.add(49, {1, 1, 1}, {2, 2, 2});
  const auto m = boxes.measure();
  EXPECT_DOUBLE_EQ(m.at("qc_asymmetry_max").value, 200);
  EXPECT_EQ(m.at("qc_asymmetry_max").note, "right thalamus");
}

TEST(SegmentationQualityTest, FragmentationIsTheShareOutsideTheLargestPiece) {
  Boxes boxes(kCubeOf20);
  boxes.add(17, {1, 1, 1}, {9, 10, 1});
  boxes.add(17, {1, 1, 10}, {10, 1, 1});
  boxes.add(10, {10, 11, 2}, {2, 2, 2});  // touches the large piece at a corner
  const auto m = boxes.measure();
  EXPECT_NEAR(m.at("qc_fragmentation_max").value, 0.1, 1e-12);
  EXPECT_EQ(m.at("qc_fragmentation_max").note, "left hippocampus");
  EXPECT_NEAR(m.at("qc_fragmentation_brain").value, 10 / 108.0, 1e-12);
}

TEST(SegmentationQualityTest, BorderAreaIsThatOfTheFacesOnTheEdgeOfTheImage) {
  const Grid grid{{20, 20, 20}, {{{2, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 5, 0}, {0, 0, 0, 1}}}};
  Boxes inside(grid);
  inside.add(16, {1, 1, 1}, {18, 18, 18});
  EXPECT_DOUBLE_EQ(inside.measure().at("qc_border_area").value, 0);
  Boxes cut(grid);
  cut.add(16, {0, 5, 5}, {4, 7, 6});   // 42 faces of 3 x 5 mm
  cut.add(16, {5, 5, 16}, {2, 3, 4});  // 6 faces of 2 x 3 mm
  EXPECT_NEAR(cut.measure().at("qc_border_area").value, (42 * 15 + 6 * 6) / 100.0, 1e-12);
}

TEST(SegmentationQualityTest, ConfidenceIsOverTheStructuresThatArePresent) {
  Boxes boxes(kCubeOf20);
  boxes.add(17, {1, 1, 1}, {2, 2, 2});
  boxes.add(53, {5, 1, 1}, {2, 2, 2});
  boxes.structures[0].mean_posterior = 0.9;
  boxes.structures[1].mean_posterior = 0.7;
  boxes.structures[2].mean_posterior = 0.1;  // has no voxels
  const auto m = boxes.measure();
  EXPECT_DOUBLE_EQ(m.at("qc_confidence_mean").value, 0.8);
  EXPECT_DOUBLE_EQ(m.at("qc_confidence_min").value, 0.7);
  EXPECT_EQ(m.at("qc_confidence_min").note, "right hippocampus");
}

TEST(SegmentationQualityTest, WithoutPosteriorsConfidenceIsNotKnown) {
  Boxes boxes(kCubeOf20);
  boxes.add(17, {1, 1, 1}, {2, 2, 2});
  const auto m = boxes.measure();
  EXPECT_TRUE(std::isnan(m.at("qc_confidence_mean").value));
  EXPECT_EQ(m.at("qc_confidence_min").note, "posteriors aren't known");
}

/// Grey matter (10) beside white matter (20), and 1 more or less in every other slice.
struct Edge {
  Image image{kCubeOf20};
  LabelMap labels{kCubeOf20};
  std::vector<LabelledStructure> structures{{2, "left cerebral white matter"},
                                            {3, "left cerebral cortex"}};

  explicit Edge(bool follows) {
    for (std::int64_t k = 0; k < 20; ++k) {
      for (std::int64_t j = 0; j < 20; ++j) {
        for (std::int64_t i = 0; i < 20; ++i) {
          image.at(i, j, k) = (i < 10 ? 10.0F : 20.0F) + (k % 2 == 0 ? 1.0F : -1.0F);
          labels.at(i, j, k) = (follows ? i : j) < 10 ? 3 : 2;
        }
      }
    }
  }

  double edge_snr() const {
    return by_name(measure_quality({image, labels, structures})).at("qc_edge_snr").value;
  }
};

TEST(SegmentationQualityTest, EdgeContrastIsTheStepOverTheSpreadOfDifferencesWithinTissue) {
  // Within tissue: 20 * 20 * 18 pairs along i, 20 * 19 * 20 along j, 20 * 20 * 19 along k; those
  // along k are 10 times -2 and 9 times +2 per column, the others 0.
  const double pairs = 20 * 20 * 18 + 2 * 20 * 19 * 20;
  const double mean = -2.0 * 20 * 20 / pairs;
  const double variance = 4.0 * 20 * 20 * 19 / pairs - mean * mean;
  EXPECT_NEAR(Edge(true).edge_snr(), 10 / std::sqrt(variance), 1e-9);
}

TEST(SegmentationQualityTest, LabelsThatDoNotFollowTheImageHaveNoEdgeContrast) {
  EXPECT_NEAR(Edge(false).edge_snr(), 0, 1e-9);
}

TEST(SegmentationQualityTest, ACutThroughWhiteMatterHasItsArea) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  EXPECT_EQ(by_name(measure_quality(phantom.input())).at("qc_cut_area").value, 0);
  HeadPhantom stripped = phantom;
  stripped.strip_skull();
  const auto area = by_name(measure_quality(stripped.input())).at("qc_cut_area");
  EXPECT_TRUE(std::isnan(area.value));
  EXPECT_THAT(area.note, HasSubstr("skull was stripped"));
  for (std::int64_t k = 0; k < 64; ++k) {
    for (std::int64_t j = 0; j < 64; ++j) {
      for (std::int64_t i = 36; i < 64; ++i) {
        phantom.image.at(i, j, k) = 0;
        phantom.labels.at(i, j, k) = 0;
      }
    }
  }
  // A plane 4 mm from the centre of a ball of white matter with a radius of 12 mm.
  const double expected_cm2 = 3.1416 * (12 * 12 - 4 * 4) / 100;
  EXPECT_NEAR(by_name(measure_quality(phantom.input())).at("qc_cut_area").value, expected_cm2,
              0.15 * expected_cm2);
}

TEST(SegmentationQualityTest, AnUnevenlyLabelledHeadIsFoundOutInTheNotes) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  for (auto& label : phantom.labels.voxels) label = label == 42 ? 0 : label;
  const auto m = by_name(measure_quality(phantom.input()));
  EXPECT_THAT(m.at("qc_missing_structures").note, HasSubstr("right cerebral cortex"));
  EXPECT_THAT(m.at("qc_asymmetry_outliers").note, HasSubstr("left cerebral cortex larger"));
}

TEST(PlausibleVolumeTest, LimitsNameKnownStructuresAndAreOrdered) {
  for (const auto& limit : adult_volumes()) {
    EXPECT_LT(limit.low_ml, limit.high_ml) << limit.stem;
    EXPECT_NE(kind_of_structure(limit.stem).tissue, Tissue::kNone) << limit.stem;
  }
}

}  // namespace
}  // namespace hypersynth
