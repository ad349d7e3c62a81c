// What a run leaves out, replaces or refuses, it says: near misses of names, requests that fit
// nothing, files that can't be read, an output of another dataset.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "cli/bad_dataset.h"
namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using LeftOutTest = BadDatasetTest;

TEST_F(LeftOutTest, WhatLooksLikeAnImageAndIsNotTakenIsSaidOnceAndInTheListing) {
  for (int subject = 10; subject < 40; ++subject) {
    const std::string name = "sub-" + std::to_string(subject);
    data.add_text(name + "/anat/" + name + "_T1w.NII.GZ", "not read");
  }
  data.add_text("sub-50/Anat/sub-50_T1w.nii.gz", "not read");
  data.add_text("sub-51/anat/sub-51_t1w.nii.gz", "not read");
  data.add_text("sub-01/anat/sub-01_T1w.nii", "not read");
  const auto plan = listing();
  EXPECT_EQ(plan.at("images").size(), 2u);
  EXPECT_EQ(issues_of(plan, "IMAGE_FORMAT").size(), 30u);
  EXPECT_EQ(issues_of(plan, "IMAGE_OUTSIDE_ANAT").size(), 1u);
  EXPECT_EQ(issues_of(plan, "SUFFIX_UNKNOWN").size(), 1u);
  EXPECT_EQ(issues_of(plan, "DUPLICATE_IMAGE").size(), 1u);
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--dry-run"}, {}}) {
    const auto run = participant(options);
    EXPECT_EQ(lines_with(run.err, "warning: IMAGE_FORMAT: sub-10/anat/sub-10_T1w.NII.GZ"), 1u);
    EXPECT_EQ(lines_with(run.err, ".NII.GZ"), 1u) << run.err;
    EXPECT_EQ(lines_with(run.err, "warning: IMAGE_OUTSIDE_ANAT: sub-50/Anat/"), 1u) << run.err;
    EXPECT_EQ(lines_with(run.err, "warning: SUFFIX_UNKNOWN: sub-51/"), 1u) << run.err;
    EXPECT_EQ(lines_with(run.err, "warning: DUPLICATE_IMAGE: sub-01/anat/sub-01_T1w.nii: "), 1u);
  }
  EXPECT_GE(lines_with(participant({"--dry-run", "-v"}).err, ".NII.GZ"), 30u);
  const auto skipped = participant({"--dry-run", "--skip-bids-validation"});
  EXPECT_EQ(lines_with(skipped.err, "warning"), lines_with(skipped.err, "DUPLICATE_IMAGE"));
}

TEST_F(LeftOutTest, WhereNothingIsLeftTheNearMissesSayWhy) {
  fs::remove(data.place("sub-01/anat/sub-01_T1w.nii.gz"));
  fs::rename(data.place("sub-02/anat/sub-02_T1w.nii.gz"),
             data.place("sub-02/anat/sub-02_T1w.NII.GZ"));
  const auto run = participant({});
  EXPECT_EQ(run.exit_code, 18);
  EXPECT_THAT(run.err, HasSubstr("sub-02_T1w.NII.GZ: expected .nii or .nii.gz"));
}

