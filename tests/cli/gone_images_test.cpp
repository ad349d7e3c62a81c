// The output folder tells the truth about images that changed, failed or went away, and can be
// summarised where neither raw data nor model are.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class GoneImagesTest : public testing::Test {
 protected:
  GoneImagesTest() {
    for (const char* subject : {"01", "02", "03"}) {
      data.add_image(image(subject), PhantomHead{}.draw());
    }
    EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
  }

  static std::string image(const std::string& subject) {
    return "sub-" + subject + "/anat/sub-" + subject + "_T1w.nii.gz";
  }

  ProcessResult run(std::vector<std::string> level_and_options) const {
    level_and_options.insert(level_and_options.begin(), {data.path(), out});
    return hypersynth_run(std::move(level_and_options));
  }

  std::string output(const std::string& name) const { return read_text(out + "/" + name); }

  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
  std::string out = folder / "out";
};

TEST_F(GoneImagesTest, AnImageThatFailsNowIsAFailureAndNoLongerAResult) {
  data.add_text(image("02"), "\037\213broken");
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 65);
  EXPECT_EQ(run({"group"}).exit_code, 0);
  EXPECT_THAT(output("group_T1w.tsv"), Not(HasSubstr("sub-02")));
  EXPECT_THAT(output("group_failures.tsv"), HasSubstr(image("02")));
  EXPECT_THAT(output("sub-02.html"), HasSubstr("No image of this subject could be segmented"));

  fs::remove_all(data.path() + "/sub-02");
  const auto again = run({"participant", "--fast"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr(image("02") + ": failed before and is no longer"));
  EXPECT_THAT(output("group_failures.tsv"), Not(HasSubstr("sub-02")));
}

TEST_F(GoneImagesTest, RatingsOfReadersAreMergedAndThoseOfOtherSegmentationsAreSaid) {
  const auto record =
      nlohmann::json::parse(output("sub-01/anat/sub-01_space-T1w_desc-hypersynth_iqms.json"));
  std::string digest;
  for (const auto& [path, file] : record.at("provenance").at("files").items()) {
    if (path.find("_dseg.nii.gz") != std::string::npos) digest = file.at("xxh3");
  }
  const std::string head = "image\trater\ttime\trating\treasons\tcomment\tsegmentation_digest\n";
  const auto line = [&](const std::string& subject, const char* rater, const char* rating) {
    return image(subject) + "\t" + rater + "\t2025-06-01T12:00:00Z\t" + rating +
           "\thead motion\tn/a\t" + (subject == "02" ? "of another" : digest) + "\n";
  };
  fs::create_directories(out + "/ratings");
  std::ofstream(out + "/ratings/ab.tsv") << head << line("01", "AB", "fail") << "broken\n";
  std::ofstream(out + "/ratings/cd.tsv")
      << head << line("01", "CD", "pass") << line("02", "CD", "pass") << line("99", "CD", "pass");
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 0);
  EXPECT_THAT(group.err, HasSubstr("ratings/ab.tsv, line 3: expected 7 cells, found 1"));
  EXPECT_THAT(group.err,
              HasSubstr("ratings/cd.tsv: ratings left out, given to another segmentation of the "
                        "image: 1, the first of " +
                        image("02")));
  EXPECT_THAT(group.err, HasSubstr("ratings/cd.tsv: ratings left out, of images that are not here: "
                                   "1, the first of " +
                                   image("99")));
  EXPECT_EQ(output("group_T1w_merged_ratings.tsv"),
            head + line("01", "AB", "fail") + line("01", "CD", "pass"));
  EXPECT_THAT(output("group_T1w_merged_ratings.json"), HasSubstr("segmentation_digest"));
  EXPECT_THAT(output("group_T1w.html"), HasSubstr("\"rater\":\"CD\""));
  EXPECT_TRUE(nlohmann::json::parse(output("group_T1w.json")).contains("cjv"));
  const auto summary = nlohmann::json::parse(output("group_T1w_summary.json"));
  EXPECT_EQ(summary.at("Images"), 3);
  EXPECT_EQ(summary.at("Measures").at("icv_mm3").at("n"), 3);

  fs::remove_all(out + "/ratings");
  EXPECT_THAT(run({"group"}).err, HasSubstr("group_T1w_merged_ratings.tsv: "));
  EXPECT_FALSE(fs::exists(out + "/group_T1w_merged_ratings.tsv"));
}

