// The evaluate level as a user runs it, on drawn label maps.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/bids_validator.h"
#include "cli/hypersynth_command.h"
#include "report/page_check.h"
#include "support/bids_dataset.h"
#include "support/nifti_file.h"
#include "support/shared_data.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// A table by the names of its columns.
struct Tsv {
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;

  explicit Tsv(const std::string& path) {
    std::istringstream stream(read_text(path));
    const auto cells = [](const std::string& line) {
      std::vector<std::string> found;
      std::istringstream words(line);
      for (std::string word; std::getline(words, word, '\t');) found.push_back(word);
      return found;
    };
    std::string line;
    std::getline(stream, line);
    columns = cells(line);
    while (std::getline(stream, line)) {
      const auto values = cells(line);
      auto& row = rows.emplace_back();
      for (std::size_t i = 0; i < columns.size() && i < values.size(); ++i)
        row[columns[i]] = values[i];
    }
  }

  /// The only row with these values.
  std::map<std::string, std::string> row(const std::map<std::string, std::string>& wanted) const {
    std::vector<std::map<std::string, std::string>> found;
    for (const auto& candidate : rows) {
      bool fits = true;
      for (const auto& [column, value] : wanted) fits = fits && candidate.at(column) == value;
      if (fits) found.push_back(candidate);
    }
    EXPECT_EQ(found.size(), 1u) << wanted.begin()->second;
    return found.empty() ? std::map<std::string, std::string>() : found[0];
  }
};

/// A box of voxels with a label.
struct Block {
  float label;
  std::array<std::int64_t, 3> first, last;
};

class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() {
    for (const char* name : {"out", "manual", "other"}) {
      add_text(std::string(name) + "/dataset_description.json",
               R"({"Name": "hypersynth: phantoms", "BIDSVersion": "1.10.1",
                   "DatasetType": "derivative", "GeneratedBy": [{"Name": "test"}]})");
    }
    add_text("out/desc-hypersynth_dseg.tsv",
             "index\tname\n0\tbackground\n17\tleft hippocampus\n53\tright hippocampus\n");
  }

  void add_text(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(folder / path).parent_path());
    std::ofstream(folder / path) << text;
  }

  /// A label map of 24 x 20 x 16 voxels of 1 mm, or with `spacing` over the same field of view.
  void add_labels(const std::string& path, const std::vector<Block>& blocks,
                  double spacing = 1) const {
    NiftiFile file;
    file.grid.shape = {std::int64_t(24 / spacing), std::int64_t(20 / spacing),
                       std::int64_t(16 / spacing)};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      file.grid.world_from_voxel[axis][axis] = spacing;
      file.grid.world_from_voxel[axis][3] = (spacing - 1) / 2;
    }
    Image image(file.grid, 0.F);
    for (const auto& block : blocks) {
      for (auto k = block.first[2]; k <= block.last[2]; ++k) {
        for (auto j = block.first[1]; j <= block.last[1]; ++j) {
          for (auto i = block.first[0]; i <= block.last[0]; ++i) image.at(i, j, k) = block.label;
        }
      }
    }
    file.voxels = image.voxels;
    fs::create_directories(fs::path(folder / path).parent_path());
    write_nifti(folder / path, file);
  }

  static std::string segmentation(const std::string& subject, const std::string& session = "") {
    const std::string folders =
        "sub-" + subject + (session.empty() ? "" : "/ses-" + session) + "/anat/";
    return folders + "sub-" + subject + (session.empty() ? "" : "_ses-" + session) +
           "_space-T1w_desc-hypersynth_dseg.nii.gz";
  }

  static std::string manual(const std::string& subject) {
    return "manual/sub-" + subject + "/anat/sub-" + subject + "_desc-manual_dseg.nii.gz";
  }

  /// Three people: segmentation and reference are cubes of 6 mm that are `i` mm apart.
  void add_people() const {
    for (std::int64_t i = 1; i <= 3; ++i) {
      const std::string subject = "0" + std::to_string(i);
      add_labels("out/" + segmentation(subject),
                 {{17, {4 + i, 4, 4}, {9 + i, 9, 9}}, {53, {4, 12, 4}, {9, 17, 9}}});
      add_labels(manual(subject), {{17, {4, 4, 4}, {9, 9, 9}}, {53, {4, 12, 4}, {9, 17, 8}}});
      add_labels("other/" + segmentation(subject),
                 {{17, {4 + 2 * i, 4, 4}, {9 + 2 * i, 9, 9}}, {53, {4, 12, 4}, {9, 17, 9}}});
    }
  }

  ProcessResult evaluate(std::vector<std::string> options,
                         const std::map<std::string, std::string>& environment = {}) const {
    options.insert(options.begin(), {folder / "raw", out, "evaluate"});
    return hypersynth_run(std::move(options), environment);
  }

  ProcessResult against_manual(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"--reference", folder / "manual"});
    return evaluate(std::move(options));
  }

  Tsv table(const std::string& name) const {
    return Tsv(out + "/group_evaluation_" + name + ".tsv");
  }

  TemporaryDir folder;
  std::string out = folder / "out";
};

