// The whole segmentation in libtorch's operators, as a GPU runs it, beside the CPU's own way:
// oneDNN and loops. On the CPU, since the operators are the same on any device.

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "engine/inference/segmenter.h"
#include "image/nifti.h"
#include "image/orientation.h"
#include "support/phantom_head.h"
#include "support/shared_data.h"

namespace hypersynth {
namespace {

class DeviceSegmenterTest : public testing::Test {
 protected:
  static const Model& model() {
    static const Model model = read_model(
        (std::filesystem::path(HYPERSYNTH_SOURCE_DIR) / "models" / "brain33-unet16.safetensors")
            .string());
    return model;
  }

  /// `on_libtorch`: every step in libtorch, with `most_voxels` given to the network at once.
  static Segmentation segmented(const Image& image, const SegmenterOptions& options,
                                bool on_libtorch, std::int64_t most_voxels = 0) {
    InferenceOptions inference{"cpu"};
    inference.precision = InferencePrecision::kFull;
    inference.cpu_as_gpu = on_libtorch;
    inference.most_voxels_at_once = most_voxels;
    const auto network = load_inference_network(model(), inference, Log());
    return Segmenter(model().manifest, *network, options).segment(image);
  }

  /// How many of the posteriors differ by more than `difference`, as a share of all.
  static double share_above(const Posteriors& a, const Posteriors& b, double difference) {
    EXPECT_EQ(a.grid().shape, b.grid().shape);
    const auto count = a.grid().voxel_count() * a.classes();
    std::int64_t above = 0;
    for (std::int64_t v = 0; v < count; ++v)
      above += std::abs(a.plane(0)[v] - b.plane(0)[v]) > 65535 * difference;
    return static_cast<double>(above) / static_cast<double>(count);
  }

  /// Volumes may differ by 1 %: a piece of a structure that hangs on it by one voxel at the
  /// threshold is kept on one side alone.
  static void expect_alike(const Segmentation& a, const Segmentation& b) {
    ASSERT_EQ(a.labels.grid.shape, b.labels.grid.shape);
    std::int64_t different = 0;
    for (std::size_t v = 0; v < a.labels.voxels.size(); ++v)
      different += a.labels.voxels[v] != b.labels.voxels[v];
    EXPECT_LE(static_cast<double>(different), 1e-4 * static_cast<double>(a.labels.voxels.size()));
    ASSERT_EQ(a.volumes.size(), b.volumes.size());
    for (std::size_t n = 0; n < a.volumes.size(); ++n) {
      const LabelVolume& of_a = a.volumes[n];
      const LabelVolume& of_b = b.volumes[n];
      EXPECT_EQ(of_a.index, of_b.index);
      EXPECT_NEAR(of_a.soft_mm3, of_b.soft_mm3, 1e-2 * of_a.soft_mm3 + 2) << of_a.name;
      EXPECT_NEAR(of_a.hard_mm3, of_b.hard_mm3, 1e-2 * of_a.hard_mm3 + 60) << of_a.name;
      if (of_a.hard_mm3 > 1000) {
        EXPECT_NEAR(of_a.mean_posterior, of_b.mean_posterior, 5e-3) << of_a.name;
      }
    }
    EXPECT_NEAR(a.intracranial_mm3, b.intracranial_mm3, 1e-3 * a.intracranial_mm3);
  }