TEST_F(GoneImagesTest, AnImageThatIsWholeAgainIsNoFailureAnyMore) {
  const std::string file = data.path() + "/" + image("02");
  const std::string whole = read_text(file);
  data.add_text(image("02"), "broken");
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 65);
  data.add_text(image("02"), whole);
  const auto again = run({"participant", "--fast"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("finished before"));
  EXPECT_THAT(output("group_failures.tsv"), Not(HasSubstr("sub-02")));
  EXPECT_EQ(run({"group"}).exit_code, 0);
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-02"));
  EXPECT_THAT(output("sub-02.html"), Not(HasSubstr("could be segmented")));
}

TEST_F(GoneImagesTest, WhatCannotBeLookedAtIsNotGone) {
  fs::rename(data.path() + "/sub-03", folder / "sub-03");
  fs::create_symlink(folder / "not-mounted/sub-03", data.path() + "/sub-03");
  std::ofstream(out + "/sub-99.html") << "of another program";
  EXPECT_EQ(run({"group", "--prune"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(out + "/sub-03/anat"));
  EXPECT_TRUE(fs::exists(out + "/sub-99.html"));
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-03"));
}

TEST_F(GoneImagesTest, AnImageWithoutItsRecordIsTold) {
  fs::remove(out + "/sub-02/anat/sub-02_space-T1w_desc-hypersynth_iqms.json");
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 65);
  EXPECT_THAT(group.err, HasSubstr("sub-02_space-T1w_desc-hypersynth_iqms.json"));
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-02_T1w\tsub-02\tn/a\tunreadable"));
}

TEST_F(GoneImagesTest, AnImageThatWasRemovedIsSaidLeftOutAndRemovedOnlyWhenAskedFor) {
  fs::remove_all(data.path() + "/sub-03");
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 0);
  EXPECT_THAT(group.err, HasSubstr(image("03") + ": the image is no longer in the dataset"));
  EXPECT_THAT(output("group_T1w.tsv"), Not(HasSubstr("sub-03")));
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-02"));
  EXPECT_TRUE(fs::exists(out + "/sub-03.html"));

  std::ofstream(out + "/sub-03/notes.txt") << "mine";
  EXPECT_THAT(run({"group", "--prune", "--dry-run"}).err, HasSubstr("would be removed"));
  EXPECT_TRUE(fs::exists(out + "/sub-03/anat"));
  EXPECT_EQ(run({"group", "--prune"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(out + "/sub-03.html"));
  EXPECT_FALSE(fs::exists(out + "/sub-03/anat"));
  EXPECT_EQ(output("sub-03/notes.txt"), "mine") << "what hypersynth did not write stays";
  EXPECT_TRUE(fs::exists(out + "/sub-02/anat"));
}

TEST_F(GoneImagesTest, PruneRemovesAllFilesAlsoInMriqcsLayoutAndOfADamagedRecord) {
  ASSERT_EQ(run({"participant", "--fast", "--mriqc-json"}).exit_code, 0);
  for (const char* subject : {"02", "03"}) {
    ASSERT_TRUE(
        fs::exists(out + "/mriqc/" + "sub-" + subject + "/anat/sub-" + subject + "_T1w.json"));
    fs::remove_all(data.path() + "/sub-" + subject);
  }
  std::ofstream(out + "/sub-02/anat/sub-02_space-T1w_desc-hypersynth_iqms.json") << "damaged";
  const std::vector<std::string> of_others = {"anat/sub-02_space-T1w_desc-manual_dseg.nii.gz",
                                              "anat/sub-02_desc-preproc_T1w.nii.gz",
                                              "figures/sub-02_desc-reconall_T1w.svg"};
  for (const auto& file : of_others) std::ofstream(out + "/sub-02/" + file) << "mine";
  EXPECT_EQ(run({"group", "--prune"}).exit_code, 0);
  std::size_t left = 0;
  for (const auto& entry : fs::recursive_directory_iterator(out + "/sub-02"))
    left += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(left, of_others.size());
  for (const auto& file : of_others) EXPECT_TRUE(fs::exists(out + "/sub-02/" + file)) << file;
  for (const char* folder_of : {"/", "/mriqc/", "/logs/failures/"})
    EXPECT_FALSE(fs::exists(out + folder_of + "sub-03")) << folder_of;
  for (const char* subject : {"02", "03"})
    EXPECT_FALSE(fs::exists(out + "/sub-" + subject + ".html")) << subject;
  EXPECT_TRUE(fs::exists(out + "/mriqc/sub-01/anat/sub-01_T1w.json"));
  EXPECT_TRUE(fs::exists(out + "/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz"));
}

TEST_F(GoneImagesTest, ThePageOfASubjectWhoseLastImageFailedDoesNotShowOneThatIsGone) {
  data.add_image("sub-02/anat/sub-02_run-2_T1w.nii.gz", PhantomHead{}.draw());
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
  data.add_text("sub-02/anat/sub-02_run-2_T1w.nii.gz", "\037\213broken");
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 65);
  fs::remove(data.path() + "/" + image("02"));
  EXPECT_EQ(run({"group", "--prune"}).exit_code, 0);
  EXPECT_THAT(output("sub-02.html"), Not(HasSubstr("figures/sub-02_desc")));
}

TEST_F(GoneImagesTest, ScoresOfASegmentationThatWasMadeAnewAreLeftOut) {
  const std::string manual = folder / "manual", stem = "/sub-01/anat/sub-01_space-T1w_desc-";
  fs::create_directories(manual + "/sub-01/anat");
  std::ofstream(manual + "/dataset_description.json")
      << R"({"Name": "m", "BIDSVersion": "1.10.1", "DatasetType": "derivative"})";
  fs::copy(out + stem + "hypersynth_dseg.nii.gz", manual + stem + "manual_dseg.nii.gz");
  ASSERT_EQ(run({"evaluate", "--reference", manual}).exit_code, 0);
  EXPECT_THAT(run({"group"}).err, Not(HasSubstr("scores left out")));
  data.add_image(image("01"), PhantomHead{.seed = 9}.draw());
  ASSERT_EQ(run({"participant", "--fast"}).exit_code, 0);
  EXPECT_THAT(run({"group"}).err,
              HasSubstr("scores left out, of segmentations that were made anew since: 1"));
}

TEST_F(GoneImagesTest, AnEntityOutsideTheStandardHidesNoImage) {
  data.add_image("sub-04/anat/sub-04_site-A_T1w.nii.gz", PhantomHead{}.draw());
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
  EXPECT_THAT(output("sub-04.html"), HasSubstr("sub-04_site-A_T1w"));
  EXPECT_EQ(run({"group"}).exit_code, 0);
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-04_site-A_T1w\tsub-04\t"));
}

TEST_F(GoneImagesTest, PagesAreWrittenAgainOnlyOfSubjectsWithResults) {
  data.add_image(image("04"), PhantomHead{}.draw());
  const auto again = run({"participant", "--reports-only"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("no results yet, so no page: sub-04"));
  EXPECT_FALSE(fs::exists(out + "/sub-04.html"));
  const auto elsewhere =
      hypersynth_run({data.path(), out + "-typo", "participant", "--reports-only"});
  EXPECT_EQ(elsewhere.exit_code, 18);
  EXPECT_THAT(elsewhere.err, HasSubstr("expected results of these participants"));
  EXPECT_FALSE(fs::exists(out + "-typo"));
}

TEST_F(GoneImagesTest, TheWrongDatasetPrunesNothing) {
  fs::rename(data.path() + "/sub-01", folder / "sub-01");
  fs::rename(data.path() + "/sub-02", folder / "sub-02");
  fs::remove_all(data.path() + "/sub-03");
  const auto prune = run({"group", "--prune"});
  EXPECT_EQ(prune.exit_code, 64);
  EXPECT_THAT(prune.err, HasSubstr("nothing is removed"));
  EXPECT_TRUE(fs::exists(out + "/sub-03/anat"));
  EXPECT_EQ(run({"group"}).exit_code, 18);
}

TEST_F(GoneImagesTest, TheGroupLevelNeedsNeitherRawDataNorTheModel) {
  fs::rename(data.path(), folder / "elsewhere");
  // A copy of the program on its own has no default model beside it.
  const std::string program = folder / "bin/hypersynth";
  fs::create_directory(folder / "bin");
  fs::copy_file(HYPERSYNTH_PROGRAM, program);
  const auto group = run_process({program, data.path(), out, "group"});
  EXPECT_EQ(group.exit_code, 0) << group.err;
  EXPECT_THAT(group.err, HasSubstr("no such folder"));
  EXPECT_THAT(output("group_T1w.tsv"), HasSubstr("sub-03"));
  EXPECT_THAT(output("group_T1w.html"), HasSubstr("brain33-unet16"));
}

TEST_F(GoneImagesTest, PagesOfASuffixWithoutImagesAreRemoved) {
  std::ofstream(out + "/group_T2w.tsv") << "bids_name\n";
  std::ofstream(out + "/group_bold.tsv") << "of another program\n";
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 0);
  EXPECT_THAT(group.err, HasSubstr("group_T2w.tsv: no image has this suffix any more"));
  EXPECT_FALSE(fs::exists(out + "/group_T2w.tsv"));
  EXPECT_TRUE(fs::exists(out + "/group_bold.tsv"));
}

}  // namespace
}  // namespace hypersynth
