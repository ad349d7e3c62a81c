// People with several sessions: changes over time, and places in the group.

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

/// Three people: one scanned twice on known days, one scanned twice on unknown ones, one scanned
/// once.
class SessionsTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryDir folder;
    BidsDataset data{folder.path() / "raw"};
    std::string out = folder / "out";
    ProcessResult first;
  };
  static inline std::unique_ptr<Shared> shared;

  static std::string image(const std::string& subject, const std::string& session) {
    return "sub-" + subject + "/ses-" + session + "/anat/sub-" + subject + "_ses-" + session +
           "_T1w.nii.gz";
  }

  static void SetUpTestSuite() {
    shared = std::make_unique<Shared>();
    const auto& data = shared->data;
    data.add_image(image("01", "1"), PhantomHead{.seed = 1}.draw());
    data.add_image(image("01", "2"), PhantomHead{.seed = 2}.draw());
    data.add_image(image("02", "1"), PhantomHead{.seed = 3}.draw());
    data.add_image(image("02", "2"), PhantomHead{.seed = 4}.draw());
    data.add_image("sub-03/anat/sub-03_T1w.nii.gz", PhantomHead{.seed = 5}.draw());
    for (const char* session : {"1", "2"}) {
      const std::string stem = std::string("sub-01/ses-") + session + "/";
      data.add_text(stem + "sub-01_ses-" + session + "_scans.tsv",
                    "filename\tacq_time\nanat/sub-01_ses-" + std::string(session) +
                        "_T1w.nii.gz\t190" + session + "-05-01T10:00:00\n");
    }
    shared->first = run({"participant", "--fast"});
  }
  static void TearDownTestSuite() { shared.reset(); }

  static ProcessResult run(std::vector<std::string> options) {
    options.insert(options.begin(), {shared->data.path(), shared->out});
    return hypersynth_run(std::move(options));
  }
  static std::string output(const std::string& path) { return shared->out + "/" + path; }
};

TEST_F(SessionsTest, TheTableOverSessionsHasTheVolumesAndTheTimes) {
  ASSERT_EQ(shared->first.exit_code, 0) << shared->first.err;
  const auto table = read_text(output("sub-01/sub-01_desc-hypersynth_longitudinal.tsv"));
  EXPECT_THAT(table, HasSubstr("T1w\tintracranial volume\tses-1\t" + image("01", "1") +
                               "\t1901-05-01T10:00:00\t0\t"));
  EXPECT_THAT(table, HasSubstr("\t1902-05-01T10:00:00\t0.99"));
  EXPECT_TRUE(fs::exists(output("sub-01/sub-01_desc-hypersynth_longitudinal.json")));
  EXPECT_FALSE(fs::exists(output("sub-03/sub-03_desc-hypersynth_longitudinal.tsv")));
  const auto page = read_text(output("sub-01.html"));
  EXPECT_THAT(page, HasSubstr("id=\"sessions\""));
  EXPECT_THAT(page, HasSubstr("There are no limits, and no change is marked"));  // with --fast
  EXPECT_THAT(read_text(output("sub-02.html")), HasSubstr("not known: ses-1, ses-2"));
  EXPECT_THAT(read_text(output("sub-03.html")), Not(HasSubstr("id=\"sessions\"")));
}

