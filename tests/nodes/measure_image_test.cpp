#include "nodes/measure_image.h"

#include <algorithm>

#include <boost/filesystem/operations.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/nifti.h"
#include "nodes/measured_pictures.h"
#include "pipeline/files/digest.h"
#include "quality/air.h"
#include "quality/head_phantom.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

double share_of(const LabelMap& map, std::int32_t wanted) {
  return static_cast<double>(std::count(map.voxels.begin(), map.voxels.end(), wanted));
}

class MeasureImageTest : public testing::Test {
 protected:
  /// What the step makes of the phantom.
  MeasureImage::Outputs measured(const HeadPhantom& phantom) const {
    const std::string scan = folder / "scan.nii.gz";
    write_image(scan, phantom.image);
    write_labels(folder / "labels.nii.gz", phantom.labels);
    MeasureImage::Inputs in;
    in.image = scan;
    in.labels = folder / "labels.nii.gz";
    for (const auto& structure : phantom.structures) {
      LabelVolume volume;
      volume.index = structure.label;
      volume.name = structure.name;
      in.volumes.push_back(volume);
    }
    in.thresholds = "{}";
    in.save_masks = true;
    in.source = "sub-01/anat/sub-01_T1w.nii.gz";
    in.output_dir = folder / "out";
    pipeline::NodeContext context{
        "test", folder / "work", {}, 0, {}, {{fs::path(scan), pipeline::digest_of_file(scan)}}};
    return MeasureImage().run(in, context);
  }

  TemporaryDir folder;
};

TEST_F(MeasureImageTest, TheMapOfAirTellsArtefactsFromAir) {
  HeadPhantom phantom;
  phantom.add_noise(20);
  for (std::int64_t k = 52; k < 60; ++k) {
    for (std::int64_t j = 2; j < 10; ++j) {
      for (std::int64_t i = 2; i < 10; ++i) phantom.image.at(i, j, k) = 600;
    }
  }
  const auto out = measured(phantom);
  const LabelMap air = read_labels(out.air.string());
  const double artefacts = share_of(air, kArtefact);
  const double qi_1 = by_name(out.measures).at("qi_1").value;
  ASSERT_GT(qi_1, 0);
  EXPECT_NEAR(artefacts / (artefacts + share_of(air, kAir)), qi_1, 1e-9);
}

TEST_F(MeasureImageTest, ThePicturesOfWhatWasMeasuredAreWritten) {
  HeadPhantom phantom;
  phantom.add_noise(20);
  const auto out = measured(phantom);
  std::string names;
  for (const auto& picture : out.pictures) {
    names += picture.filename().string() + "\n";
    EXPECT_GT(fs::file_size(picture), 0u) << picture;
  }
  for (const char* part : {"axialBackground", "axialAir", "axialBias", "intensities"})
    EXPECT_THAT(names, testing::HasSubstr(part));
}

TEST(BiasPercentTest, FactorsArePercentFrom1To255) {
  EXPECT_EQ(bias_percent({0.8F, 1, 1.234F, 0, 9}),
            (std::vector<std::uint8_t>{80, 100, 123, 1, 255}));
}

}  // namespace
}  // namespace hypersynth
