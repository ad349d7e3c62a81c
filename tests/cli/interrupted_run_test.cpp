// Runs that are stopped in the middle, and runs beside each other.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/nifti_file.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class InterruptedRunTest : public testing::Test {
 protected:
  InterruptedRunTest() {
    for (int subject = 1; subject <= kSubjects; ++subject) {
      const std::string name = "sub-0" + std::to_string(subject);
      data.add_image(name + "/anat/" + name + "_T1w.nii.gz",
                     PhantomHead{.seed = static_cast<std::uint32_t>(subject)}.draw());
    }
  }

  std::vector<std::string> command() const {
    return hypersynth_command(
        {data.path(), out, "participant", "--fast", "--nprocs", "1", "--omp-nthreads", "1"});
  }

  int segmentations() const {
    int count = 0;
    if (!fs::exists(out)) return count;
    for (const auto& entry :
         fs::recursive_directory_iterator(out, fs::directory_options::skip_permission_denied))
      count += entry.path().string().ends_with("_dseg.nii.gz") ? 1 : 0;
    return count;
  }

  /// Waits until the first of the images is done; false where the run ended before.
  bool wait_for_first(Process& process) const {
    while (segmentations() == 0) {
      if (!process.running()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  /// Every file under its final name is whole.
  void expect_only_whole_files() const {
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      const std::string path = entry.path().string();
      if (entry.path().filename().string().front() == '.') continue;  // a temporary name
      if (path.ends_with(".nii.gz")) {
        EXPECT_NO_THROW(read_nifti(path)) << path;
      }
      if (path.ends_with(".json")) {
        EXPECT_FALSE(nlohmann::json::parse(read_text(path), nullptr, false).is_discarded()) << path;
      }
      if (path.ends_with(".html")) {
        EXPECT_THAT(read_text(path), HasSubstr("</html>")) << path;
      }
    }
  }

  void expect_completed_by_another_run() {
    const auto result = run_process(command());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(segmentations(), kSubjects);
    expect_only_whole_files();
    EXPECT_THAT(temporary_files(out), IsEmpty());
  }

  static constexpr int kSubjects = 3;
  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
  std::string out = folder / "out";
};

TEST_F(InterruptedRunTest, ControlCEndsItCleanlyAndTheNextRunCompletes) {
  Process process(command());
  ASSERT_TRUE(wait_for_first(process)) << process.wait().err;
  process.send(SIGINT);
  const auto result = process.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_LT(segmentations(), kSubjects);
  expect_only_whole_files();
  EXPECT_THAT(temporary_files(out), IsEmpty());
  expect_completed_by_another_run();
}

TEST_F(InterruptedRunTest, AKilledRunLeavesNoPartialFileAndTheNextRunCompletes) {
  Process process(command());
  ASSERT_TRUE(wait_for_first(process)) << process.wait().err;
  process.send(SIGKILL);
  EXPECT_EQ(process.wait().signal, SIGKILL);
  expect_only_whole_files();
  expect_completed_by_another_run();
}

TEST_F(InterruptedRunTest, TwoRunsShareAnOutputFolder) {
  Process first(command());
  Process second(command());
  const auto first_result = first.wait();
  const auto second_result = second.wait();
  EXPECT_EQ(first_result.exit_code, 0) << first_result.err;
  EXPECT_EQ(second_result.exit_code, 0) << second_result.err;
  EXPECT_EQ(segmentations(), kSubjects);
  expect_only_whole_files();
}

}  // namespace
}  // namespace hypersynth
