#include "nodes/image_record.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

TEST(ImageRecordTest, MeasuresComeBackWithTheirNotesAndPosteriors) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  ImageRecord record;
  record.path = "sub-01/anat/sub-01_T1w.nii.gz";
  record.entities = {{"subject", "01"}};
  record.metadata = nlohmann::json::object();
  record.measures = {{"qc_confidence_min", 0.5, "left amygdala"}, {"snr_csf", missing, "no CSF"}};
  record.mean_posteriors = {{"left amygdala", 0.5}, {"left vessel", missing}};
  const auto json = to_json(record);
  EXPECT_TRUE(json.at("snr_csf").is_null());
  const auto back = image_record_from_json(json);
  EXPECT_EQ(to_json(back), json);
  ASSERT_EQ(back.measures.size(), 2u);
  EXPECT_EQ(back.measures[0].note, "left amygdala");
  EXPECT_TRUE(std::isnan(back.measures[1].value));
  EXPECT_EQ(back.measures[1].note, "no CSF");
  EXPECT_EQ(back.mean_posteriors[0].second, 0.5);
}

TEST(ImageRecordTest, WarningsComeBackAndAreMissingInRecordsOfEarlierVersions) {
  ImageRecord record;
  record.entities = record.metadata = nlohmann::json::object();
  record.warnings = {"its sform is singular"};
  auto json = to_json(record);
  EXPECT_EQ(json.at("warnings"), nlohmann::json::array({"its sform is singular"}));
  EXPECT_EQ(image_record_from_json(json).warnings, record.warnings);
  EXPECT_TRUE(image_record_from_json(json).measures.empty());
  json.erase("warnings");
  EXPECT_TRUE(image_record_from_json(json).warnings.empty());
}

TEST(StampTest, WhatIsNoRegularFileHasNone) {
  for (const auto& [path, kind] : {std::pair{"/dev/zero", "a device"}, {"/", "a folder"}}) {
    try {
      stamp_of(path);
      ADD_FAILURE() << path;
    } catch (const InputError& error) {
      EXPECT_EQ(error.expected(), "a regular file");
      EXPECT_EQ(error.found(), kind);
    }
  }
}

}  // namespace
}  // namespace hypersynth
