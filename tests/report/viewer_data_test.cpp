#include "report/viewer_data.h"

#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_report.h"
#include "report/mosaic_plan.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// A scan of `shape` whose voxel (i, j, k) has the label 100 i + 10 j + k + 1, all of it labelled.
struct Scan {
  std::array<std::int64_t, 3> shape;
  std::vector<float> intensities;
  std::vector<std::int32_t> labels;
  VoxelView view;

  explicit Scan(std::array<std::int64_t, 3> size) : shape(size) {
    for (std::int64_t k = 0; k < shape[2]; ++k) {
      for (std::int64_t j = 0; j < shape[1]; ++j) {
        for (std::int64_t i = 0; i < shape[0]; ++i) {
          labels.push_back(static_cast<std::int32_t>(100 * i + 10 * j + k + 1));
          intensities.push_back(static_cast<float>(labels.back()));
        }
      }
    }
    view.shape = shape;
    view.intensities = intensities;
    view.labels = std::span<const std::int32_t>(labels);
  }
};

std::array<double, 3> world_of(const std::array<std::array<double, 4>, 4>& affine,
                               std::array<std::int64_t, 3> voxel) {
  std::array<double, 3> world{};
  for (int row = 0; row < 3; ++row) {
    world[row] = affine[row][3];
    for (int axis = 0; axis < 3; ++axis)
      world[row] += affine[row][axis] * static_cast<double>(voxel[axis]);
  }
  return world;
}

TEST(ViewerDataTest, VoxelsOfAnyOrientationKeepTheirLabelAndTheirPlaceInTheWorld) {
  Scan scan({4, 3, 5});
  scan.view.world_from_voxel = {{{0, -1.5, 0, 7}, {0, 0, 2, -3}, {-1, 0, 0, 11}, {0, 0, 0, 1}}};
  const ViewerVolumes volumes = viewer_volumes(scan.view);
  EXPECT_THAT(volumes.shape, ElementsAre(3, 5, 4));  // right, anterior, superior
  for (std::int64_t k = 0; k < 4; ++k) {
    for (std::int64_t j = 0; j < 5; ++j) {
      for (std::int64_t i = 0; i < 3; ++i) {
        const std::int32_t label = volumes.labels[static_cast<std::size_t>(i + 3 * (j + 5 * k))];
        const std::array<std::int64_t, 3> source{(label - 1) / 100, (label - 1) / 10 % 10,
                                                 (label - 1) % 10};
        EXPECT_EQ(world_of(volumes.world_from_voxel, {i, j, k}),
                  world_of(scan.view.world_from_voxel, source))
            << label;
      }
    }
  }
}

TEST(ViewerDataTest, FineVoxelsAreAveragedAndCoarseOnesStay) {
  Scan scan({8, 2, 2});
  scan.view.world_from_voxel[0][0] = 0.25;
  scan.view.world_from_voxel[2][2] = 5;
  const ViewerVolumes volumes = viewer_volumes(scan.view);
  EXPECT_THAT(volumes.shape, ElementsAre(2, 2, 2));
  EXPECT_DOUBLE_EQ(volumes.world_from_voxel[0][0], 1);
  EXPECT_DOUBLE_EQ(volumes.world_from_voxel[0][3], 0.375);  // the middle of four voxels
  EXPECT_DOUBLE_EQ(volumes.world_from_voxel[2][2], 5);
  EXPECT_EQ(volumes.labels[0], 201);
  const GreyWindow window = grey_window(scan.view);
  const float mean = (1 + 101 + 201 + 301) / 4.F;
  EXPECT_NEAR(volumes.grey[0], 255 * (mean - window.black) / (window.white - window.black), 2);
}

TEST(ViewerDataTest, ARatioThatIsNoWholeNumberKeepsTheMeanAndTheFieldOfView) {
  Scan scan({10, 3, 3});
  scan.view.world_from_voxel[0][0] = 0.7;
  std::fill(scan.intensities.begin(), scan.intensities.end(), 5.F);
  scan.intensities[0] = 0;
  scan.intensities.back() = 10;
  const ViewerVolumes volumes = viewer_volumes(scan.view);
  EXPECT_THAT(volumes.shape, ElementsAre(7, 3, 3));
  EXPECT_NEAR(volumes.world_from_voxel[0][0], 1, 1e-12);
  const std::uint8_t middle = volumes.grey[3 + 7];
  for (std::size_t i = 7; i < 14; ++i) EXPECT_EQ(volumes.grey[i], middle) << i;
}

TEST(ViewerDataTest, TheLabelledRegionIsCutOutWithAMargin) {
  Scan scan({30, 20, 10});
  std::fill(scan.labels.begin(), scan.labels.end(), 0);
  scan.labels[15 + 30 * (10 + 20 * 5)] = 7;
  ViewerOptions options;
  options.margin_mm = 3;
  const ViewerVolumes volumes = viewer_volumes(scan.view, options);
  EXPECT_THAT(volumes.shape, ElementsAre(7, 7, 7));
  EXPECT_DOUBLE_EQ(volumes.world_from_voxel[0][3], 12);
  EXPECT_EQ(volumes.labels[3 + 7 * (3 + 7 * 3)], 7);
  std::fill(scan.labels.begin(), scan.labels.end(), 0);
  EXPECT_THAT(viewer_volumes(scan.view, options).shape, ElementsAre(30, 20, 10));
}