TEST_F(EvaluateTest, EveryStructureOfEveryImageIsScored) {
  add_people();
  const auto result = against_manual();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto scores = table("scores");
  EXPECT_EQ(scores.rows.size(), 6u);
  const auto left = scores.row({{"bids_name", "sub-02_T1w"}, {"index", "17"}});
  EXPECT_EQ(left.at("name"), "left hippocampus");
  EXPECT_EQ(left.at("participant_id"), "sub-02");
  EXPECT_EQ(left.at("state"), "scored");
  EXPECT_EQ(left.at("reference_mm3"), "216");
  EXPECT_EQ(left.at("segmentation_mm3"), "216");
  EXPECT_NEAR(std::stod(left.at("dice")), 4.0 / 6, 1e-9);
  EXPECT_EQ(left.at("hausdorff95_mm"), "2");
  EXPECT_EQ(left.at("volume_difference_mm3"), "0");
  EXPECT_EQ(left.at("volumetric_similarity"), "1");
  const auto right = scores.row({{"bids_name", "sub-02_T1w"}, {"index", "53"}});
  EXPECT_NEAR(std::stod(right.at("dice")), 2.0 * 180 / (180 + 216), 1e-9);
  EXPECT_NEAR(std::stod(right.at("volume_difference_percent")), 20, 1e-9);
  const auto summary = table("summary");
  EXPECT_EQ(summary.rows.size(), 3u);
  const auto mean = summary.row({{"name", "left hippocampus"}});
  EXPECT_EQ(mean.at("images_scored"), "3");
  EXPECT_NEAR(std::stod(mean.at("dice_mean")), 4.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(mean.at("dice_sd")), 1.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(mean.at("dice_ci95_low")), 4.0 / 6 - 4.302652730 / 6 / std::sqrt(3), 1e-8);
  EXPECT_THAT(result.out, HasSubstr("left hippocampus"));
  EXPECT_THAT(result.out, HasSubstr("0.667"));
}

