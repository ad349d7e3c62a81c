// Manual segmentations of real people must pass.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "image/lookup_table.h"
#include "image/nifti.h"
#include "quality/head_phantom.h"
#include "quality/verdict.h"
#include "support/shared_data.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

TEST(RealImageTest, ManualSegmentationsPassAndTheirMeasuresAreOrdinary) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const fs::path dataset = shared_data_dir() / "data/malf-bids";
  const fs::path table = dataset / "derivatives/manual/desc-manual_dseg.tsv";
  std::vector<LabelledStructure> structures;
  for (const auto& label : read_lookup_table(table.string()))
    structures.push_back({label.index, label.name});
  for (const std::string name :
       {"sub-1000/anat/sub-1000", "sub-1001/anat/sub-1001", "sub-1019/ses-1/anat/sub-1019_ses-1"}) {
    const std::string image = (dataset / (name + "_T1w.nii.gz")).string();
    const std::string labels =
        (dataset / "derivatives/manual" / (name + "_desc-manual_dseg.nii.gz")).string();
    const auto measures = measure_quality({read_image(image), read_labels(labels), structures});
    const auto verdict = judge_quality(measures, thresholds_for("T1w"));
    EXPECT_EQ(verdict.rating, QualityRating::kPass)
        << name << ": " << testing::PrintToString(verdict.reasons);
    const auto m = by_name(measures);
    // Ordinary for T1w at 1 mm.
    EXPECT_GT(m.at("snr_wm").value, 5);
    EXPECT_LT(m.at("cjv").value, 0.8);
    EXPECT_GT(m.at("fwhm_avg").value, 2);
    EXPECT_LT(m.at("fwhm_avg").value, 7);
    EXPECT_NE(m.at("cnr").note.find("set to zero"), std::string::npos) << "skull-stripped data";
  }
}

}  // namespace
}  // namespace hypersynth
