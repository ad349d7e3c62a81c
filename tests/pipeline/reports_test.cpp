// What a run tells while it runs (events, progress) and afterwards (resources).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/export/event_log.h"
#include "pipeline/export/resource_report.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// A node that works, one that fails and one that waits for it.
Workflow three_nodes() {
  Workflow workflow("three");
  workflow.add<Add>("good\tnode", {1, 2});
  const auto bad = workflow.add<MayFail>("bad", {1, true});
  const auto after = workflow.add<Add>("after");
  workflow.connect(bad, &MayFail::Outputs::value, after, &Add::Inputs::a);
  return workflow;
}

TEST(EventLogTest, EveryEventIsALineOfJsonInTheOrderOfTheRun) {
  const TemporaryFolder folder;
  EventLog log(folder / "events.jsonl");
  RunOptions options = options_for(folder / "work");
  options.observer = &log;
  run(three_nodes(), options);
  std::vector<std::string> events;
  for (const auto& line : split(read_text(folder / "events.jsonl"), '\n')) {
    const json event = json::parse(line);
    events.push_back(event["event"]);
    EXPECT_TRUE(event["time"].is_string());
    EXPECT_EQ(event["progress"]["total"], 3);
    if (event["event"] == "done") {
      EXPECT_GE(event["wall_s"].get<double>(), 0);
    }
    if (event["event"] == "failed") {
      EXPECT_EQ(event["message"], "told to fail");
    }
    if (event["event"] == "skipped") {
      EXPECT_EQ(event["message"], "'bad' failed");
    }
  }
  EXPECT_FALSE(log.problem());
  EXPECT_EQ(events.front(), "run started");
  EXPECT_EQ(events.back(), "run finished");
  for (const char* once : {"done", "failed", "skipped"})
    EXPECT_EQ(std::count(events.begin(), events.end(), once), 1) << once;
  EXPECT_EQ(std::count(events.begin(), events.end(), "started"), 2);
}

TEST(EventLogTest, LogThatCannotBeWrittenDoesNotEndTheRun) {
  class Full : public FileSystem {
   public:
    void append(int, std::string_view, const fs::path& file) const override {
      throw std::system_error(ENOSPC, std::generic_category(), file.string());
    }
  };
  const TemporaryFolder folder;
  const Full full;
  EventLog log(folder / "events.jsonl", full);
  RunOptions options = options_for(folder / "work");
  options.observer = &log;
  EXPECT_EQ(run(three_nodes(), options).count(NodeState::kDone), 1u);
  EXPECT_THAT(log.problem().value_or(""), HasSubstr("events.jsonl"));
}

TEST(ProgressTest, CountsAddUpAndAreShownAtTheStartTheEndAndSeldomInBetween) {
  const TemporaryFolder folder;
  std::vector<Progress> always;
  std::vector<Progress> seldom;
  ProgressObserver first([&](const Progress& progress) { always.push_back(progress); }, 0);
  ProgressObserver second([&](const Progress& progress) { seldom.push_back(progress); }, 3600);
  Observers both;
  both.add(first);
  both.add(second);
  RunOptions options = options_for(folder / "work");
  options.observer = &both;
  run(three_nodes(), options);
  ASSERT_EQ(seldom.size(), 2u);
  EXPECT_EQ(seldom[0].done, 0u);
  EXPECT_EQ(seldom[1].done, 1u);
  EXPECT_EQ(seldom[1].failed, 2u);
  EXPECT_EQ(seldom[1].running, 0u);
  EXPECT_EQ(always.size(), 7u);  // two start, three end, and the run does both
  for (const auto& progress : always)
    EXPECT_LE(progress.done + progress.failed + progress.running, progress.total);
}

TEST(ProgressTest, IsSaidInWords) {
  Progress progress;
  progress.total = 40;
  progress.done = 12;
  progress.cached = 3;
  progress.failed = 1;
  progress.running = 2;
  progress.elapsed_s = 65;
  progress.remaining_s = 3900;
  EXPECT_EQ(display(progress),
            "12 of 40 done (3 cached), 1 failed, 2 running, 1 min 5 s, about 1 h 5 min left");
}

TEST(ResourceReportTest, TableHasARowPerNodeAndAsManyCellsAsItsHeader) {
  const TemporaryFolder folder;
  const RunReport report = run(three_nodes(), options_for(folder / "work"));
  const auto rows = split(resources_tsv(report), '\n');
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(split(row, '\t').size(), 8u) << row;
  EXPECT_EQ(rows[0], "node\tinterface\tstate\tstarted\twall_s\tcpu_s\tpeak_bytes\thost");
  EXPECT_THAT(rows[1], HasSubstr("good node\thypersynth::pipeline::Add\tdone\t20"));
  EXPECT_THAT(rows[3], HasSubstr("skipped\tn/a\tn/a\tn/a\tn/a\tn/a"));
}

TEST(ResourceReportTest, SumsAreThoseOfTheNodesThatRan) {
  RunReport report;
  const auto add = [&](const char* interface, bool cached, double wall_s,
                       std::optional<std::uint64_t> peak_bytes) {
    NodeReport node;
    node.node = "node" + std::to_string(report.nodes.size());
    node.interface = interface;
    node.state = NodeState::kDone;
    node.cached = cached;
    node.usage = {1'000, wall_s, wall_s / 2, peak_bytes};
    report.nodes.push_back(node);
  };
  add("Small", false, 1, std::nullopt);
  add("Large", false, 4, 5'000'000);
  add("Large", false, 2, 7'000'000);
  add("Large", true, 100, 900'000'000);
  const auto rows = usage_by_interface(report);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].interface, "Large");
  EXPECT_EQ(rows[0].executed, 2u);
  EXPECT_EQ(rows[0].cached, 1u);
  EXPECT_EQ(rows[0].wall_s, 6);
  EXPECT_EQ(rows[0].cpu_s, 3);
  EXPECT_EQ(rows[0].longest_s, 4);
  EXPECT_EQ(rows[0].peak_bytes, 7'000'000u);
  EXPECT_FALSE(rows[1].peak_bytes);
  const json object = json::parse(resources_json(report));
  EXPECT_EQ(object["total"]["wall_s"], 7);
  EXPECT_EQ(object["nodes"].size(), 4u);
  EXPECT_THAT(resource_summary(report),
              HasSubstr("Large: 2 executed, 1 cached, wall 6.000 s (longest 4.000 s), CPU 3.000 s, "
                        "peak memory 7.0 MB\n"));
}

}  // namespace
}  // namespace hypersynth::pipeline
