// A second run: what is finished is left alone, what changed is done again.

#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "cli/participant_run.h"
#include "support/phantom_head.h"
#include "support/process.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Times = std::map<std::string, fs::file_time_type>;

Times modification_times(const std::string& root, const std::string& ending) {
  Times times;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = entry.path().string();
    if (path.ends_with(ending)) times[path] = entry.last_write_time();
  }
  return times;
}

class ParticipantRerun : public ParticipantRunTest {
 protected:
  static std::map<std::string, std::string> planned_status(
      const std::vector<std::string>& more = {}) {
    auto options = every_output();
    options.insert(options.end(), more.begin(), more.end());
    options.insert(options.end(), {"--dry-run", "--json"});
    std::map<std::string, std::string> status;
    const auto plan = json::parse(run(options).out);
    for (const auto& image : plan.at("images")) status[image.at("path")] = image.at("status");
    return status;
  }
};

TEST_F(ParticipantRerun, LeavesFinishedImagesAlone) {
  for (const auto& source : sources()) EXPECT_EQ(planned_status().at(source.path), "cached");
  const auto before = modification_times(shared->out, ".nii.gz");
  const auto scripts = modification_times(shared->out, ".js");
  const auto again = run(every_output());
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(modification_times(shared->out, ".nii.gz"), before);
  EXPECT_EQ(modification_times(shared->out, ".js"), scripts);
}

TEST_F(ParticipantRerun, DoesAnImageAgainWhoseStepsHaveChanged) {
  const std::string path = output(sources()[0].stem + "_desc-hypersynth_iqms.json");
  const std::string text = read_text(path);
  auto record = json::parse(text);
  record.at("provenance").erase("steps");  // as records before had none
  std::ofstream(path) << record.dump();
  EXPECT_EQ(planned_status().at(sources()[0].path), "run");
  std::ofstream(path) << text;
  EXPECT_EQ(planned_status().at(sources()[0].path), "cached");
}

TEST_F(ParticipantRerun, DoesAnImageAgainThatLacksTheVoxelsOfTheViewerUnlessThereIsToBeNone) {
  const std::string path = output(sources()[0].stem + "_desc-hypersynth_iqms.json");
  const std::string text = read_text(path);
  auto record = json::parse(text);
  record.at("provenance").at("viewer") = false;
  std::ofstream(path) << record.dump();
  EXPECT_EQ(planned_status().at(sources()[0].path), "run");
  EXPECT_EQ(planned_status({"--no-viewer"}).at(sources()[0].path), "cached");
  std::ofstream(path) << text;
  EXPECT_EQ(planned_status({"--no-viewer"}).at(sources()[0].path), "cached");
}

TEST_F(ParticipantRerun, MakesExtraOutputsOfAFinishedImageWithoutSegmentingItAgain) {
  const std::string record_path = output(sources()[0].stem + "_desc-hypersynth_iqms.json");
  std::map<std::string, std::string> first;
  auto record = json::parse(read_text(record_path));
  for (const std::string ending :
       {"_desc-brain_T1w.nii.gz", "_desc-brain_T1w.json", "_desc-hypersynth_aseg.stats",
        "_desc-standard_dseg.nii.gz", "_desc-standard_dseg.json"}) {
    const std::string name = sources()[0].stem + ending;
    ASSERT_EQ(record.at("provenance").at("files").erase(name), 1U) << name;
    first[name] = read_text(output(name));
    fs::remove(output(name));
  }
  std::ofstream(record_path) << record.dump();
  fs::remove(output(sources()[1].stem + "_desc-standard_dseg.json"));  // one that is damaged
  const auto labels = modification_times(shared->out, "hypersynth_dseg.nii.gz");

  const auto plan = run([] {
    auto options = every_output();
    options.insert(options.end(), {"--dry-run"});
    return options;
  }());
  EXPECT_THAT(plan.out, testing::HasSubstr("it has no whole brain, aseg-stats, "
                                           "standard-dseg; nothing is segmented again"));
  const auto again = run(every_output());
  EXPECT_EQ(again.exit_code, 0) << again.err;
  for (const auto& [name, text] : first) EXPECT_EQ(read_text(output(name)), text) << name;
  EXPECT_TRUE(fs::exists(output(sources()[1].stem + "_desc-standard_dseg.json")));
  EXPECT_EQ(modification_times(shared->out, "hypersynth_dseg.nii.gz"), labels);
  for (const auto& source : sources()) EXPECT_EQ(planned_status().at(source.path), "cached");
}

TEST_F(ParticipantRerun, DoesAChangedImageAgainAndNoOther) {
  shared->data.add_image(sources()[0].path, PhantomHead{.seed = 7}.draw());
  const auto status = planned_status();
  EXPECT_EQ(status.at(sources()[0].path), "run");
  EXPECT_EQ(status.at(sources()[1].path), "cached");
}

TEST_F(ParticipantRerun, DoesAnImageWithADeletedOutputAgain) {
  fs::remove(output(sources()[1].stem + "_desc-brain_mask.nii.gz"));
  EXPECT_EQ(planned_status().at(sources()[1].path), "run");
}

TEST_F(ParticipantRerun, NeverWritesToTheInput) {
  const auto before = modification_times(shared->data.path(), "");
  EXPECT_EQ(run(every_output()).exit_code, 0);
  EXPECT_EQ(modification_times(shared->data.path(), ""), before);
}

TEST_F(ParticipantRerun, DoesNotWaitForANamedPipeInPlaceOfAFinishedImage) {
  const std::string path = shared->data.place(sources()[0].path);
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(planned_status().at(sources()[0].path), "unusable");
  const auto result = run(every_output());
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_THAT(result.err, testing::HasSubstr("expected a regular file, found a named pipe"));
}

}  // namespace
}  // namespace hypersynth
