// DataLad datasets: images whose content is elsewhere. A script stands in for datalad.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

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
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Takes `-C FOLDER get|drop -- FILE...` and says what it does as datalad does. Contents come from
/// $STORE; a content of which STORE has no copy is not dropped.
const char* const kStandIn = R"sh(#!/bin/sh
cd "$2" || exit 1
verb=$3
shift 4
status=0
for file in "$@"; do
  echo "$verb $file" >>"$STORE/log"
  target=$(readlink "$file")
  key=$(basename "$target")
  folder=$(dirname "$file")
  if [ ! -e "$STORE/$key" ]; then
    echo "$verb(error): $file (file) [no copy of $key]"
    status=1
  elif [ "$verb" = get ]; then
    mkdir -p "$folder/$(dirname "$target")"
    cp "$STORE/$key" "$folder/$target"
    echo "get(ok): $file (file)"
  else
    rm "$folder/$target"
    echo "drop(ok): $file (file)"
  fi
done
exit $status
)sh";

class DataladTest : public testing::Test {
 protected:
  DataladTest() {
    fs::create_directories(store);
    fs::create_directories(folder / "bin");
    std::ofstream(folder / "bin/datalad") << kStandIn;
    fs::permissions(folder / "bin/datalad", fs::perms::owner_all);
    data.add_image(image("01"), PhantomHead{}.draw());
    for (const char* subject : {"02", "03"}) annex(image(subject), "image" + std::string(subject));
    for (const char* key : {"image02", "image03"}) fs::copy(data.place(image("01")), store / key);
    annex("sub-02/anat/sub-02_T1w.json", "sidecar");
    std::ofstream(store / "sidecar") << R"({"MagneticFieldStrength": 7})";
  }

  static std::string image(const std::string& subject) {
    return "sub-" + subject + "/anat/sub-" + subject + "_T1w.nii.gz";
  }

  /// Makes a file of git-annex without its content.
  void annex(const std::string& path, const std::string& key) const {
    const std::string link = data.place(path);
    fs::remove(link);
    fs::create_symlink("../../.git/annex/objects/aa/" + key + "/" + key, link);
  }

  bool has_content(const std::string& path) const { return fs::exists(data.place(path)); }

  ProcessResult run(std::vector<std::string> options) const {
    options.insert(options.begin(), {data.path(), out, "participant", "--fast"});
    const std::string path = (folder / "bin") + ":" + std::getenv("PATH");
    return hypersynth_run(std::move(options), {{"PATH", path}, {"STORE", store.string()}});
  }

