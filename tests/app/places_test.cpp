// No folder that is written to may be one that is only read, whatever links say.

#include "app/places.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace stdfs = std::filesystem;
using testing::HasSubstr;

class PlacesTest : public testing::Test {
 protected:
  PlacesTest() {
    stdfs::create_directories(raw() / "sub-01/anat");
    stdfs::create_directories(raw() / "derivatives");
    stdfs::create_directories(out());
    options.bids_dir = raw().string();
    options.output_dir = out().string();
  }

  stdfs::path raw() const { return stdfs::canonical(folder.path()) / "raw"; }
  stdfs::path out() const { return stdfs::canonical(folder.path()) / "out"; }

  void describe(const stdfs::path& dataset, const std::string& text) const {
    std::ofstream(dataset / "dataset_description.json") << text;
  }

  /// What is complained of; empty where nothing is.
  std::string problem(ExitCode code = ExitCode::kUsage) const {
    try {
      check_places(options);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
  }

  TemporaryDir folder;
  ParticipantOptions options;
};

TEST_F(PlacesTest, FoldersOfTheirOwnAreFine) {
  EXPECT_EQ(problem(), "");
  options.output_dir = (raw() / "derivatives/hypersynth").string();
  options.derivatives["all"] = (raw() / "derivatives").string();
  EXPECT_EQ(problem(), "");
}

TEST_F(PlacesTest, NoFolderOfTheOutputMayBeALinkIntoTheRawData) {
  for (const char* name : {"logs", "work", "sub-01", "sub-01/figures", "sub-01/anat",
                           "sub-01/ses-1", "sub-01/ses-1/anat", "logs/failures", "assets"}) {
    const stdfs::path link = out() / name;
    stdfs::create_directories(link.parent_path());
    stdfs::create_directory_symlink(raw() / "sub-01", link);
    EXPECT_THAT(problem(), HasSubstr("raw data")) << name;
    EXPECT_THAT(problem(), HasSubstr(link.string())) << name;
    stdfs::remove_all(out());
    stdfs::create_directories(out());
  }
}

TEST_F(PlacesTest, TheRawDataMayNotBeAFolderOfTheOutput) {
  for (const char* name : {"logs", "work", "sub-01", "sub-01/anat", "logs/crashes"}) {
    stdfs::create_directories(out() / name);
    options.bids_dir = (out() / name).string();
    EXPECT_THAT(problem(), HasSubstr("raw data")) << name;
    stdfs::remove_all(out());
  }
  stdfs::create_directories(out() / "data/raw");
  options.bids_dir = (out() / "data/raw").string();
  EXPECT_EQ(problem(), "") << "nothing is written there";
}

TEST_F(PlacesTest, DatasetsOfOtherProgramsAreNotWrittenToEither) {
  stdfs::create_directories(folder.path() / "other/sub-01");
  options.derivatives["other"] = (folder.path() / "other").string();
  stdfs::create_directory_symlink(folder.path() / "other/sub-01", out() / "sub-01");
  EXPECT_THAT(problem(), HasSubstr("'other'"));
}

TEST_F(PlacesTest, WorkGraphAndIndexAreLookedAtToo) {
  stdfs::create_directory_symlink(raw() / "sub-01", folder.path() / "link");
  const std::string inside = folder / "link";
  options.graph = inside + "/graph.svg";
  EXPECT_THAT(problem(), HasSubstr("--graph"));
  options.graph.clear();
  options.bids_database_dir = inside + "/index";
  EXPECT_THAT(problem(), HasSubstr("--bids-database-dir"));
  options.bids_database_dir.clear();
  options.work_dir = inside + "/work";
  EXPECT_THAT(problem(), HasSubstr("the work folder"));
  stdfs::create_directories(folder.path() / "own");
  stdfs::create_directory_symlink(raw() / "sub-01", folder.path() / "own/training");
  options.work_dir = folder / "own";
  EXPECT_THAT(problem(), HasSubstr("the work folder"));
  options.work_dir = stdfs::canonical(folder.path()).string();
  EXPECT_THAT(problem(), HasSubstr("holds the raw data"));
}

TEST_F(PlacesTest, AnotherDatasetIsNotWrittenInto) {
  for (const char* text :
       {R"({"Name": "x", "BIDSVersion": "1.8.0"})", R"({"Name": "x", "DatasetType": "raw"})"}) {
    describe(out(), text);
    EXPECT_THAT(problem(), HasSubstr("another dataset")) << text;
  }
  for (const char* text : {R"({"Name": "x", "DatasetType": "derivative"})", "", "{\"Na"}) {
    describe(out(), text);
    EXPECT_EQ(problem(), "") << text;
  }
}

TEST_F(PlacesTest, PathsThatCannotBeFollowedSayWhy) {
  stdfs::create_symlink(folder / "loop", folder / "loop");
  const std::string loop = folder / "loop/x";
  const std::string long_name = folder / std::string(300, 'x');
  for (const auto& path : {loop, long_name}) {
    options.output_dir = path;
    EXPECT_THAT(problem(ExitCode::kCannotCreateOutput), HasSubstr("cannot be opened")) << path;
    options.output_dir = out().string();
    options.work_dir = path;
    EXPECT_THAT(problem(ExitCode::kCannotCreateOutput), HasSubstr("cannot be opened")) << path;
    options.work_dir.clear();
    options.bids_dir = path;
    EXPECT_THAT(problem(ExitCode::kInputMissing), HasSubstr("cannot be opened")) << path;
    options.bids_dir = raw().string();
  }
}

}  // namespace
}  // namespace hypersynth
