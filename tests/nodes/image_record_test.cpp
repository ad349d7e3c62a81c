#include "nodes/image_record.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/temporary_dir.h"

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
  EXPECT_FALSE(json.at("provenance").contains("model_input"));  // the default model's
  record.precision = "bfloat16";
  EXPECT_EQ(image_record_from_json(to_json(record)).precision, "bfloat16");
  record.input = {0.8, 1, 99, -1, 1.5};
  EXPECT_EQ(image_record_from_json(to_json(record)).input, record.input);
  EXPECT_EQ(back.measures[1].note, "no CSF");
  EXPECT_EQ(back.mean_posteriors[0].second, 0.5);
}

TEST(ImageRecordTest, CountsAreWholeNumbersAndTheLimitsOfTheVerdictComeBack) {
  ImageRecord record;
  record.entities = nlohmann::json::object();
  record.metadata = nlohmann::json::object();
  record.measures = {{"size_x", 181, ""}, {"summary_bg_n", 5812345, ""}, {"spacing_x", 1, ""}};
  record.recipe.thresholds = R"({"cjv":{"warning_above":0.6}})";
  const auto json = to_json(record);
  EXPECT_EQ(json.at("size_x").dump(), "181");
  EXPECT_EQ(json.at("summary_bg_n").dump(), "5812345");
  EXPECT_EQ(json.at("spacing_x").dump(), "1.0");
  EXPECT_EQ(json.at("thresholds").at("cjv").at("warning_above"), 0.6);
  EXPECT_EQ(image_record_from_json(json).recipe, record.recipe);
  EXPECT_EQ(image_record_from_json(json).measures[1].value, 5812345);
}

TEST(ImageRecordTest, TheTrainingOfTheModelComesBackAlsoFromEarlierRecords) {
  ImageRecord record;
  record.entities = nlohmann::json::object();
  record.metadata = nlohmann::json::object();
  record.recipe.training = {"learn2synth", 10, true, "", 12, {{"mean", {0.5, 1}, {0.25, 1}}}};
  auto json = to_json(record);
  EXPECT_EQ(image_record_from_json(json).recipe, record.recipe);
  json["provenance"].erase("training");
  EXPECT_THROW(image_record_from_json(json), nlohmann::json::exception);
  json["provenance"]["learned_synthesis"] = true;
  EXPECT_TRUE(image_record_from_json(json).recipe.training.learned_synthesis);
}

ImageRecord record_with_files() {
  ImageRecord record;
  record.path = "sub-01/anat/sub-01_T1w.nii.gz";
  record.entities = {{"subject", "01"}};
  record.metadata = nlohmann::json::object();
  record.files = {{"sub-01/b.tsv", 12, 1'700'000'000'123'456'789, "00ff"},
                  {"sub-01/a.json", 3, 4, "1"}};
  return record;
}

TEST(ImageRecordTest, MeasuresTimingsAndFilesStayInTheirOrder) {
  ImageRecord record = record_with_files();
  record.measures = {{"snr_total", 2, ""}, {"cjv", 1, ""}, {"efc", 3, ""}};
  record.timings_s = {{"read", 1}, {"load", 2}, {"network", 3}};
  const auto back = image_record_from_json(nlohmann::ordered_json::parse(to_text(record)));
  ASSERT_EQ(back.measures.size(), 3u);
  EXPECT_EQ(back.measures[0].name, "snr_total");
  EXPECT_EQ(back.measures[1].name, "cjv");
  EXPECT_EQ(back.timings_s[0].first, "read");
  EXPECT_EQ(back.timings_s[2].first, "network");
  EXPECT_EQ(back.files[0].path, "sub-01/b.tsv");
  EXPECT_EQ(back.files[0].modified_ns, record.files[0].modified_ns);
  EXPECT_EQ(back.files[0].digest, "00ff");
}

TEST(ImageRecordTest, ARecordThatIsCutAnywhereIsToldAndNotTakenForNone) {
  const TemporaryDir folder;
  const std::string path = folder / "record.json";
  EXPECT_FALSE(read_image_record(path).has_value()) << "there is no file";
  const std::string whole = to_text(record_with_files());
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
    std::ofstream(path) << whole.substr(0, size);
    EXPECT_THROW(read_image_record(path), InputError) << size << " bytes";
  }
  std::ofstream(path) << whole;
  EXPECT_EQ(read_image_record(path)->files.size(), 2u);
}

TEST(ImageRecordTest, CtAndTheParenchymaComeBackAndAreMissingInRecordsOfEarlierVersions) {
  ImageRecord record;
  record.entities = record.metadata = nlohmann::json::object();
  record.recipe.ct = true;
  record.brain_parenchymal_fraction = 0.75;
  auto json = to_json(record);
  const auto back = image_record_from_json(json);
  EXPECT_TRUE(back.recipe.ct);
  EXPECT_EQ(back.brain_parenchymal_fraction, 0.75);
  EXPECT_TRUE(back.measures.empty());
  json.erase("brain_parenchymal_fraction");
  json.at("provenance").erase("ct");
  EXPECT_FALSE(image_record_from_json(json).recipe.ct);
  EXPECT_TRUE(std::isnan(image_record_from_json(json).brain_parenchymal_fraction));
}

TEST(ImageRecordTest, WarningsComeBackAndAreMissingInRecordsOfEarlierVersions) {
  ImageRecord record;
  record.entities = record.metadata = nlohmann::json::object();
  record.warnings = {"its sform is singular"};
  auto json = to_json(record);
  EXPECT_EQ(json.at("warnings"), nlohmann::ordered_json::array({"its sform is singular"}));
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