TEST_F(EvaluateTest, EveryTableHasADictionaryOfAllItsColumnsAndThePageIsSound) {
  add_people();
  add_labels("out/" + segmentation("04", "1"), {{17, {4, 4, 4}, {9, 9, 9}}});
  add_labels("out/" + segmentation("04", "2"), {{17, {4, 4, 4}, {9, 9, 10}}});
  const auto result = against_manual({"--compare", "peer=" + (folder / "other"), "--test-retest"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* name : {"images", "scores", "summary", "comparison", "retest", "reliability"}) {
    const auto found = table(name);
    EXPECT_FALSE(found.rows.empty()) << name;
    const auto sidecar =
        json::parse(read_text(out + "/group_evaluation_" + std::string(name) + ".json"));
    for (const auto& column : found.columns) {
      ASSERT_TRUE(sidecar.contains(column)) << name << " " << column;
      EXPECT_TRUE(sidecar.at(column).contains("Description")) << name << " " << column;
    }
    EXPECT_EQ(sidecar.at("Reference"), "manual") << name;
    EXPECT_EQ(sidecar.at("ComparedWith"), "peer") << name;
  }
  const auto page = parse_page(read_text(out + "/group_evaluation.html"));
  EXPECT_EQ(problems_of(page), std::vector<std::string>());
  for (const char* text : {"left hippocampus", "Compared with peer", "Test-retest", "sub-01_T1w",
                           "Bland", "no reference of this image"})
    EXPECT_THAT(page.text, HasSubstr(text));
  EXPECT_TRUE(temporary_files(out).empty());
}

TEST_F(EvaluateTest, WhatHasNoPartnerIsListedAndIsNoFailure) {
  add_people();
  fs::remove(folder / manual("01"));
  add_labels(manual("09"), {{17, {4, 4, 4}, {9, 9, 9}}});
  const auto result = against_manual();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no reference of this image"));
  EXPECT_THAT(result.err, HasSubstr("no segmentation of this image"));
  const auto images = table("images");
  EXPECT_EQ(images.rows.size(), 4u);
  EXPECT_EQ(images.row({{"participant_id", "sub-01"}}).at("state"), "no reference");
  EXPECT_EQ(images.row({{"participant_id", "sub-09"}}).at("state"), "no segmentation");
  EXPECT_EQ(images.row({{"participant_id", "sub-02"}}).at("structures_scored"), "2");
}

TEST_F(EvaluateTest, AnImageThatCannotBeScoredFailsAloneWithPathExpectedAndFound) {
  add_people();
  add_text(manual("01"), "no image");
  add_labels("manual/sub-02/anat/sub-02_desc-second_dseg.nii.gz", {{17, {4, 4, 4}, {9, 9, 9}}});
  const auto result = against_manual();
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_THAT(result.err, HasSubstr("sub-01_desc-manual_dseg.nii.gz"));
  EXPECT_THAT(result.err, HasSubstr("expected one reference of the image, found"));
  EXPECT_THAT(result.err, HasSubstr("--reference-desc"));
  const auto images = table("images");
  EXPECT_EQ(images.row({{"participant_id", "sub-01"}}).at("state"), "failed");
  EXPECT_EQ(images.row({{"participant_id", "sub-02"}}).at("state"), "ambiguous");
  EXPECT_EQ(images.row({{"participant_id", "sub-03"}}).at("state"), "scored");
  EXPECT_EQ(table("scores").rows.size(), 2u);
  const auto chosen = against_manual({"--reference-desc", "manual"});
  EXPECT_EQ(table("images").row({{"participant_id", "sub-02"}}).at("state"), "scored");
  EXPECT_EQ(chosen.exit_code, 65);
}

TEST_F(EvaluateTest, ALabelMapThatIsOlderThanTheFailureOfItsImageIsNotScored) {
  add_people();
  add_text("out/logs/failures/sub-02/sub-02_T1w.json",
           R"({"path": "sub-02/anat/sub-02_T1w.nii.gz", "subject": "02",
               "suffix": "T1w", "expected": "an image", "found": "a text"})");
  const auto result = against_manual();
  EXPECT_EQ(result.exit_code, 65) << result.err;
  const auto image = table("images").row({{"segmentation", segmentation("02")}});
  EXPECT_EQ(image.at("state"), "failed");
  EXPECT_THAT(image.at("message"), HasSubstr("this label map is older"));
  for (const auto& row : table("images").rows) EXPECT_NE(row.at("state"), "no segmentation");
  EXPECT_EQ(table("scores").rows.size(), 4u);
}

