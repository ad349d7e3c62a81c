// A record vouches for the files it names: what is missing, cut, changed or another run's is made
// again, and the group level says what it cannot read.

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

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
using testing::HasSubstr;
using testing::Not;

/// A whole head, an image of two chunks and one with an echo, segmented once; each test works on
/// the output and puts back what it changed.
class DamagedResultsTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryDir folder;
    BidsDataset data{folder.path() / "raw"};
    std::string out = folder / "out";
    ProcessResult participant;
  };
  static std::unique_ptr<Shared> shared;

  static void SetUpTestSuite() {
    shared = std::make_unique<Shared>();
    const auto& data = shared->data;
    data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
    data.add_image("sub-01/anat/sub-01_chunk-1_T1w.nii.gz", PhantomHead{.seed = 2}.draw());
    data.add_image("sub-02/anat/sub-02_echo-1_T2starw.nii.gz", PhantomHead{.seed = 3}.draw());
    data.add_text("sub-02/anat/sub-02_echo-1_T2starw.json",
                  R"({"Manufacturer": "ACME", "EchoTime": 0.004,})");
    shared->participant = run({"participant", "--fast"});
  }
  static void TearDownTestSuite() { shared.reset(); }

  static ProcessResult run(std::vector<std::string> level_and_options,
                           const std::string& out = shared->out) {
    level_and_options.insert(level_and_options.begin(), {shared->data.path(), out});
    return hypersynth_run(std::move(level_and_options));
  }

  /// What a dry run says of the image at `path`: "cached: finished before".
  static std::string planned(const std::string& path) {
    const auto plan = json::parse(run({"participant", "--fast", "--dry-run", "--json"}).out);
    for (const auto& image : plan.at("images")) {
      if (image.at("path") == path)
        return image.at("status").get<std::string>() + ": " + image.at("reason").get<std::string>();
    }
    return "not in the listing";
  }

  static std::string output(const std::string& path) { return shared->out + "/" + path; }

  static constexpr const char* kImage = "sub-01/anat/sub-01_T1w.nii.gz";
  static constexpr const char* kRecord = "sub-01/anat/sub-01_space-T1w_desc-hypersynth_iqms.json";
  static constexpr const char* kTable = "sub-01/anat/sub-01_space-T1w_desc-hypersynth_morph.tsv";
};

std::unique_ptr<DamagedResultsTest::Shared> DamagedResultsTest::shared;

/// A file that is changed as long as the object lives.
class Damage {
 public:
  explicit Damage(std::string path)
      : path_(std::move(path)), content_(read_text(path_)), time_(fs::last_write_time(path_)) {}
  ~Damage() {
    write(content_);
    fs::last_write_time(path_, time_);
  }
  Damage(const Damage&) = delete;
  Damage& operator=(const Damage&) = delete;

  const std::string& content() const { return content_; }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  void remove() const { fs::remove(path_); }

 private:
  std::string path_;
  std::string content_;
  fs::file_time_type time_;
};

TEST_F(DamagedResultsTest, EveryFileThatTheRecordNamesIsMissedWhenItIsMissingCutOrChanged) {
  ASSERT_EQ(shared->participant.exit_code, 0) << shared->participant.err;
  ASSERT_EQ(planned(kImage), "cached: finished before");
  const auto files = json::parse(read_text(output(kRecord))).at("provenance").at("files");
  ASSERT_EQ(files.size(), 23u)
      << "label map, mask, table, their sidecars, sixteen pictures, the voxels of the viewer";
  for (const auto& [path, file] : files.items()) {
    const Damage damage(output(path));
    damage.remove();
    EXPECT_EQ(planned(kImage), "run: " + path + " is missing");
    damage.write("");
    EXPECT_THAT(planned(kImage), HasSubstr("run: " + path + " has 0 bytes"));
    std::string changed = damage.content();
    changed[changed.size() / 2] ^= 1;
    damage.write(changed);
    EXPECT_THAT(planned(kImage), HasSubstr("run: " + path + " is not what was written"));
  }
  EXPECT_EQ(planned(kImage), "cached: finished before");
}

TEST_F(DamagedResultsTest, ACopiedOutputFolderIsFinishedThoughItsTimesAreOthers) {
  const std::string copy = shared->folder / "copy";
  fs::copy(shared->out, copy, fs::copy_options::recursive);
  const auto result = run({"participant", "--fast", "--dry-run"}, copy);
  EXPECT_THAT(result.out, HasSubstr("0 to run, 3 finished before")) << result.out;
}

