// Drivers that are killed, interrupted, or not alone.

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "pipeline/driver_process.h"
#include "pipeline/process_nodes.h"

namespace hypersynth::pipeline {
namespace {

constexpr int kChains = 50;
constexpr int kLength = 4;
constexpr std::size_t kNodes = kChains * kLength;

class ResumeTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<std::string> arguments(int sleep_ms) const {
    return {(folder_ / "work").string(), journal(),
            std::to_string(kChains),     std::to_string(kLength),
            std::to_string(sleep_ms),    GetParam()};
  }
  std::string journal() const { return (folder_ / "journal").string(); }

  /// All chains read "abcd".
  void expect_all_results() const {
    RunOptions options = options_for(folder_ / "work");
    options.sync = false;
    options.program = {driver_program()};
    const Workflow workflow = chains_workflow(
        kChains, kLength, journal(), sleep_ms_,
        GetParam() == std::string("process") ? Placement::kProcess : Placement::kThread);
    const RunReport report = run(workflow, options);
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(report.executed(), 0u);
    for (int chain = 0; chain < kChains; ++chain) {
      const auto outputs = report.outputs<Logged>("chain" + std::to_string(chain) + ".step3");
      ASSERT_TRUE(outputs.has_value());
      EXPECT_EQ(read_text(outputs->file), "abcd");
    }
  }

  TemporaryFolder folder_;
  int sleep_ms_ = 2;
};

TEST_P(ResumeTest, DriverKilledAtRandomMomentsLosesAtMostTheNodesInFlight) {
  std::mt19937 random(20240501);
  std::size_t kills = 0;
  int code = -1;
  while (code != 0) {
    DriverProcess driver(arguments(sleep_ms_));
    const std::size_t target = lines_of(journal()).size() + 1 + random() % 30;
    if (kills < 8 && target < kNodes) {
      ASSERT_TRUE(wait_for_lines(journal(), target));
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 4000));
      driver.signal(SIGKILL);
      ++kills;
    }
    code = driver.wait();
    ASSERT_TRUE(code == 0 || code == -SIGKILL) << code;
  }
  EXPECT_GE(kills, 4u);
  EXPECT_GE(lines_of(journal()).size(), kNodes);
  EXPECT_LE(lines_of(journal()).size(), kNodes + 2 * kills);  // two slots
  expect_all_results();
}

TEST_P(ResumeTest, TwoDriversOnOneWorkFolderRunEachNodeOnceAndBothSucceed) {
  DriverProcess first(arguments(sleep_ms_));
  DriverProcess second(arguments(sleep_ms_));
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(second.wait(), 0);
  auto ran = lines_of(journal());
  EXPECT_EQ(ran.size(), kNodes);
  std::sort(ran.begin(), ran.end());
  EXPECT_EQ(std::unique(ran.begin(), ran.end()), ran.end());
  expect_all_results();
}

TEST_P(ResumeTest, SecondDriverTakesOverWhenTheFirstIsKilled) {
  DriverProcess first(arguments(sleep_ms_));
  ASSERT_TRUE(wait_for_lines(journal(), 20));
  DriverProcess second(arguments(sleep_ms_));
  ASSERT_TRUE(wait_for_lines(journal(), 60));
  first.signal(SIGKILL);
  EXPECT_EQ(second.wait(), 0);
  EXPECT_LE(lines_of(journal()).size(), kNodes + 2);
  expect_all_results();
}

TEST_P(ResumeTest, InterruptedDriverStopsTidilyAndResumes) {
  DriverProcess first(arguments(sleep_ms_));
  ASSERT_TRUE(wait_for_lines(journal(), 20));
  first.signal(SIGINT);
  EXPECT_EQ(first.wait(), 130);
  EXPECT_LT(lines_of(journal()).size(), kNodes);
  EXPECT_TRUE(fs::is_empty(folder_ / "work" / "attempts"));
  DriverProcess second(arguments(sleep_ms_));
  EXPECT_EQ(second.wait(), 0);
  EXPECT_LE(lines_of(journal()).size(), kNodes + 2);
  expect_all_results();
}

INSTANTIATE_TEST_SUITE_P(Placements, ResumeTest, ::testing::Values("thread", "process"),
                         [](const auto& test) { return std::string(test.param); });

TEST(OrphanTest, KilledDriverLeavesNoChildBehind) {
  const TemporaryFolder folder;
  const std::string journal = (folder / "journal").string();
  DriverProcess driver({(folder / "work").string(), journal, "2", "1", "600000", "process"});
  ASSERT_TRUE(wait_for_lines(journal, 2));
  std::vector<std::string> children;
  for (fs::directory_iterator entry("/proc"), end; entry != end; ++entry) {
    std::ifstream command((entry->path() / "cmdline").string());
    std::string text;
    std::getline(command, text);
    if (text.find("--run-node") != std::string::npos &&
        text.find(fs::path(folder).string()) != std::string::npos)
      children.push_back(entry->path().filename().string());
  }
  ASSERT_EQ(children.size(), 2u);
  driver.signal(SIGKILL);
  driver.wait();
  for (const auto& pid : children) EXPECT_TRUE(ends_soon(pid)) << pid;
}

}  // namespace
}  // namespace hypersynth::pipeline
