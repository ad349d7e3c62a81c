// Nodes in processes of their own, and what becomes of those that die.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/driver_process.h"
#include "pipeline/export/event_log.h"
#include "pipeline/process_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

class ProcessTest : public ::testing::Test {
 protected:
  RunOptions options(std::uint64_t memory_bytes = 0) const {
    RunOptions result = options_for(folder_ / "work");
    result.program = {driver_program()};
    result.sync = false;
    result.limits.memory_bytes = memory_bytes;
    return result;
  }

  NodeOptions process(std::uint64_t memory_bytes = 0) const {
    NodeOptions result;
    result.placement = Placement::kProcess;
    result.resources.memory_bytes = memory_bytes;
    return result;
  }

  std::string journal() const { return (folder_ / "journal").string(); }

  /// Runs one node that misbehaves and one that does not.
  RunReport run_one(const std::string& how, int amount, std::uint64_t memory_bytes = 0,
                    std::uint64_t limit_bytes = 0) const {
    Workflow workflow("misbehaving");
    workflow.add<Misbehave>("bad", {how, amount, journal()}, process(memory_bytes));
    workflow.add<Add>("good", {1, 2}, process());
    return run(workflow, options(limit_bytes));
  }

  TemporaryFolder folder_;
};

TEST_F(ProcessTest, ResultsAreThoseOfThreadsAndCachedForThem) {
  Workflow workflow("chain");
  const auto first = workflow.add<Add>("first", {1, 2}, process());
  const auto second = workflow.add<Add>("second", {0, 10});
  workflow.connect(first, &Add::Outputs::sum, second, &Add::Inputs::a);
  const RunReport cold = run(workflow, options());
  ASSERT_TRUE(cold.ok()) << cold.nodes[0].message;
  EXPECT_EQ(cold.outputs<Add>("second")->sum, 13);
  EXPECT_GT(cold.find("first")->usage.peak_bytes.value_or(0), 500'000u);
  EXPECT_EQ(run(workflow, options()).executed(), 0u);
}

TEST_F(ProcessTest, ExceptionReachesTheReportAndTheCrashFilesSayHowToRunItAgain) {
  const RunReport report = run_one("complain", 0);
  const NodeReport& bad = *report.find("bad");
  EXPECT_EQ(bad.cause, Cause::kException);
  EXPECT_EQ(bad.message, "told to complain");
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
  const std::string text = read_text(bad.crash_file);
  EXPECT_THAT(text, HasSubstr("how = complain"));
  EXPECT_THAT(text, HasSubstr("complaint 999"));
  EXPECT_THAT(text, HasSubstr("Run just this node again"));
  fs::path json_file = bad.crash_file;
  const auto json = nlohmann::json::parse(read_text(json_file.replace_extension(".json")));
  EXPECT_EQ(json["inputs"]["how"], "complain");
  EXPECT_EQ(json["cause"], "error");
  const std::string rerun = json["rerun"];
  EXPECT_NE(std::system((rerun + " 2> " + (folder_ / "again").string()).c_str()), 0);
  EXPECT_THAT(read_text(folder_ / "again"), HasSubstr("bad: told to complain"));
}

/// Remembers what was wrong with which file, as it is told.
struct FindingsObserver : Observer {
  void on_event(const Event& event) override {
    EXPECT_EQ(event.failure != nullptr, event.kind == Event::Kind::kNodeFailed);
    if (event.failure != nullptr) told.push_back(event.failure->input);
    if (event.failure != nullptr) line = to_json_line(event);
  }
  std::vector<std::optional<InputFindings>> told;
  std::string line;
};

TEST_F(ProcessTest, WhatAStepFindsWrongWithAFileReachesTheDriverAsItIs) {
  NodeOptions thread;
  for (const NodeOptions& node_options : {process(), thread}) {
    Workflow workflow("unusable");
    workflow.add<Misbehave>("bad", {"refuse", 0, journal()}, node_options);
    FindingsObserver observer;
    RunOptions with_observer = options();
    with_observer.observer = &observer;
    const RunReport report = run(workflow, with_observer);
    const NodeReport& bad = *report.find("bad");
    EXPECT_EQ(bad.input, tricky_findings());
    EXPECT_EQ(observer.told, std::vector{std::optional(tricky_findings())});
    EXPECT_EQ(nlohmann::json::parse(observer.line)["input"]["expected"],
              tricky_findings().expected);
    fs::path json_file = bad.crash_file;
    const auto json = nlohmann::json::parse(read_text(json_file.replace_extension(".json")));
    EXPECT_EQ(json["input"]["path"], tricky_findings().path);
  }
}

TEST_F(ProcessTest, WordsThatOnlyLookLikeFindingsAreNone) {
  Workflow workflow("misbehaving");
  workflow.add<Misbehave>("bad", {"throw", 0, journal()}, process());
  EXPECT_EQ(run(workflow, options()).find("bad")->input, std::nullopt);
}

TEST_F(ProcessTest, RerunCommandCommitsAResultThatTheNextRunFinds) {
  Workflow workflow("late");
  workflow.add<Misbehave>("bad", {"lack", 7, journal()}, process());
  const RunReport first = run(workflow, options());
  ASSERT_EQ(first.find("bad")->message, "something is missing");
  write_text(journal() + ".found", "");  // its surroundings are put right
  fs::path json_file = first.find("bad")->crash_file;
  const auto json = nlohmann::json::parse(read_text(json_file.replace_extension(".json")));
  ASSERT_EQ(std::system(json["rerun"].get<std::string>().c_str()), 0);
  EXPECT_EQ(lines_of(journal()).size(), 2u);
  const RunReport next = run(workflow, options());
  EXPECT_TRUE(next.find("bad")->cached);
  EXPECT_EQ(next.outputs<Misbehave>("bad")->value, 7);
  EXPECT_EQ(lines_of(journal()).size(), 2u);
}

TEST_F(ProcessTest, ChildThatKillsItselfIsFoundAtOnceTriedTwiceAndReported) {
  const auto started = std::chrono::steady_clock::now();
  const RunReport report = run_one("die", 0);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
  const NodeReport& bad = *report.find("bad");
  EXPECT_EQ(bad.state, NodeState::kFailed);
  EXPECT_EQ(bad.cause, Cause::kSignal);
  EXPECT_THAT(bad.message, HasSubstr("signal 9"));
  EXPECT_EQ(lines_of(journal()).size(), 2u);
  EXPECT_THAT(read_text(bad.crash_file), HasSubstr("signal 9"));
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
}

TEST_F(ProcessTest, ChildThatAbortsIsNotTriedAgain) {
  const RunReport report = run_one("abort", 0);
  EXPECT_THAT(report.find("bad")->message, HasSubstr("signal 6"));
  EXPECT_EQ(lines_of(journal()).size(), 1u);
}

TEST_F(ProcessTest, ChildThatExitsWithoutAResultIsAFailure) {
  EXPECT_EQ(run_one("exit", 3).find("bad")->cause, Cause::kExit);
  EXPECT_THAT(run_one("exit", 0).find("bad")->message, HasSubstr("without an intact result"));
}

TEST_F(ProcessTest, ChildOverItsMemoryIsEndedAndTriedOnceWithMore) {
  const RunReport report = run_one("allocate", 300, 100'000'000, 1'000'000'000);
  const NodeReport& bad = *report.find("bad");
  EXPECT_EQ(bad.state, NodeState::kDone) << bad.message;
  EXPECT_GT(bad.usage.peak_bytes.value_or(0), 300'000'000u);
  EXPECT_EQ(lines_of(journal()).size(), 2u);
}

TEST_F(ProcessTest, ChildOverTheWholeBudgetIsEndedAndReported) {
  const RunReport report = run_one("allocate", 300, 100'000'000, 100'000'000);
  const NodeReport& bad = *report.find("bad");
  EXPECT_EQ(bad.cause, Cause::kMemory);
  EXPECT_THAT(bad.message, HasSubstr("its limit is 100.0 MB"));
  EXPECT_EQ(lines_of(journal()).size(), 1u);
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
}

TEST_F(ProcessTest, NodeThatNeedsMoreThanThereIsIsRefusedBeforeItRuns) {
  const RunReport report = run_one("sleep", 0, 200'000'000, 100'000'000);
  EXPECT_EQ(report.find("bad")->cause, Cause::kRefused);
  EXPECT_EQ(report.find("bad")->message, "needs 200.0 MB of memory, the limit is 100.0 MB");
}

TEST_F(ProcessTest, WhatAChildStartedEndsWithIt) {
  run_one("fork", 0);
  for (const auto& pid : lines_of(journal())) EXPECT_TRUE(ends_soon(pid)) << pid;
}

TEST_F(ProcessTest, CancelledRunLeavesNoProcessBehind) {
  Workflow workflow("sleeping");
  workflow.add<Misbehave>("sleeper", {"fork", 600, journal()}, process());
  workflow.add<Misbehave>("other", {"sleep", 600, journal()}, process());
  std::stop_source stop;
  RunOptions cancellable = options();
  cancellable.stop = stop.get_token();
  std::thread canceller([&] {
    wait_for_lines(journal(), 3);
    stop.request_stop();
  });
  const RunReport report = run(workflow, cancellable);
  canceller.join();
  EXPECT_TRUE(report.cancelled);
  EXPECT_EQ(report.count(NodeState::kCancelled), 2u);
  for (const auto& pid : lines_of(journal())) EXPECT_TRUE(ends_soon(pid)) << pid;
}

}  // namespace
}  // namespace hypersynth::pipeline
