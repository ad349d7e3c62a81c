#pragma once

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/batch/batch_executor.h"
#include "pipeline/execution/execute.h"
#include "pipeline/execution/local_executor.h"
#include "pipeline/fake_cluster.h"

namespace hypersynth::pipeline {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A driver's share of a run: an executor and what became of its tasks.
class Driver {
 public:
  Driver(FakeCluster& cluster, const fs::path& work_dir, const BatchOptions& options)
      : work_folder_(work_dir, real_file_system()),
        memo_(real_file_system()),
        executor_(options, work_folder_, loop_, {"program"},
                  std::make_unique<FakeCommands>(cluster),
                  std::make_unique<LocalExecutor>(work_folder_, memo_, loop_, ResourceLimits{},
                                                  std::vector<std::string>{"program"}),
                  [this](const std::string& text) { warnings.push_back(text); }) {}

  template <Interface I>
  void start(const std::string& node, typename I::Inputs inputs, const Resources& needs = {},
             Placement placement = Placement::kProcess) {
    Task task;
    task.node = node;
    task.interface = erase<I>();
    task.inputs = to_values(inputs, I::inputs);
    task.key = cache_key(node, *task.interface, task.inputs,
                         [&](const fs::path& path) { return memo_.find(path).digest; });
    task.folder = WorkFolder::folder_name(node, task.key.digest);
    task.needs = needs;
    task.placement = placement;
    task.attempt_dir = work_folder_.new_attempt(task.folder);
    task.slots = executor_.take(needs, placement).value();
    executor_.start(std::move(task), [this](const Task& done, TaskOutcome outcome) {
      executor_.give_back(done.slots, done.placement);
      EXPECT_EQ(outcomes.count(done.node), 0u) << "reported twice";
      outcomes.emplace(done.node, std::move(outcome));
    });
  }

  void start_additions(int count, int first = 0) {
    for (int i = first; i < count; ++i) start<Add>("add" + std::to_string(i), {i, 1000});
    executor_.flush();
  }

  template <class Condition>
  void run_until(const Condition& condition,
                 std::chrono::seconds limit = std::chrono::seconds(20)) {
    bool late = false;
    const auto timer = loop_.after(limit, [&] { late = true; });
    while (!condition() && !late) loop_.run_once();
    loop_.cancel(timer);
    ASSERT_FALSE(late);
  }
  void finish(std::size_t count) {
    run_until([&] { return outcomes.size() == count; });
  }
  /// Goes on for a while in which nothing has to happen.
  void idle(std::chrono::milliseconds time) {
    bool over = false;
    loop_.after(time, [&] { over = true; });
    while (!over) loop_.run_once();
  }

  const Failure& failure(const std::string& node) { return std::get<Failure>(outcomes.at(node)); }
  void expect_sums(int count) {
    for (int i = 0; i < count; ++i) {
      const auto* result = std::get_if<Result>(&outcomes.at("add" + std::to_string(i)));
      ASSERT_NE(result, nullptr) << failure("add" + std::to_string(i)).message;
      EXPECT_EQ(result->outputs.at(0).as<std::int64_t>(), i + 1000);
    }
  }

  std::map<std::string, TaskOutcome> outcomes;
  std::vector<std::string> warnings;
  Executor& executor() { return executor_; }
  const WorkFolder& work_folder() const { return work_folder_; }

 private:
  WorkFolder work_folder_;
  DigestMemo memo_;
  EventLoop loop_;
  BatchExecutor executor_;
};

/// A made-up cluster, and a driver.
class FakeClusterTest : public ::testing::Test {
 protected:
  explicit FakeClusterTest(BatchSystem system) : cluster_(make_fake_cluster(system)) {
    options_.system = system;
    options_.poll_interval = std::chrono::milliseconds(50);
  }

  Driver& driver() {
    if (!driver_) driver_.emplace(*cluster_, work(), options_);
    return *driver_;
  }
  fs::path work() const { return folder_ / "work"; }
  const BatchDialect& dialect() const { return dialect_of(options_.system); }

  /// Waits until the cluster has that many jobs.
  void wait_for_jobs(std::size_t count) {
    driver().run_until([&] {
      std::size_t jobs = 0;
      cluster_->for_each([&](const FakeCluster::Job&) { ++jobs; });
      return jobs == count;
    });
  }

  /// All jobs that wait end in this state, without a word of their own.
  void end_silently(const std::string& state, const std::string& reason) {
    cluster_->for_each([&](FakeCluster::Job& job) {
      job.state = state;
      job.reason = reason;
    });
  }

  TemporaryFolder folder_;
  std::unique_ptr<FakeCluster> cluster_;
  BatchOptions options_;
  std::optional<Driver> driver_;
};

/// The same for every scheduler.
class BatchExecutorTest : public FakeClusterTest,
                          public ::testing::WithParamInterface<BatchSystem> {
 protected:
  BatchExecutorTest() : FakeClusterTest(GetParam()) {}
};

inline std::string system_name(const ::testing::TestParamInfo<BatchSystem>& test) {
  return dialect_of(test.param).name();
}

inline const auto kAllSystems =
    ::testing::Values(BatchSystem::kSlurm, BatchSystem::kPbs, BatchSystem::kSge);

}  // namespace hypersynth::pipeline
