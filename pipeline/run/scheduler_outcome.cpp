#include <algorithm>
#include <signal.h>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "pipeline/execution/crash.h"
#include "pipeline/run/scheduler.h"

namespace hypersynth::pipeline {
namespace {

constexpr int kMostAttempts = 2;

Event::Kind event_of(NodeState state, bool cached) {
  switch (state) {
    case NodeState::kDone:
      return cached ? Event::Kind::kNodeCached : Event::Kind::kNodeDone;
    case NodeState::kSkipped:
      return Event::Kind::kNodeSkipped;
    case NodeState::kCancelled:
      return Event::Kind::kNodeCancelled;
    default:
      return Event::Kind::kNodeFailed;
  }
}

}  // namespace

void Scheduler::on_done(const Task& task, TaskOutcome outcome) {
  executor_->give_back(task.slots, task.placement);
  --reporter_.progress().running;
  const auto same = in_flight_.extract(task.key.digest);
  for (const NodeId waiting : same.mapped()) enqueue(waiting);
  if (auto* result = std::get_if<Result>(&outcome)) {
    reporter_.count_execution();
    const auto shared = std::make_shared<const Result>(std::move(*result));
    journal_.log().add(*shared);
    history_.add(shared);
    use(task.id, shared, false);
  } else {
    auto& failure = std::get<Failure>(outcome);
    if (retry(task, failure)) return;
    write_crash_files(task, failure);
    fail(task.id, std::move(failure));
  }
  work_folder_.unlock(task.key.digest);
  tasks_.erase(task.id);
  try {
    journal_.sync_now_and_then();
  } catch (const std::system_error&) {  // the next write reports it
  }
}

bool Scheduler::retry(const Task& task, const Failure& failure) {
  const bool killed = failure.cause == Cause::kSignal && failure.signal == SIGKILL;
  if (!halted_.empty() || task.attempt >= kMostAttempts) return false;
  if (!killed && failure.cause != Cause::kMemory && failure.cause != Cause::kLost) return false;
  const std::uint64_t budget_bytes = executor_->most_memory_bytes(task.placement);
  Task& again = tasks_.at(task.id);
  if (failure.cause == Cause::kMemory || (killed && task.needs.memory_bytes != 0)) {
    const std::uint64_t used_bytes = failure.usage.peak_bytes.value_or(0);
    std::uint64_t more_bytes = std::max(4 * task.needs.memory_bytes, 2 * used_bytes);
    if (budget_bytes != 0) more_bytes = std::min(more_bytes, budget_bytes);
    const std::uint64_t had_bytes =
        task.needs.memory_bytes != 0 ? task.needs.memory_bytes : budget_bytes;
    if (failure.cause == Cause::kMemory && more_bytes <= had_bytes) return false;
    again.needs.memory_bytes = more_bytes;
  }
  ++again.attempt;
  work_folder_.unlock(task.key.digest);
  reporter_.tell(Event::Kind::kNodeRetried, task.node, failure.message, &failure.usage);
  enqueue(task.id);
  return true;
}

void Scheduler::write_crash_files(const Task& task, const Failure& failure) {
  if (failure.cause == Cause::kCancelled || outcome_.cancelled) return;
  const fs::path folder =
      options_.crash_dir.empty() ? work_folder_.crashes() : fs::absolute(options_.crash_dir);
  try {
    reports_[task.id].crash_file = write_crash(work_folder_, folder, task, failure, program_);
  } catch (const std::system_error& error) {
    if (failure.cause == Cause::kDiskFull) return;
    if (is_disk_error(error.code())) outcome_.disk_full = true;
    reporter_.warn(std::string("a crash file cannot be written: ") + error.what());
  }
}

void Scheduler::use(NodeId id, std::shared_ptr<const Result> result, bool cached) {
  NodeStatus& status = states_[id];
  status.result = std::move(result);
  status.cached = cached;
  status.collected = status.result->collected;
  for (const auto& file : status.result->files) {
    produced_.insert_or_assign(file.path.native(), file.version.digest);
    if (!cached) memo_.remember(file.version);
  }
  if (!cached) {
    for (const auto& text : status.result->warnings)
      reporter_.warn("'" + graph_[id].name + "': " + text);
  }
  if (options_.clean_workdir) collector_.pin_sources(*status.result);
  settle(id, NodeState::kDone);
}

void Scheduler::fail_input(NodeId id, const std::string& message) {
  Failure failure;
  failure.cause = Cause::kInput;
  failure.message = message;
  fail(id, std::move(failure));
}

void Scheduler::fail(NodeId id, Failure failure) {
  reports_[id].cause = failure.cause;
  reports_[id].usage = failure.usage;
  states_[id].error = std::move(failure.message);
  if (failure.cause == Cause::kDiskFull) {
    outcome_.disk_full = true;
    halt("nothing more can be written: " + states_[id].error);
  } else if (options_.stop_on_first_crash) {
    halt("a node failed");
  }
  // A job that someone else cancelled has failed; one that was not to start any more has not.
  const bool cancelled =
      outcome_.cancelled || (failure.cause == Cause::kCancelled && !halted_.empty());
  settle(id, cancelled ? NodeState::kCancelled : NodeState::kFailed);
}

void Scheduler::settle(NodeId id, NodeState state) {
  NodeStatus& status = states_[id];
  status.state = state;
  Progress& progress = reporter_.progress();
  if (state == NodeState::kDone) {
    ++progress.done;
    if (status.cached) ++progress.cached;
  } else {
    ++progress.failed;
  }
  if (!graph_[id].mapped || state != NodeState::kDone) {
    reporter_.tell(event_of(state, status.cached), graph_[id].name, status.error,
                   status.result ? &status.result->usage : nullptr);
  }
  if (status.reviving) return wake_waiting(id);
  for (const NodeId dependent : graph_[id].dependents) {
    if (--states_[dependent].pending == 0) ready_.push_back(dependent);
  }
  if (options_.clean_workdir && state == NodeState::kDone) collect_after(id);
}

void Scheduler::halt(const std::string& reason) {
  if (!halted_.empty()) return;
  halted_ = reason;
  reporter_.warn(reason);
  executor_->stop_waiting();
}

void Scheduler::cancel() {
  outcome_.cancelled = true;
  halt("cancelled");
  executor_->cancel();
}

void Scheduler::write_journal() {
  try {
    journal_.write();
  } catch (const std::system_error& error) {
    if (is_disk_error(error.code())) outcome_.disk_full = true;
    halt(std::string("the run log cannot be written: ") + error.what());
  }
}

void Scheduler::finish() {
  for (NodeId id = 0; id < states_.size(); ++id) {
    if (is_settled(states_[id].state)) continue;
    states_[id].error = "not started: " + halted_;
    states_[id].state = NodeState::kCancelled;
  }
  if (options_.clean_workdir && halted_.empty()) remove_superseded();
  write_journal();
  try {
    journal_.finish();
  } catch (const std::system_error& error) {
    if (outcome_.disk_full) return;
    outcome_.disk_full = is_disk_error(error.code());
    reporter_.warn(std::string("results may not be on the disk yet: ") + error.what());
  }
}

RunReport Scheduler::make_report() {
  RunReport report = std::move(outcome_);
  report.warnings = reporter_.warnings();
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const NodeStatus& status = states_[id];
    if (graph_[id].mapped && status.expanded && status.state != NodeState::kFailed) continue;
    NodeReport& node = reports_[id];
    node.node = graph_[id].name;
    node.interface = graph_[id].definition->interface->id();
    node.state = status.state;
    node.cached = status.cached;
    node.message = status.error;
    node.result = status.result;
    if (status.result) node.usage = status.result->usage;
    report.nodes.push_back(std::move(node));
  }
  return report;
}

}  // namespace hypersynth::pipeline