  /// Most of the middle of a head, of odd sides, 1 mm.
  static Image block() {
    PhantomHead head;
    head.shape = {45, 61, 43};
    head.spacing_mm = 1;
    head.scale = 0.4;
    return head.draw();
  }
};

TEST_F(DeviceSegmenterTest, PosteriorsAreThoseOfTheCpu) {
  SegmenterOptions options;
  options.with_posteriors = true;
  options.postprocess = {0, 0, 1};  // as the network gives them
  for (const bool fast : {true, false}) {
    options.fast = fast;
    const auto expected = segmented(block(), options, false).posteriors;
    const auto found = segmented(block(), options, true).posteriors;
    // A voxel that is background but for rounding may belong to the head on one side alone.
    EXPECT_LE(share_above(expected, found, 1e-3), 1e-5) << fast;
    EXPECT_LE(share_above(expected, found, 5e-3), 0) << fast;
  }
}

TEST_F(DeviceSegmenterTest, LabelsAndVolumesAreThoseOfTheCpuWhateverTheGrid) {
  PhantomHead small;
  small.shape = {24, 28, 23};
  small.spacing_mm = 2.5;  // resampled for the network, and back
  small.scale = 0.35;
  const Image coarse = small.draw();
  Grid turned = block().grid;  // stored as left, posterior, superior, with k fastest
  const Image ras = block();
  turned.shape = {ras.grid.shape[2], ras.grid.shape[0], ras.grid.shape[1]};
  turned.world_from_voxel = {{{0, -1, 0, 0}, {0, 0, -1, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}}};
  for (const Image& image : {coarse, from_ras(ras, turned)}) {
    SegmenterOptions options;
    options.with_conformed = true;
    const auto expected = segmented(image, options, false);
    const auto found = segmented(image, options, true);
    expect_alike(expected, found);
    ASSERT_EQ(expected.conformed.voxels.size(), found.conformed.voxels.size());
    for (std::size_t v = 0; v < found.conformed.voxels.size(); ++v)
      ASSERT_NEAR(expected.conformed.voxels[v], found.conformed.voxels[v], 1e-2) << v;
  }
}

TEST_F(DeviceSegmenterTest, AShearedGridIsSegmentedToo) {
  Image image = block();
  image.grid.world_from_voxel[0][1] = 0.2;
  SegmenterOptions options;
  options.fast = true;
  expect_alike(segmented(image, options, false), segmented(image, options, true));
}

TEST_F(DeviceSegmenterTest, AnImageWithoutAHeadIsBackground) {
  Image image(Grid{{40, 33, 50}});
  for (std::size_t v = 0; v < image.voxels.size(); ++v)
    image.voxels[v] = static_cast<float>(v % 7 == 0);
  SegmenterOptions options;
  options.fast = true;
  expect_alike(segmented(image, options, false), segmented(image, options, true));
}

/// A suite of its own: it takes as long as all others.
using DeviceSegmenterHeadTest = DeviceSegmenterTest;

/// The middle slices of an image: libtorch takes minutes for a whole head.
Image middle_slices(const Image& image, std::int64_t count) {
  const auto [ni, nj, nk] = image.grid.shape;
  const auto first = (nk - count) / 2 * ni * nj;
  Grid grid = image.grid;
  grid.shape[2] = count;
  grid.forms.reset();
  return Image(grid,
               {image.voxels.begin() + first, image.voxels.begin() + first + count * ni * nj});
}

TEST_F(DeviceSegmenterHeadTest, ARealHeadGetsTheSameLabels) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const Image image = middle_slices(
      read_image((shared_data_dir() / "data/malf-bids/sub-1000/anat/sub-1000_T1w.nii.gz").string()),
      64);
  SegmenterOptions options;
  options.fast = true;
  expect_alike(segmented(image, options, false), segmented(image, options, true));
}

TEST_F(DeviceSegmenterTest, PiecesGiveWhatTheWholeGivesAwayFromTheirBorders) {
  PhantomHead head;  // a bar through a head
  head.shape = {48, 304, 32};
  head.spacing_mm = 1;
  head.scale = 1;
  const Image image = head.draw();
  SegmenterOptions options;
  options.fast = true;
  options.with_posteriors = true;
  options.postprocess = {0, 0, 1};
  const auto all = segmented(image, options, true);
  const auto cut = segmented(image, options, true, 48 * 290 * 32);
  EXPECT_EQ(all.pieces, 1);
  EXPECT_EQ(cut.pieces, 2);
  const auto& whole = all.posteriors;
  const auto& pieces = cut.posteriors;
  constexpr std::int64_t kCut = 160;  // half of 304, as a multiple of 16
  int beside = 0, away = 0;
  for (std::int64_t v = 0; v < image.grid.voxel_count() * whole.classes(); ++v) {
    const bool near = std::abs(v / 48 % 304 - kCut) < 16;
    int& largest = near ? beside : away;
    largest = std::max(largest, std::abs(whole.plane(0)[v] - pieces.plane(0)[v]));
  }
  EXPECT_GT(beside, 0);  // it was cut
  EXPECT_LE(beside, 0.02 * 65535);
  EXPECT_LE(away, 1e-3 * 65535);
}

}  // namespace
}  // namespace hypersynth