TEST_F(LeftOutTest, WhatWasAskedForAndFitsNothingIsSaid) {
  data.add_text("sub-03/func/sub-03_task-x_bold.nii.gz", "not read");
  data.add_text("../filter.json", R"({"t1w": {"run": ["7", null]}, "colour": "red"})");
  const auto run = participant({"--dry-run", "--participant-label", "01", "03", "-m", "T1w",
                                "FLAIR", "--bids-filter-file", folder / "filter.json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const char* text :
       {"subject that was asked for: 03", "modality that was asked for: FLAIR",
        "filter.json: filter of T1w: no image has the run 7", "filter.json: 'colour' is not known"})
    EXPECT_EQ(lines_with(run.err, text), 1u) << text << "\n" << run.err;
}

TEST_F(LeftOutTest, NoMessageBeginsWithAnEmptyPath) {
  fs::create_symlink("nowhere", data.place("sub-03"));
  fs::create_symlink("nowhere", data.place("participants.tsv"));
  const auto run = participant({"-m", "T1w", "FLAIR"});
  EXPECT_THAT(run.err, AllOf(HasSubstr("BROKEN_LINK: sub-03: "),
                             HasSubstr("BROKEN_LINK: participants.tsv: symbolic link without"),
                             Not(HasSubstr(": : "))));
}

TEST_F(LeftOutTest, PipesAndDevicesInPlaceOfTextAreNamedAndNeverWaitedFor) {
  for (const char* file : {"participants.tsv", ".bidsignore", "sub-01/anat/sub-01_T1w.json"})
    ASSERT_EQ(::mkfifo(data.place(file).c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", data.place("T1w.json"));
  const auto run = participant({});
  EXPECT_EQ(run.exit_code, 65);
  for (const char* file : {"participants.tsv", ".bidsignore", "sub-01/anat/sub-01_T1w.json"})
    EXPECT_THAT(run.err, HasSubstr(std::string("FILE_UNREADABLE: ") + file +
                                   ": a named pipe, not a regular file"));
  EXPECT_THAT(run.err, HasSubstr("T1w.json: a device, not a regular file"));
  EXPECT_TRUE(fs::exists(out + "/sub-02.html"));
  for (const char* option : {"--bids-filter-file", "--config-file", "--model"}) {
    const auto device = participant({option, "/dev/zero"});
    EXPECT_EQ(device.exit_code, 64) << option;
    EXPECT_THAT(device.err, HasSubstr("a device, not a regular file")) << option;
  }
  ASSERT_TRUE(fs::remove(data.place("dataset_description.json")));
  ASSERT_EQ(::mkfifo(data.place("dataset_description.json").c_str(), 0600), 0);
  EXPECT_EQ(participant({}).exit_code, 16);
}

TEST_F(LeftOutTest, ASubjectFolderThatIsALinkToAnotherIsSaid) {
  fs::create_symlink("sub-01", data.place("sub-03"));
  fs::create_symlink("/proc", data.place("sub-02/proc"));
  fs::create_symlink("..", data.place("sub-02/up"));
  const auto plan = listing();
  EXPECT_EQ(plan.at("images").size(), 2u);
  EXPECT_THAT(issues_of(plan, "DIRECTORY_REPEATED"),
              testing::ElementsAre(HasSubstr("sub-03: the link leads to sub-01")));
  EXPECT_EQ(issues_of(plan, "DIRECTORY_LOOP").size(), 2u);
}

TEST_F(LeftOutTest, LinksToThemselvesAndLongNamesAreNamed) {
  const std::string loop = folder / "loop";
  fs::create_symlink("loop", loop);
  for (const std::string& path : {loop, folder / std::string(300, 'x')}) {
    const auto expect = [&](const std::vector<std::string>& arguments, int exit_code) {
      const auto run = hypersynth_run(arguments);
      EXPECT_EQ(run.exit_code, exit_code) << run.err;
      EXPECT_THAT(run.err, HasSubstr(path));
    };
    expect({path, out, "participant"}, 66);
    expect({data.path(), path, "participant"}, 73);
    expect({data.path(), path + "/below", "participant"}, 73);
    expect({data.path(), out, "participant", "-w", path}, 73);
    expect({data.path(), out, "participant", "-d", "x=" + path}, 66);
    expect({data.path(), out, "participant", "--bids-filter-file", path}, 64);
    expect({data.path(), out, "participant", "--bids-database-dir", path}, 73);
  }
}

TEST_F(LeftOutTest, WhereTheOnlySubjectCannotBeReadItIsSaid) {
  fs::remove_all(data.place("sub-02"));
  fs::permissions(folder.path(), fs::perms{0777});
  fs::permissions(data.place("sub-01/anat"), fs::perms{0});
  const auto command = unprivileged(hypersynth_command({data.path(), out, "participant"}));
  if (command.empty()) GTEST_SKIP() << "no other user than root can run the program here";
  const auto run = run_process(command);
  fs::permissions(data.place("sub-01/anat"), fs::perms{0755});
  EXPECT_EQ(run.exit_code, 18);
  EXPECT_THAT(run.err, HasSubstr("DIRECTORY_UNREADABLE: sub-01/anat: "));
}

TEST_F(LeftOutTest, WithoutPermissionForTheParticipantsTablePagesAreWrittenAllTheSame) {
  data.add_text("participants.tsv", "participant_id\n" + std::string(300 << 10, 'x') + "\n");
  fs::permissions(folder.path(), fs::perms{0777});
  fs::permissions(data.place("participants.tsv"), fs::perms{0});
  const auto command = unprivileged(hypersynth_command({data.path(), out, "participant"}));
  if (command.empty()) GTEST_SKIP() << "no other user than root can run the program here";
  const auto run = run_process(command);
  EXPECT_EQ(run.exit_code, 65);
  EXPECT_EQ(lines_with(run.err, "FILE_UNREADABLE: participants.tsv: Permission denied"), 1u);
  EXPECT_TRUE(fs::exists(out + "/sub-01.html"));
  EXPECT_TRUE(fs::exists(out + "/sub-02.html"));
}

TEST_F(LeftOutTest, AnotherDatasetIsRefusedAnOutputThatHoldsResults) {
  EXPECT_EQ(participant({}).exit_code, 65);
  const BidsDataset other(folder / "other");
  other.add_text("dataset_description.json", R"({"Name": "other", "BIDSVersion": "1.10.1"})");
  other.add_text("sub-01/anat/sub-01_T1w.nii.gz", "not read");
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"participant"}, {"participant", "--dry-run"}}) {
    auto arguments = std::vector<std::string>{other.path(), out};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto run = hypersynth_run(arguments);
    EXPECT_EQ(run.exit_code, 64);
    EXPECT_THAT(run.err, AllOf(HasSubstr("'phantoms'"), HasSubstr("'other'"), HasSubstr(out)));
  }
  // So is one of the same name and description with other images, or with other participants.
  for (const char* name : {"other-images", "other-participants"}) {
    fs::copy(folder / "raw", folder / name, fs::copy_options::recursive);
    EXPECT_EQ(hypersynth_run({folder / name, out, "participant", "--dry-run"}).exit_code, 0)
        << "a copy of the dataset";
  }
  std::ofstream(folder / "other-images/sub-01/anat/sub-01_T1w.nii.gz") << "another image";
  fs::rename(folder / "other-participants/sub-01", folder / "other-participants/sub-71");
  for (const char* name : {"other-images", "other-participants"})
    EXPECT_EQ(hypersynth_run({folder / name, out, "participant"}).exit_code, 64) << name;
  // The same dataset at another place is welcome, and the links follow it.
  fs::rename(folder / "raw", folder / "moved");
  const auto moved = hypersynth_run({folder / "moved", out, "participant"});
  EXPECT_EQ(moved.exit_code, 65);
  EXPECT_EQ(lines_with(moved.err, "OUTPUT_CHANGED"), 1u) << moved.err;
  const auto description = json::parse(read_text(out + "/dataset_description.json"));
  EXPECT_THAT(description.at("DatasetLinks").at("raw").get<std::string>(), HasSubstr("/moved"));
}

}  // namespace
}  // namespace hypersynth