TEST_F(DamagedResultsTest, ADamagedRecordIsToldByTheGroupLevelAndItsImageKeepsARow) {
  const Damage damage(output(kRecord));
  damage.write(damage.content().substr(0, 100));
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 65);
  EXPECT_THAT(group.err, HasSubstr(kRecord));
  const std::string table = read_text(output("group_T1w.tsv"));
  EXPECT_THAT(table, HasSubstr("sub-01_T1w\tsub-01\tn/a\tunreadable"));
  EXPECT_THAT(table, HasSubstr("sub-01_chunk-1_T1w\tsub-01"));
  EXPECT_THAT(read_text(output("group_failures.tsv")), HasSubstr(kRecord));
  EXPECT_THAT(planned(kImage), HasSubstr("run: the record of its result is no use"));
}

TEST_F(DamagedResultsTest, AChangedTableOfVolumesIsNotTakenForMeasurements) {
  const Damage damage(output(kTable));
  damage.write("");
  EXPECT_EQ(run({"group"}).exit_code, 65);
  std::string changed = damage.content();
  changed[changed.size() / 2] ^= 1;
  damage.write(changed);
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 65);
  EXPECT_THAT(group.err, HasSubstr(kTable));
}

TEST_F(DamagedResultsTest, TheGroupLevelSucceedsOnceNothingIsDamaged) {
  const auto group = run({"group"});
  EXPECT_EQ(group.exit_code, 0) << group.err;
  EXPECT_THAT(read_text(output("group_failures.tsv")), Not(HasSubstr("sub-")));
}

TEST_F(DamagedResultsTest, FilesOfAnotherRunAreNotTakenForThoseOfTheRecord) {
  const std::string other = shared->folder / "other";
  ASSERT_EQ(run({"participant", "--participant-label", "01"}, other).exit_code, 0);
  // The record of this run beside the label map of one with other options.
  const std::string labels = "sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz";
  const Damage damage(output(labels));
  damage.write(read_text(other + "/" + labels));
  EXPECT_THAT(planned(kImage), HasSubstr("run: " + labels));
}

TEST_F(DamagedResultsTest, EveryImageHasItsOwnNamePicturesAndLinks) {
  const std::string page = read_text(output("sub-01.html"));
  for (const std::string stem : {"sub-01", "sub-01_chunk-1"}) {
    EXPECT_THAT(page, HasSubstr("sub-01/figures/" + stem + "_desc-axialAnatomy_T1w.png"));
  }
  EXPECT_THAT(page, HasSubstr("sub-01_space-T1w_chunk-1_desc-hypersynth_dseg.nii.gz"));
  for (std::size_t at = 0; (at = page.find("href=\"sub-", at)) != std::string::npos;) {
    at += 6;
    const std::string target = page.substr(at, page.find_first_of("\"#", at) - at);
    EXPECT_TRUE(fs::exists(output(target))) << target;
  }
}

/// Last, since it changes the dataset.
TEST_F(DamagedResultsTest, WhenASidecarIsCorrectedTheMetadataArriveAndNothingIsSegmented) {
  const std::string image = "sub-02/anat/sub-02_echo-1_T2starw.nii.gz";
  const std::string stem = "sub-02/anat/sub-02_echo-1_space-T2starw_desc-hypersynth_";
  EXPECT_EQ(planned(image), "cached: finished before");
  shared->data.add_text("sub-02/anat/sub-02_echo-1_T2starw.json",
                        R"({"Manufacturer": "ACME", "EchoTime": 0.004})");
  EXPECT_THAT(planned(image), HasSubstr("run: its sidecars or session tables have changed"));
  const auto before = fs::last_write_time(output(stem + "dseg.nii.gz"));
  const auto result = run({"participant", "--fast"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(fs::last_write_time(output(stem + "dseg.nii.gz")), before);
  EXPECT_EQ(json::parse(read_text(output(stem + "dseg.json"))).at("EchoTime"), 0.004);
  EXPECT_EQ(json::parse(read_text(output(stem + "iqms.json"))).at("bids_meta").at("Manufacturer"),
            "ACME");
  EXPECT_THAT(read_text(output("sub-02.html")), HasSubstr("ACME"));
  EXPECT_EQ(planned(image), "cached: finished before");
}

}  // namespace
}  // namespace hypersynth