TEST(ViewerDataTest, ARegionOfTooManyVoxelsGetsLargerOnes) {
  const Scan scan({20, 20, 20});
  ViewerOptions options;
  options.most_voxels = 1000;
  const ViewerVolumes volumes = viewer_volumes(scan.view, options);
  EXPECT_LE(volumes.grey.size(), 1000U);
  EXPECT_GE(volumes.grey.size(), 500U);
  EXPECT_EQ(volumes.labels.size(), volumes.grey.size());
  EXPECT_NEAR(volumes.world_from_voxel[0][0] * static_cast<double>(volumes.shape[0]), 20, 1e-9);
}

TEST(ViewerDataTest, GreyLevelsAreThoseOfTheMosaicsWithoutTheirLowestBit) {
  const ExampleHead head = example_head({30, 36, 30}, {6, 6, 6});
  const VoxelView view = head.view();
  const GreyWindow window = grey_window(view);
  const ViewerVolumes volumes = viewer_volumes(view);
  ASSERT_EQ(volumes.grey.size(), head.intensities.size());
  for (std::size_t at = 0; at < volumes.grey.size(); ++at) {
    const float level = 255 * (head.intensities[at] - window.black) / (window.white - window.black);
    EXPECT_NEAR(volumes.grey[at], std::clamp(level, 0.F, 255.F), 1.51) << at;
    EXPECT_EQ(volumes.grey[at] % 2, 0);
  }
}

TEST(ViewerDataTest, NoiseThatWouldFillTheFileHasFewerGreyLevels) {
  const ExampleHead head = example_head({60, 72, 60}, {3, 3, 3});
  ViewerOptions options;
  std::size_t bytes_before = 0;
  for (const auto& [most_bytes, step] : {std::pair{1e9, 2}, {2e5, 4}, {1., 8}}) {
    options.most_bytes = most_bytes;
    const ViewerVolumes volumes = viewer_volumes(head.view(), options);
    EXPECT_TRUE(std::all_of(volumes.grey.begin(), volumes.grey.end(),
                            [step = step](std::uint8_t level) { return level % step == 0; }));
    EXPECT_TRUE(std::any_of(volumes.grey.begin(), volumes.grey.end(),
                            [step = step](std::uint8_t level) { return level % (2 * step) != 0; }));
    const std::string_view grey(reinterpret_cast<const char*>(volumes.grey.data()),
                                volumes.grey.size());
    const std::size_t bytes = viewer_script(grey, "").size();
    if (step == 4) {
      EXPECT_LE(bytes, 2e5 + 200);
    }
    if (bytes_before != 0) {
      EXPECT_LT(bytes, bytes_before);
    }
    bytes_before = bytes;
  }
}

TEST(ViewerDataTest, ValuesThatAreNoNumbersAreBlack) {
  Scan scan({4, 4, 4});
  scan.intensities[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(viewer_volumes(scan.view).grey[5], 0);
}

/// What base64 stands for.
std::string decoded(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char digit : text) {
    if (digit == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(digit));
    if ((count += 6) >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 255);
  }
  return bytes;
}

std::string unpacked(const std::string& packed, std::size_t size) {
  std::string bytes(size, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return bytes;
}

TEST(ViewerDataTest, TheScriptHoldsBothFilesAndNothingThatCouldRun) {
  for (std::size_t size : {0U, 1U, 2U, 3U, 1000U}) {
    std::string image(size, 'i'), labels(size, '\0');
    for (std::size_t at = 0; at < size; ++at) image[at] = static_cast<char>(at * 37 % 251);
    const std::string script = viewer_script(image, labels);
    EXPECT_THAT(script, StartsWith("document.currentScript.volumes = {image: \""));
    const std::size_t image_at = script.find('"') + 1, image_end = script.find('"', image_at);
    const std::size_t labels_at = script.find('"', image_end + 1) + 1;
    const std::size_t labels_end = script.find('"', labels_at);
    EXPECT_EQ(unpacked(decoded(script.substr(image_at, image_end - image_at)), size), image);
    EXPECT_EQ(unpacked(decoded(script.substr(labels_at, labels_end - labels_at)), size), labels);
    EXPECT_EQ(script.substr(labels_end), "\"};\n");
    const auto files = files_of_viewer_script(script);
    ASSERT_TRUE(files);
    EXPECT_EQ(unpacked(files->image, size), image);
    EXPECT_EQ(unpacked(files->labels, size), labels);
  }
}

TEST(ViewerDataTest, WhatIsNoSuchScriptHoldsNoFiles) {
  const std::string script = viewer_script("image", "labels");
  EXPECT_FALSE(files_of_viewer_script(""));
  EXPECT_FALSE(
      files_of_viewer_script("document.currentScript.volumes = {image: \"\", labels: \"};\n"));
  for (std::size_t length = 0; length < script.size(); ++length)
    EXPECT_FALSE(files_of_viewer_script(std::string_view(script).substr(0, length)));
  std::string damaged = script;
  damaged[script.find('"') + 3] = '*';
  EXPECT_FALSE(files_of_viewer_script(damaged));
}

}  // namespace
}  // namespace hypersynth
