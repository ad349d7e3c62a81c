// The run log under knives: whatever happens to the file, no wrong result comes out of it.

#include "pipeline/cache/run_log.h"

#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

class RunLogTest : public ::testing::Test {
 protected:
  RunLogTest() {
    write_text(folder_ / "in.txt", "a");
    run_once();
    file_ = fs::directory_iterator(folder_ / "work" / "log")->path();
    whole_ = with_a_result_last(read_text(file_));
    write_text(file_, whole_);
    all_ = load();
  }

  static std::string with_a_result_last(const std::string& text) {
    std::string others;
    std::string results;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      (line.find("\"kind\":\"result\"") == std::string::npos ? others : results) += line + '\n';
    return others + results;
  }

  Workflow workflow() const {
    Workflow workflow("log");
    for (int i = 0; i < 3; ++i)
      workflow.add<Append>("node" + std::to_string(i), {folder_ / "in.txt", std::to_string(i)});
    return workflow;
  }

  RunReport run_once() const {
    RunOptions options = options_for(folder_ / "work");
    options.sync = false;
    return run(workflow(), options);
  }

  History load() const {
    return RunLog::load(folder_ / "work" / "log", folder_ / "work" / "nodes", real_file_system());
  }

  /// Whether everything in `history` is in the undamaged log as well; how many results it has.
  std::size_t true_results(const History& history) const {
    for (const auto& [key, result] : history.results) {
      const auto known = all_.results.find(key);
      if (known == all_.results.end() || known->second->node != result->node ||
          known->second->outputs != result->outputs)
        ADD_FAILURE() << "a result that never was: " << result->node;
    }
    return history.results.size();
  }

  TemporaryFolder folder_;
  fs::path file_;
  std::string whole_;
  History all_;
};

TEST_F(RunLogTest, CutAtEveryByteOfTheLastRecordLosesThatRecordAndNoOther) {
  ASSERT_EQ(all_.results.size(), 3u);
  const std::size_t last = whole_.rfind('\n', whole_.size() - 2) + 1;
  ASSERT_NE(whole_.find("\"kind\":\"result\"", last), std::string::npos);
  for (std::size_t cut = last; cut < whole_.size(); ++cut) {
    write_text(file_, whole_.substr(0, cut));
    const History history = load();
    const bool complete = cut == whole_.size() - 1;  // but for its line break
    EXPECT_EQ(true_results(history), complete ? 3u : 2u) << cut;
    EXPECT_EQ(history.damaged_lines, cut > last && !complete ? 1u : 0u) << cut;
  }
}

TEST_F(RunLogTest, RunAfterACutRecordAppendsLinesThatAreRead) {
  const std::size_t last = whole_.rfind('\n', whole_.size() - 2) + 1;
  for (const std::size_t cut : {last + 1, (last + whole_.size()) / 2, whole_.size() - 2}) {
    for (fs::directory_iterator entry(folder_ / "work" / "log"), end; entry != end; ++entry)
      fs::remove(entry->path());
    write_text(file_, whole_.substr(0, cut));
    EXPECT_EQ(run_once().executed(), 0u) << cut;
    EXPECT_EQ(true_results(load()), 3u);
  }
}

TEST_F(RunLogTest, FlippedBitAnywhereCostsAtMostTheLineItIsIn) {
  for (std::size_t at = 0; at < whole_.size(); at += 7) {
    std::string text = whole_;
    text[at] = static_cast<char>(text[at] ^ (1 << (at % 8)));
    write_text(file_, text);
    EXPECT_GE(true_results(load()), text[at] == '\n' || whole_[at] == '\n' ? 1u : 2u) << at;
  }
}

TEST_F(RunLogTest, LogsOfManyRunsBecomeOneAndNothingIsForgotten) {
  for (int i = 0; i < 40; ++i) {
    write_text(folder_ / "in.txt", "version " + std::to_string(i));
    EXPECT_EQ(run_once().executed(), 3u);
  }
  const auto logs =
      std::distance(fs::directory_iterator(folder_ / "work" / "log"), fs::directory_iterator());
  EXPECT_LE(logs, 20);
  write_text(folder_ / "in.txt", "a");
  EXPECT_EQ(run_once().executed(), 0u);
  write_text(folder_ / "in.txt", "version 0");
  EXPECT_EQ(run_once().executed(), 0u);
}

TEST_F(RunLogTest, WhatAKilledMergeLeftDoesNotSpoilTheNextOne) {
  write_text(folder_ / "in.txt", "b");
  run_once();
  const std::vector<std::string> names = real_file_system().list(folder_ / "work/log");
  ASSERT_EQ(names.size(), 2u);
  const fs::path half =
      folder_ / "work/log" / (fs::path(names.back()).stem().string() + ".merging.jsonl");
  write_text(half, whole_.substr(0, whole_.size() / 2));
  RunLog::merge(folder_ / "work/log", names, folder_ / "work/nodes", real_file_system());
  const History history = load();
  EXPECT_EQ(history.results.size(), 6u);
  EXPECT_EQ(history.damaged_lines, 0u);
  EXPECT_EQ(real_file_system().list(folder_ / "work/log"), std::vector{names.back()});
}

TEST_F(RunLogTest, IntactLinesOfAKindThatThisVersionDoesNotKnowAreSkipped) {
  for (const char* object :
       {"{\"kind\":\"new\"}", "{\"kind\":1}", "[1,2]", "{\"kind\":\"durable\",\"results\":\"x\"}",
        "{\"kind\":\"file\",\"digest\":\"00000000000000000000000000000000\",\"version\":[1,2,3,"
        "\"x\",5]}",
        "{\"kind\":\"collected\",\"key\":3}"}) {
    std::string line(object);
    line.pop_back();
    line += ",\"checksum\":\"" + checksum(line) + "\"}";
    write_text(file_, line + '\n' + whole_);
    EXPECT_EQ(true_results(load()), 3u) << object;
  }
}

}  // namespace
}  // namespace hypersynth::pipeline