TEST_F(EvaluateTest, LabelsWithoutANameAreToldOfTwoSessionsToo) {
  for (const char* session : {"a", "b"})
    add_labels("out/" + segmentation("01", session),
               {{17, {4, 4, 4}, {9, 9, 9}}, {99, {4, 12, 4}, {9, 17, 8}}});
  const auto result = evaluate({"--test-retest"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr(segmentation("01", "a") +
                        ": labels that the lookup table does not name are ignored: 99"));
  EXPECT_EQ(table("retest").rows.size(), 1u);
}

TEST_F(EvaluateTest, TheBidsValidatorMissesNothingButPeople) {
  add_people();
  out = folder / "scores";
  const auto result = evaluate({"--segmentations", "mine=" + (folder / "out"), "--reference",
                                folder / "manual", "--compare", "peer=" + (folder / "other")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto findings = validate_bids(out);
  if (!findings) GTEST_SKIP() << "the BIDS validator is absent: it needs npm and its registry";
  // Scores alone have no folders of people.
  EXPECT_EQ(errors_among(*findings), "SUBJECT_FOLDERS  /dataset_description.json\n");
}

TEST_F(EvaluateTest, ADamagedSessionFailsItsPersonAlone) {
  for (const char* subject : {"01", "02", "03"}) {
    for (const char* session : {"a", "b"})
      add_labels("out/" + segmentation(subject, session), {{17, {4, 4, 4}, {9, 9, 9}}});
  }
  add_text("out/" + segmentation("02", "b"), "no image");
  const auto result = evaluate({"--test-retest"});
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_THAT(result.err, HasSubstr("sub-02_ses-b"));
  EXPECT_EQ(table("retest").rows.size(), 2u);
}

TEST_F(EvaluateTest, AStructureThatOneSideHasIsReportedAndNotScored) {
  add_labels("out/" + segmentation("01"), {{17, {4, 4, 4}, {9, 9, 9}}});
  add_labels(manual("01"), {{17, {4, 4, 4}, {9, 9, 9}}, {85, {4, 12, 4}, {9, 17, 8}}});
  ASSERT_EQ(against_manual().exit_code, 0);
  const auto row = table("scores").row({{"index", "85"}});
  EXPECT_EQ(row.at("state"), "reference only");
  EXPECT_EQ(row.at("dice"), "n/a");
  EXPECT_EQ(row.at("hausdorff95_mm"), "n/a");
  EXPECT_EQ(row.at("segmentation_mm3"), "0");
  EXPECT_EQ(table("summary").row({{"index", "85"}}).at("images_reference_only"), "1");
  const auto all = table("summary").row({{"name", "all structures"}});
  EXPECT_EQ(all.at("dice_mean"), "1");
  EXPECT_EQ(all.at("images_reference_only"), "n/a");
}

TEST_F(EvaluateTest, ThePageKeepsWhatEarlierRunsOfOtherKindsHaveFound) {
  add_people();
  for (const char* session : {"a", "b"})
    add_labels("out/" + segmentation("09", session), {{17, {4, 4, 4}, {9, 9, 9}}});
  const auto sections = [&] {
    const auto page = read_text(out + "/group_evaluation.html");
    return std::tuple(page.find("Bland") != std::string::npos,
                      page.find("peer") != std::string::npos,
                      page.find("ICC") != std::string::npos);
  };
  against_manual({"--compare", "peer=" + (folder / "other")});
  EXPECT_EQ(sections(), std::tuple(true, true, false));
  evaluate({"--test-retest"});
  EXPECT_EQ(sections(), std::tuple(true, true, true));
  against_manual();
  EXPECT_EQ(sections(), std::tuple(true, false, true));
}

TEST_F(EvaluateTest, IgnoredLabelsAndThoseThatALookupTableDoesNotNameAreLeftOut) {
  add_labels(
      "out/" + segmentation("01"),
      {{17, {4, 4, 4}, {9, 9, 9}}, {53, {4, 12, 4}, {9, 17, 8}}, {99, {12, 4, 4}, {15, 9, 9}}});
  add_labels(manual("01"), {{17, {4, 4, 4}, {9, 9, 9}}, {53, {4, 12, 4}, {9, 17, 8}}});
  const auto result = against_manual({"--ignore-labels", "53"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("lookup table does not name are ignored: 99"));
  ASSERT_EQ(table("scores").rows.size(), 1u);
  EXPECT_EQ(table("scores").rows[0].at("index"), "17");
}

TEST_F(EvaluateTest, AnotherGridIsResampledToThatOfTheReferenceWithAWarning) {
  add_labels("out/" + segmentation("01"), {{17, {2, 2, 2}, {4, 4, 4}}}, 2);
  add_labels(manual("01"), {{17, {4, 4, 4}, {9, 9, 9}}});
  const auto result = against_manual();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the grids differ"));
  EXPECT_EQ(table("images").rows.at(0).at("resampled"), "yes");
  EXPECT_EQ(table("scores").row({{"index", "17"}}).at("dice"), "1");
}

TEST_F(EvaluateTest, LabelsOfAnotherProtocolAreMappedByAFileOrByTheNameOfATable) {
  add_labels("out/" + segmentation("01"), {{17, {4, 4, 4}, {9, 9, 9}}});
  add_labels(manual("01"), {{48, {4, 4, 4}, {9, 9, 9}}, {63, {4, 12, 4}, {9, 17, 8}}});
  add_text("mapping.tsv", "index\tmapping\n48\t17\n");
  for (const std::string& mapping : {std::string("neuromorphometrics"), folder / "mapping.tsv"}) {
    const auto result = against_manual({"--label-mapping", mapping});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    ASSERT_EQ(table("scores").rows.size(), 1u) << mapping;
    EXPECT_EQ(table("scores").row({{"index", "17"}}).at("dice"), "1") << mapping;
    EXPECT_EQ(result.err.find("mapping does not have") != std::string::npos,
              mapping != "neuromorphometrics");
  }
  add_text("broken.tsv", "index\tmapping\n48\tleft\n");
  EXPECT_THAT(against_manual({"--label-mapping", folder / "broken.tsv"}).err, HasSubstr("line 2"));
}

TEST_F(EvaluateTest, TheDigestOfWhatWasScoredIsInTheTable) {
  add_people();
  ASSERT_EQ(against_manual().exit_code, 0);
  const auto digest = [&](const char* subject) {
    return table("images").row({{"participant_id", subject}}).at("segmentation_xxh3");
  };
  const std::string before = digest("sub-01"), other = digest("sub-02");
  EXPECT_EQ(before.size(), 32u);
  add_labels("out/" + segmentation("01"), {{17, {4, 4, 4}, {9, 9, 9}}});
  ASSERT_EQ(against_manual().exit_code, 0);
  EXPECT_NE(digest("sub-01"), before);
  EXPECT_EQ(digest("sub-02"), other);
}

TEST_F(EvaluateTest, TwoSegmentationsAreComparedImageByImage) {
  add_people();
  const auto result = against_manual({"--compare", folder / "other"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto row = table("comparison").row({{"index", "17"}, {"measure", "dice"}});
  EXPECT_EQ(row.at("images"), "3");
  EXPECT_NEAR(std::stod(row.at("mean")), 4.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(row.at("other_mean")), 2.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(row.at("mean_difference")), 2.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(row.at("ci95_low")), 1.0 / 6, 1e-9);
  EXPECT_NEAR(std::stod(row.at("ci95_high")), 3.0 / 6, 1e-9);
  EXPECT_EQ(row.at("wilcoxon_p"), "0.25");
  EXPECT_EQ(row.at("wilcoxon_method"), "exact");
  const auto first = read_text(out + "/group_evaluation_comparison.tsv");
  against_manual({"--compare", folder / "other"});
  EXPECT_EQ(read_text(out + "/group_evaluation_comparison.tsv"), first);
  // Scores without a comparison do not keep that of other scores.
  ASSERT_EQ(against_manual().exit_code, 0);
  EXPECT_FALSE(fs::exists(out + "/group_evaluation_comparison.tsv"));
  EXPECT_FALSE(fs::exists(out + "/group_evaluation_comparison.json"));
}

TEST_F(EvaluateTest, LabelMapsInSeveralSpacesAreDifferentImages) {
  const std::vector<Block> here = {{17, {4, 4, 4}, {9, 9, 9}}};
  const std::vector<Block> off = {{17, {7, 4, 4}, {12, 9, 9}}};
  for (const char* dataset : {"one", "two", "manual"}) {
    add_text(std::string(dataset) + "/dataset_description.json",
             R"({"Name": "d", "BIDSVersion": "1.10.1", "DatasetType": "derivative"})");
    const std::string stem = std::string(dataset) + "/sub-01/anat/sub-01_";
    add_labels(stem + "dseg.nii.gz", here);
    add_labels(stem + "space-MNI_dseg.nii.gz", dataset == std::string("manual") ? here : off);
  }
  const auto result =
      against_manual({"--segmentations", folder / "one", "--compare", folder / "two"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto dice = [&](const char* name) {
    return std::stod(table("scores").row({{"bids_name", name}, {"index", "17"}}).at("dice"));
  };
  EXPECT_NEAR(dice("sub-01_dseg"), 1, 1e-9);
  EXPECT_NEAR(dice("sub-01_space-MNI_dseg"), 0.5, 1e-9);
  EXPECT_NEAR(
      std::stod(
          table("comparison").row({{"index", "17"}, {"measure", "dice"}}).at("mean_difference")),
      0, 1e-9);
}

TEST_F(EvaluateTest, OfSeveralSegmentationsToCompareWithOneIsChosen) {
  add_people();
  add_labels("other/sub-01/anat/sub-01_space-T1w_desc-second_dseg.nii.gz",
             {{17, {4, 4, 4}, {9, 9, 9}}});
  const auto unclear = against_manual({"--compare", folder / "other"});
  EXPECT_EQ(unclear.exit_code, 65);
  EXPECT_THAT(unclear.err, HasSubstr("choose with --compare-desc"));
  const auto chosen =
      against_manual({"--compare", folder / "other", "--compare-desc", "hypersynth"});
  EXPECT_EQ(chosen.exit_code, 0) << chosen.err;
  EXPECT_EQ(table("comparison").row({{"index", "17"}, {"measure", "dice"}}).at("images"), "3");
}

TEST_F(EvaluateTest, VolumesOfTwoSessionsAreCompared) {
  for (std::int64_t i = 1; i <= 4; ++i) {
    const std::string subject = "0" + std::to_string(i);
    add_labels("out/" + segmentation(subject, "a"), {{17, {4, 4, 4}, {7 + i, 9, 9}}});
    add_labels("out/" + segmentation(subject, "b"), {{17, {4, 4, 4}, {7 + i, 9, i == 1 ? 8 : 9}}});
  }
  add_labels("out/" + segmentation("09"), {{17, {4, 4, 4}, {7, 9, 9}}});
  const auto result = evaluate({"--test-retest"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no second session"));
  const auto first = table("retest").row({{"participant_id", "sub-01"}});
  EXPECT_EQ(first.at("volume_1_mm3"), "180");
  EXPECT_EQ(first.at("volume_2_mm3"), "150");
  EXPECT_NEAR(std::stod(first.at("difference_percent")), -100 * 30 / 165.0, 1e-7);
  const auto all = table("reliability").row({{"index", "17"}});
  EXPECT_EQ(all.at("pairs"), "4");
  EXPECT_NEAR(std::stod(all.at("absolute_difference_percent_mean")), 100 * 30 / 165.0 / 4, 1e-7);
  EXPECT_GT(std::stod(all.at("icc_a1")), 0.9);
  EXPECT_LT(std::stod(all.at("icc_a1_ci95_low")), std::stod(all.at("icc_a1")));
  EXPECT_FALSE(fs::exists(out + "/group_evaluation_scores.tsv"));
  add_labels("out/" + segmentation("01", "c"), {{17, {4, 4, 4}, {7, 9, 9}}});
  EXPECT_EQ(evaluate({"--test-retest"}).exit_code, 65);
  EXPECT_EQ(evaluate({"--test-retest", "--session-label", "a", "b"}).exit_code, 0);
}

TEST_F(EvaluateTest, SegmentationsOfAnotherProgramAreScoredIntoAFolderOfTheirOwn) {
  add_labels("fast/sub-01/anat/sub-01_desc-aseg_dseg.nii.gz", {{17, {4, 4, 4}, {9, 9, 9}}});
  add_labels("fast/sub-01/anat/sub-01_desc-aparcaseg_dseg.nii.gz", {{1017, {4, 4, 4}, {9, 9, 9}}});
  add_labels(manual("01"), {{17, {4, 4, 4}, {9, 9, 9}}});
  fs::copy(folder / "manual/dataset_description.json", folder / "fast/dataset_description.json");
  out = folder / "scores";
  const std::vector<std::string> options{"--segmentations", folder / "fast", "--reference",
                                         folder / "manual"};
  EXPECT_EQ(evaluate(options).exit_code, 65);
  auto chosen = options;
  chosen.insert(chosen.end(), {"--segmentation-desc", "aseg"});
  const auto result = evaluate(chosen);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(table("scores").row({{"bids_name", "sub-01_dseg"}}).at("dice"), "1");
  EXPECT_EQ(json::parse(read_text(out + "/dataset_description.json")).at("DatasetType"),
            "derivative");
  EXPECT_THAT(read_text(out + "/.bidsignore"), HasSubstr("group_*"));
}

TEST_F(EvaluateTest, AReferenceMayBeTheDerivativeOfABidsDataset) {
  add_people();
  add_text("study/dataset_description.json", R"({"Name": "s", "BIDSVersion": "1.10.1"})");
  fs::create_directories(folder / "study/derivatives");
  fs::copy(folder / "manual", folder / "study/derivatives/manual", fs::copy_options::recursive);
  ASSERT_EQ(evaluate({"--reference", folder / "study"}).exit_code, 0);
  EXPECT_EQ(table("scores").rows.size(), 6u);
  fs::copy(folder / "manual", folder / "study/derivatives/second", fs::copy_options::recursive);
  const auto several = evaluate({"--reference", folder / "study"});
  EXPECT_EQ(several.exit_code, 64);
  EXPECT_THAT(several.err, HasSubstr("derivatives/second"));
}

TEST_F(EvaluateTest, ADryRunNamesThePairsAndWritesNothing) {
  add_people();
  fs::remove(folder / manual("01"));
  const auto plan = json::parse(against_manual({"--dry-run", "--json"}).out);
  ASSERT_EQ(plan.at("pairs").size(), 2u);
  EXPECT_EQ(plan.at("pairs").at(0).at("segmentation"), segmentation("02"));
  EXPECT_EQ(plan.at("not_scored").at(0).at("state"), "no reference");
  EXPECT_THAT(against_manual({"--dry-run"}).out, HasSubstr("would score " + segmentation("02")));
  EXPECT_FALSE(fs::exists(out + "/group_evaluation_images.tsv"));
}

TEST_F(EvaluateTest, ParticipantsAndModalitiesAreChosenAsElsewhere) {
  add_people();
  ASSERT_EQ(against_manual({"--participant-label", "sub-02"}).exit_code, 0);
  EXPECT_EQ(table("images").rows.size(), 1u);
  ASSERT_EQ(against_manual({"--exclude-participant-label", "02"}).exit_code, 0);
  EXPECT_EQ(table("images").rows.size(), 2u);
  EXPECT_EQ(against_manual({"-m", "T2w"}).exit_code, 18);
  EXPECT_EQ(against_manual({"-m", "t1w"}).exit_code, 0);
}

TEST_F(EvaluateTest, WrongUseIsToldInOneMessageThatNamesWhatIsWrong) {
  add_people();
  add_text("empty/dataset_description.json",
           R"({"Name": "e", "BIDSVersion": "1.10.1", "DatasetType": "derivative"})");
  fs::create_directories(folder / "plain");
  const std::string reference = folder / "manual";
  struct Case {
    std::vector<std::string> options;
    int code;
    std::string named;
  };
  const std::vector<Case> cases = {
      {{}, 64, "--reference or --test-retest"},
      {{"--compare", folder / "other", "--test-retest"}, 64, "--compare needs --reference"},
      {{"--label-mapping", "neuromorphometrics", "--test-retest"}, 64, "--label-mapping"},
      {{"--reference", ""}, 64, "--reference"},
      {{"--reference", "name="}, 64, "--reference"},
      {{"--reference", folder / "nowhere"}, 66, "nowhere"},
      {{"--reference", folder / "plain"}, 16, "dataset_description.json"},
      {{"--reference", folder / "empty"}, 18, "_dseg.nii.gz"},
      {{"--reference", reference, "--reference-desc", "auto"}, 18, "desc-auto_dseg.nii.gz"},
      {{"--reference", reference, "--reference-desc", "a_b"}, 64, "--reference-desc"},
      {{"--reference", reference, "--participant-label", "77"}, 64, "77"},
      {{"--reference", reference, "--exclude-participant-label", "1"}, 64, "found 1"},
      {{"--reference", reference, "--label-mapping", "no-such"}, 66, "neuromorphometrics"},
      {{"--reference", reference, "--ignore-labels", "left"}, 64, "--ignore-labels"},
      {{"--reference", reference, "--segmentations", folder / "nowhere"}, 66, "nowhere"},
      {{"--reference", reference, "--json"}, 64, "--dry-run"},
      {{"--reference", out}, 64, "--reference"},
      {{"--test-retest"}, 18, "two sessions"},
  };
  for (const auto& wrong : cases) {
    const auto result = evaluate(wrong.options);
    const std::string shown = wrong.options.empty() ? "" : wrong.options.back();
    EXPECT_EQ(result.exit_code, wrong.code) << shown << result.err;
    EXPECT_THAT(result.err, HasSubstr(wrong.named)) << shown;
    EXPECT_FALSE(fs::exists(out + "/group_evaluation_images.tsv")) << shown;
  }
}

TEST_F(EvaluateTest, NothingIsWrittenWhereReferencesAreRead) {
  add_people();
  out = folder / "manual/scores";
  const auto result =
      evaluate({"--segmentations", folder / "other", "--reference", folder / "manual"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("the dataset of --reference"));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(EvaluateTest, AFolderThatCannotBeWrittenToIsAnError) {
  add_people();
  out = "/proc/scores";
  const auto result =
      evaluate({"--segmentations", folder / "other", "--reference", folder / "manual"});
  EXPECT_TRUE(result.exit_code == 73 || result.exit_code == 74) << result.exit_code << result.err;
}

TEST_F(EvaluateTest, NoLibtorchIsLoaded) {
  add_people();
  const auto result = evaluate({"--reference", folder / "manual"}, {{"LD_DEBUG", "files"}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("libhypersynth_distances"));
  EXPECT_THAT(result.err, Not(HasSubstr("libtorch")));
  EXPECT_THAT(result.err, Not(HasSubstr("libhypersynth_engine")));
}

TEST_F(EvaluateTest, ManualLabelsOfARealScanAgreeWithThemselves) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const auto labels = (shared_data_dir() / "data/malf-bids/derivatives/manual").string();
  if (!fs::exists(labels)) GTEST_SKIP() << labels << " is absent";
  out = folder / "scores";
  const auto result =
      evaluate({"--segmentations", "first=" + labels, "--reference", "second=" + labels,
                "--participant-label", "1000", "--nprocs", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto scores = table("scores");
  EXPECT_GT(scores.rows.size(), 30u);
  for (const auto& row : scores.rows) {
    EXPECT_EQ(row.at("dice"), "1") << row.at("name");
    EXPECT_EQ(row.at("mean_surface_distance_mm"), "0") << row.at("name");
  }
}

}  // namespace
}  // namespace hypersynth