TEST_F(SessionsTest, ANewDateIsShownWithoutSegmentingAgain) {
  const std::string table = "sub-01/ses-2/sub-01_ses-2_scans.tsv";
  const std::string text = read_text(shared->data.path() + "/" + table);
  shared->data.add_text(table,
                        "filename\tacq_time\nanat/sub-01_ses-2_T1w.nii.gz\t1911-05-01T10:00:00\n");
  const auto result = run({"participant", "--fast", "-v"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("ses-2_T1w.nii.gz: record"));
  EXPECT_THAT(result.err, Not(HasSubstr("T1w.nii.gz: segment")));
  EXPECT_THAT(read_text(output("sub-01/sub-01_desc-hypersynth_longitudinal.tsv")),
              HasSubstr("1911-05-01T10:00:00\t9.99"));
  shared->data.add_text(table, text);
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
}

TEST_F(SessionsTest, TheSessionsAreAlignedAndShownBesideEachOther) {
  const std::string stem = "sub-01/figures/sub-01_ses-2_desc-";
  const auto known = nlohmann::json::parse(read_text(output(stem + "sessions_T1w.json")));
  EXPECT_EQ(known.at("First"), image("01", "1"));
  EXPECT_LT(known.at("Rotation_deg"), 1);  // the same phantom with other noise
  EXPECT_LT(known.at("Shift_mm"), 1);
  EXPECT_GT(known.at("Correlation"), 0.9);
  EXPECT_EQ(known.at("Mirrored"), false);
  const auto page = read_text(output("sub-01.html"));
  for (const char* plane : {"axial", "coronal", "sagittal"}) {
    for (const char* scan : {"First", "Later"}) {
      const std::string picture = stem + plane + scan + "_T1w.png";
      EXPECT_TRUE(fs::exists(output(picture))) << picture;
      EXPECT_THAT(page, HasSubstr(picture));
    }
  }
  EXPECT_THAT(read_text(output("sub-03.html")), Not(HasSubstr("beside")));
}

TEST_F(SessionsTest, TheyAreDrawnAgainWhereTheyAreDamagedAndOnlyThere) {
  const std::string kept = output("sub-01/figures/sub-01_ses-2_desc-axialFirst_T1w.png");
  const std::string lost = output("sub-02/figures/sub-02_ses-2_desc-coronalLater_T1w.png");
  const auto before = fs::last_write_time(kept);
  const std::string bytes = read_text(lost);
  for (const bool removed : {true, false}) {
    if (removed) {
      fs::remove(lost);
    } else {
      std::ofstream(lost) << "no picture";
    }
    ASSERT_EQ(run({"participant", "--reports-only"}).exit_code, 0);
    EXPECT_THAT(read_text(output("sub-02.html")),
                HasSubstr("the next run of the participant level"));
    const auto result = run({"participant", "--fast", "-v"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("T1w.nii.gz: segment")));
    EXPECT_EQ(read_text(lost), bytes);
    EXPECT_EQ(fs::last_write_time(kept), before);
    EXPECT_THAT(read_text(output("sub-02.html")), Not(HasSubstr("the next run")));
  }
}

TEST_F(SessionsTest, WhatCannotBeComparedIsSaidOnceAndNotTriedAgain) {
  // Of the right size and time: only who reads it notices.
  const std::string script = output("sub-02/figures/sub-02_ses-1_desc-viewer_T1w.js");
  const std::string whole = read_text(script);
  const auto time = fs::last_write_time(script);
  std::string damaged = whole;
  damaged[damaged.size() / 2] = '*';
  std::ofstream(script) << damaged;
  fs::last_write_time(script, time);
  fs::remove(output("sub-02/figures/sub-02_ses-2_desc-sessions_T1w.json"));
  const auto result = run({"participant", "--fast"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("ses-2_T1w.nii.gz: not shown beside sub-02/ses-1"));
  EXPECT_THAT(read_text(output("sub-02.html")), HasSubstr("Not shown beside each other: "));
  EXPECT_THAT(run({"participant", "--fast"}).err, Not(HasSubstr("not shown beside")));
  std::ofstream(script) << whole;
  fs::last_write_time(script, time);
  fs::remove(output("sub-02/figures/sub-02_ses-2_desc-sessions_T1w.json"));
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(output("sub-02/figures/sub-02_ses-2_desc-axialLater_T1w.png")));
}

TEST_F(SessionsTest, PicturesOfASessionThatIsGoneAreRemovedByPrune) {
  const TemporaryDir folder;
  const std::string raw = folder / "raw", out = folder / "out";
  fs::copy(shared->data.path(), raw, fs::copy_options::recursive);
  fs::copy(shared->out, out, fs::copy_options::recursive);
  fs::remove_all(raw + "/sub-01/ses-1");
  ASSERT_EQ(hypersynth_run({raw, out, "group", "--prune"}).exit_code, 0);
  std::size_t left = 0;
  for (const auto& entry : fs::directory_iterator(out + "/sub-01/figures")) {
    const std::string name = entry.path().filename().string();
    EXPECT_THAT(name, Not(HasSubstr("ses-1")));
    EXPECT_THAT(name, Not(HasSubstr("First")));
    EXPECT_THAT(name, Not(HasSubstr("desc-sessions")));
    ++left;
  }
  EXPECT_GT(left, 0u);
  EXPECT_TRUE(fs::exists(out + "/sub-02/figures/sub-02_ses-2_desc-sessions_T1w.json"));
}

TEST_F(SessionsTest, ASessionThatIsGoneIsNotCompared) {
  const std::string there = shared->data.path() + "/sub-02/ses-2", away = shared->folder / "away";
  const std::string table = output("sub-02/sub-02_desc-hypersynth_longitudinal.tsv");
  fs::rename(there, away);
  for (const char* level : {"participant", "group"}) {
    EXPECT_EQ(run(level == std::string("group") ? std::vector<std::string>{level}
                                                : std::vector<std::string>{level, "--fast"})
                  .exit_code,
              0);
    EXPECT_FALSE(fs::exists(table)) << level;
    EXPECT_THAT(read_text(output("sub-02.html")), Not(HasSubstr("id=\"sessions\""))) << level;
  }
  fs::rename(away, there);
  EXPECT_EQ(run({"participant", "--fast"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(table));
  EXPECT_THAT(read_text(output("sub-02.html")), HasSubstr("sub-02_ses-2_desc-axialLater_T1w.png"));
}

TEST_F(SessionsTest, WithoutAViewerThereIsNothingToDrawThemFromAndThatIsSaid) {
  const std::string out = shared->folder / "plain";
  const auto result = hypersynth_run({shared->data.path(), out, "participant", "--fast",
                                      "--no-viewer", "--participant-label", "01"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_text(out + "/sub-01.html"), HasSubstr("ses-1 was made with --no-viewer"));
  EXPECT_FALSE(fs::exists(out + "/sub-01/figures/sub-01_ses-2_desc-sessions_T1w.json"));
}

TEST_F(SessionsTest, TheGroupLevelPutsPositionsOnThePagesAndTheNextRunDropsThem) {
  EXPECT_THAT(read_text(output("sub-01.html")), HasSubstr("Run the group level to see here"));
  ASSERT_EQ(run({"group"}).exit_code, 0);
  const auto page = read_text(output("sub-01.html"));
  EXPECT_THAT(page, HasSubstr("The group: "));
  EXPECT_THAT(page, HasSubstr("Positions are given from 5 people on"));
  EXPECT_EQ(run({"participant", "--reports-only"}).exit_code, 0);
  EXPECT_THAT(read_text(output("sub-01.html")), HasSubstr("Run the group level to see here"));
}

}  // namespace
}  // namespace hypersynth