  /// What datalad was asked to do since the last call, in order.
  std::vector<std::string> asked() const {
    std::ifstream stream(store / "log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    stream.close();
    fs::remove(store / "log");
    return lines;
  }

  TemporaryDir folder;
  fs::path store = folder / "store";
  BidsDataset data{folder.path() / "raw data"};
  std::string out = folder / "out";
};

TEST_F(DataladTest, WithoutTheOptionTheCommandThatFetchesIsNamed) {
  const auto result = run({"--participant-label", "02"});
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_THAT(result.err,
              HasSubstr("datalad -C '" + data.path() + "/sub-02/anat' get sub-02_T1w.nii.gz"));
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(DataladTest, ADryRunFetchesNothing) {
  const auto result = run({"--datalad-get", "--dry-run", "--participant-label", "02"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("no result yet; its content is fetched first"));
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(DataladTest, NoMoreThanEightImagesAreThereAtATimeWhereTheyAreDropped) {
  for (const char* subject : {"04", "05", "06", "07", "08", "09", "10", "11", "12"})
    annex(image(subject), "image" + std::string(subject));
  const auto waits = [&](std::vector<std::string> options) {
    options.insert(options.end(), {"--datalad-get", "--explain"});
    std::istringstream lines(run(options).out);
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" fetch ") == std::string::npos) continue;
      const auto at = line.find("waits for");
      if (at != std::string::npos) found.push_back(line.substr(at));
    }
    return found;
  };
  EXPECT_THAT(waits({}), IsEmpty());
  EXPECT_THAT(waits({"--datalad-drop"}),
              ElementsAre("waits for 'sub-02.T1w.record'", "waits for 'sub-03.T1w.record'",
                          "waits for 'sub-04.T1w.record'"));
}

TEST_F(DataladTest, WithoutTheProgramNothingIsBegun) {
  const auto result = hypersynth_run({data.path(), out, "participant", "--datalad-get"},
                                     {{"PATH", folder / "store"}});
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(result.err, HasSubstr("expected the command datalad in PATH, found none"));
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(run({"--datalad-drop"}).exit_code, 64);
}

TEST_F(DataladTest, SelectedImagesAreFetchedAndDroppedAndAreFinishedWithoutTheirContent) {
  const std::vector<std::string> options = {"--datalad-get", "--datalad-drop",
                                            "--participant-label", "01", "02"};
  const auto first = run(options);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(asked(), ElementsAre("get sub-02/anat/sub-02_T1w.json", "get sub-02_T1w.nii.gz",
                                   "drop sub-02_T1w.nii.gz"));
  EXPECT_THAT(first.err, Not(HasSubstr("BROKEN_LINK")));
  EXPECT_TRUE(has_content(image("01")));  // it was there before
  EXPECT_FALSE(has_content(image("02")));
  const auto record =
      json::parse(read_text(out + "/sub-02/anat/sub-02_space-T1w_desc-hypersynth_iqms.json"));
  EXPECT_EQ(record.at("bids_meta").at("MagneticFieldStrength"), 7);
  EXPECT_EQ(record.at("provenance").at("source").at("annex_key"), "image02");

  const auto second = run({"--participant-label", "01", "02"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("finished before"));
  EXPECT_THAT(asked(), IsEmpty());

  annex(image("02"), "image03");  // another version of the dataset
  const auto third = run(options);
  EXPECT_EQ(third.exit_code, 0) << third.err;
  EXPECT_THAT(asked(), ElementsAre("get sub-02_T1w.nii.gz", "drop sub-02_T1w.nii.gz"));
}

TEST_F(DataladTest, TablesOfSessionsAreFetchedAndWhatADroppedSidecarSaidStaysKnown) {
  const std::string table = "sub-02/sub-02_scans.tsv";
  fs::create_symlink("../.git/annex/objects/aa/scans/scans", data.place(table));
  std::ofstream(store / "scans") << "filename\tacq_time\nanat/sub-02_T1w.nii.gz\t1901-05-01\n";
  const std::string record = out + "/sub-02/anat/sub-02_space-T1w_desc-hypersynth_iqms.json";
  ASSERT_EQ(run({"--datalad-get", "--participant-label", "02"}).exit_code, 0);
  EXPECT_EQ(json::parse(read_text(record)).at("bids_meta").at("acq_time"), "1901-05-01");
  const std::string before = read_text(record);
  annex("sub-02/anat/sub-02_T1w.json", "dropped");
  fs::remove(data.place(table));
  fs::create_symlink("../.git/annex/objects/aa/dropped/dropped", data.place(table));
  const auto second = run({"--participant-label", "02"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("finished before"));
  EXPECT_EQ(read_text(record), before);
}

TEST_F(DataladTest, WhatCannotBeFetchedCostsNoOtherImage) {
  annex(image("02"), "nowhere");
  const auto result = run({"--datalad-get", "--participant-label", "02", "03"});
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_THAT(result.err, HasSubstr("get(error): sub-02_T1w.nii.gz (file) [no copy of nowhere]"));
  EXPECT_TRUE(has_content(image("03")));
  EXPECT_TRUE(fs::exists(out + "/sub-03.html"));
}

TEST_F(DataladTest, TheLastCopyIsNotDropped) {
  std::string script = kStandIn;  // one that forgets its copy when it has given it
  script.replace(script.find("cp "), 3, "mv ");
  std::ofstream(folder / "bin/datalad") << script;
  const auto result = run({"--datalad-get", "--datalad-drop", "--participant-label", "03"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("its content stays"), HasSubstr("drop(error)")));
  EXPECT_TRUE(has_content(image("03")));
}

}  // namespace
}  // namespace hypersynth
