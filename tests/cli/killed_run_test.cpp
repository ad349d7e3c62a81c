// Runs that are killed at random moments and begun again end as if nothing had happened.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

constexpr int kImages = 3;
constexpr int kKills = 12;

class KilledRunTest : public testing::TestWithParam<const char*> {
 protected:
  KilledRunTest() {
    for (int subject = 1; subject <= kImages; ++subject) {
      const std::string name = "sub-0" + std::to_string(subject);
      data.add_image(name + "/anat/" + name + "_T1w.nii.gz",
                     PhantomHead{.seed = static_cast<std::uint32_t>(subject)}.draw());
    }
  }

  std::vector<std::string> command(const std::string& out) const {
    std::vector<std::string> arguments{data.path(), out, "participant", "--fast"};
    const std::string option = GetParam();
    if (!option.empty()) arguments.push_back(option);
    return hypersynth_command(std::move(arguments));
  }

  /// Images, volumes and pictures by path: what does not tell the time.
  static std::map<std::string, std::string> results(const std::string& out) {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      const std::string path = fs::relative(entry.path(), out).string();
      for (const char* ending : {".nii.gz", "_morph.tsv", ".png"}) {
        if (path.ends_with(ending)) found[path] = read_text(entry.path().string());
      }
    }
    return found;
  }

  /// Processes whose command line names `out`.
  static std::vector<std::string> processes_of(const std::string& out) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string line = read_text((entry.path() / "cmdline").string());
      if (line.find(out) != std::string::npos) found.push_back(entry.path().string());
    }
    return found;
  }

  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
};

TEST_P(KilledRunTest, EndsLikeAnUndisturbedOne) {
  const std::string undisturbed = folder / "undisturbed";
  const std::string killed = folder / "killed";
  const auto started = std::chrono::steady_clock::now();
  ASSERT_EQ(run_process(command(undisturbed)).exit_code, 0);
  const auto whole = std::chrono::steady_clock::now() - started;

  std::mt19937 generator(std::random_device{}());
  for (int kill = 0; kill < kKills; ++kill) {
    Process process(command(killed));
    const double share = std::uniform_real_distribution<double>(0, 1.0 / 3)(generator);
    std::this_thread::sleep_for(std::chrono::duration<double>(whole) * share);
    process.send(SIGKILL);
    process.wait();
  }
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_THAT(processes_of(killed), IsEmpty());

  const auto result = run_process(command(killed));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(results(killed), results(undisturbed));
  EXPECT_THAT(temporary_files(killed), IsEmpty());
  EXPECT_FALSE(fs::exists(killed + "/work"));
}

INSTANTIATE_TEST_SUITE_P(ThreadsAndProcesses, KilledRunTest,
                         testing::Values("", "--resource-monitor"));

}  // namespace
}  // namespace hypersynth
