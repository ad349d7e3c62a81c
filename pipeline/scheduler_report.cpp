#include <algorithm>
#include <system_error>

#include "pipeline/scheduler.h"

namespace hypersynth::pipeline {
namespace {

constexpr auto kSyncInterval = std::chrono::seconds(5);

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

void Scheduler::settle(NodeId id, NodeState state) {
  NodeStatus& status = states_[id];
  status.state = state;
  if (state == NodeState::kDone) {
    ++progress_.done;
    if (status.cached) ++progress_.cached;
  } else {
    ++progress_.failed;
  }
  const Usage* usage = status.result != nullptr ? &status.result->usage : nullptr;
  if (!graph_[id].mapped || state != NodeState::kDone)
    emit(event_of(state, status.cached), graph_[id].name, status.error, usage);
  for (const NodeId dependent : graph_[id].dependents) {
    if (--states_[dependent].pending == 0) ready_.push_back(dependent);
  }
}

void Scheduler::halt(const std::string& reason) {
  if (!halted_.empty()) return;
  halted_ = reason;
  warn(reason);
}

void Scheduler::cancel() {
  outcome_.cancelled = true;
  halt("cancelled");
  executor_->cancel();
}

void Scheduler::emit(Event::Kind kind, const std::string& node, const std::string& message,
                     const Usage* usage) {
  if (options_.observer == nullptr) return;
  const std::chrono::duration<double> elapsed = EventLoop::Clock::now() - started_;
  progress_.elapsed_s = elapsed.count();
  const std::size_t left = progress_.total - progress_.done - progress_.failed;
  progress_.remaining_s.reset();
  if (executed_ > 0) {
    progress_.remaining_s =
        elapsed.count() / static_cast<double>(executed_) * static_cast<double>(left);
  }
  options_.observer->on_event({kind, node, message, usage, progress_});
}

void Scheduler::warn(const std::string& message) {
  outcome_.warnings.push_back(message);
  emit(Event::Kind::kWarning, "", message);
}

void Scheduler::write_log() {
  if (!log_) return;
  try {
    for (const auto& version : memo_.take_learned()) log_->add(version);
    log_->flush();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_space_on_device) outcome_.disk_full = true;
    halt(std::string("the run log cannot be written: ") + error.what());
  }
}

void Scheduler::sync_in_background() {
  if (!options_.sync || syncing_ || EventLoop::Clock::now() - synced_ < kSyncInterval) return;
  write_log();
  syncing_ = true;
  synced_ = EventLoop::Clock::now();
  syncer_.submit([this, results = logged_] {
    bool ok = true;
    try {
      work_folder_.file_system().sync(work_folder_.root());
    } catch (const std::system_error&) {
      ok = false;
    }
    loop_.post([this, results, ok] {
      syncing_ = false;
      if (!ok) return;
      durable_ = results;
      log_->add_durable(results);
    });
  });
}

void Scheduler::finish() {
  while (syncing_) loop_.run_once();
  const std::string reason = "not started: " + halted_;
  for (NodeId id = 0; id < states_.size(); ++id) {
    if (is_settled(states_[id].state)) continue;
    states_[id].error = reason;
    states_[id].state = NodeState::kCancelled;
  }
  write_log();
  if (!options_.sync || logged_ == durable_) return;
  try {
    work_folder_.file_system().sync(work_folder_.root());
    log_->add_durable(logged_);
  } catch (const std::system_error& error) {
    warn(std::string("results may not be on the disk yet: ") + error.what());
  }
  write_log();
}

RunReport Scheduler::make_report() const {
  RunReport report = outcome_;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const NodeStatus& status = states_[id];
    if (graph_[id].mapped && status.expanded && status.state != NodeState::kFailed) continue;
    NodeReport node = reports_[id];
    node.node = graph_[id].name;
    node.state = status.state;
    node.cached = status.cached;
    node.message = status.error;
    if (status.result != nullptr) {
      node.outputs = status.result->outputs;
      node.usage = status.result->usage;
    }
    report.nodes.push_back(std::move(node));
  }
  return report;
}

}  // namespace hypersynth::pipeline
