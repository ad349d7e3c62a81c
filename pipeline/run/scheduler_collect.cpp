#include <algorithm>
#include <system_error>
#include <unordered_set>

#include "pipeline/run/scheduler.h"

namespace hypersynth::pipeline {
namespace {

/// The nodes that a node reads from: elements in the place of what they belong to.
std::vector<NodeId> readable_sources(const Graph& graph, const std::vector<NodeStatus>& states,
                                     NodeId id) {
  std::vector<NodeId> sources;
  for (const NodeId source : graph[id].dependencies) {
    sources.push_back(source);
    const auto& elements = states[source].elements;
    sources.insert(sources.end(), elements.begin(), elements.end());
  }
  return sources;
}

}  // namespace

bool Scheduler::waits_for_revival(NodeId id) {
  if (waiting_for_.empty()) return false;
  for (const NodeId source : readable_sources(graph_, states_, id)) {
    if (!states_[source].reviving) continue;
    waiting_for_[source].push_back(id);
    ++revivals_[id];
  }
  return revivals_.count(id) == 1;
}

bool Scheduler::revive_sources(NodeId id) {
  std::vector<NodeId> gone;
  for (const NodeId source : readable_sources(graph_, states_, id)) {
    if (states_[source].state == NodeState::kDone && states_[source].collected)
      gone.push_back(source);
  }
  const Task& task = tasks_.at(id);
  const bool here = !gone.empty() && adopt(id, work_folder_.stored(task.folder, task.key.digest));
  if (!here) {
    for (const NodeId source : gone) revive(source, id);
    if (!waits_for_revival(id)) return false;
  }
  tasks_.erase(id);
  return true;
}

void Scheduler::revive(NodeId id, NodeId needed_by) {
  NodeStatus& status = states_[id];
  history_.results.erase(status.result->key.digest);
  status.state = NodeState::kWaiting;
  status.reviving = true;
  status.collected = false;
  --reporter_.progress().done;
  if (status.cached) --reporter_.progress().cached;
  waiting_for_.try_emplace(id);
  reports_[id].reasons = {"its files were removed and '" + graph_[needed_by].name + "' needs them"};
  ready_.push_back(id);
}

void Scheduler::wake_waiting(NodeId id) {
  states_[id].reviving = false;
  const auto waiters = waiting_for_.extract(id);
  for (const NodeId waiting : waiters.mapped()) {
    if (--revivals_.at(waiting) > 0) continue;
    revivals_.erase(waiting);
    ready_.push_back(waiting);
  }
}

void Scheduler::collect_after(NodeId settled) {
  for (const NodeId id : collector_.freed_by(settled)) {
    if (work_folder_.is_shared()) continue;  // another driver may have taken this result over
    states_[id].collected = true;
    const auto result = states_[id].result;
    ++background_;
    background_threads_.submit([this, id, result] {
      std::string problem;
      try {
        remove_files(work_folder_, result->folder);
      } catch (const std::system_error& error) {
        problem = error.what();
      }
      loop_.post([this, id, result, problem] {
        --background_;
        if (!problem.empty()) return reporter_.warn("files could not be removed: " + problem);
        journal_.log().add_collected(result->key.digest);
        reporter_.tell(Event::Kind::kNodeCollected, graph_[id].name, "");
      });
    });
  }
}

void Scheduler::remove_superseded() {
  std::unordered_set<Digest> current;
  std::unordered_set<std::string> names;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (graph_[id].mapped) continue;
    if (states_[id].state != NodeState::kDone) return;  // what failed may still want them
    current.insert(states_[id].result->key.digest);
    names.insert(graph_[id].definition->name);
  }
  for (const auto& [key, result] : history_.results) {
    const std::string node = result->node.substr(0, result->node.find('['));
    if (current.count(key) == 1 || names.count(node) == 0) continue;
    if (!work_folder_.try_lock(key)) continue;
    try {
      work_folder_.discard(result->folder);
      journal_.log().add_removed(key);
    } catch (const std::system_error& error) {
      reporter_.warn(std::string("an outdated result could not be removed: ") + error.what());
    }
    work_folder_.unlock(key);
  }
}

}  // namespace hypersynth::pipeline
