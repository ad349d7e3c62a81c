#include "pipeline/run/collector.h"

#include <algorithm>
#include <system_error>

namespace hypersynth::pipeline {
namespace {

/// Removes the files of a result but for its record, which says so from then on.
void remove_files(const WorkFolder& work_folder, const std::string& folder) {
  const FileSystem& file_system = work_folder.file_system();
  const fs::path path = work_folder.nodes() / folder;
  file_system.write(path / "collected", "");
  for (const auto& name : file_system.list(path)) {
    if (name != "collected" && name != "result.json") file_system.remove(path / name);
  }
}

}  // namespace

Collector::Collector(NodeTable& nodes, const WorkFolder& work_folder, Journal& journal,
                     Reporter& reporter, EventLoop& loop)
    : nodes_(nodes),
      work_folder_(work_folder),
      journal_(journal),
      reporter_(reporter),
      loop_(loop),
      threads_(1) {}

void Collector::pin_sources(const Result& result) {
  const std::string& nodes = work_folder_.nodes().native();
  for (const auto& file : result.files) {
    const std::string& path = file.path.native();
    if (path.compare(0, nodes.size() + 1, nodes + '/') != 0) continue;
    const std::string rest = path.substr(nodes.size() + 1);
    const std::string folder = rest.substr(0, rest.find('/'));
    if (folder != result.folder) pinned_.insert(folder);
  }
}

bool Collector::all_done(const std::vector<NodeId>& nodes) const {
  return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [&](NodeId id) {
    return nodes_.states()[id].state == NodeState::kDone && !nodes_.states()[id].reviving;
  });
}

bool Collector::is_free(NodeId id) const {
  const GraphNode& node = nodes_.graph()[id];
  const NodeStatus& status = nodes_.states()[id];
  if (node.mapped || !status.result || !status.result->has_folder || status.collected ||
      status.reviving || node.definition->options.keep)
    return false;
  if (pinned_.count(status.result->folder) == 1 || !all_done(node.dependents)) return false;
  // The node that an element belongs to reads nothing: those that depend on it do.
  return !node.element || all_done(nodes_.graph()[node.dependents.front()].dependents);
}

std::vector<NodeId> Collector::freed_by(NodeId settled) const {
  std::vector<NodeId> freed;
  for (const NodeId source : nodes_.graph()[settled].dependencies) {
    if (is_free(source)) freed.push_back(source);
    for (const NodeId element : nodes_.states()[source].elements) {
      if (is_free(element)) freed.push_back(element);
    }
  }
  return freed;
}

void Collector::collect_after(NodeId settled) {
  for (const NodeId id : freed_by(settled)) {
    if (work_folder_.is_shared()) continue;  // another driver may have taken this result over
    nodes_.state(id).collected = true;
    const auto result = nodes_.state(id).result;
    ++removing_;
    threads_.submit([this, id, result] {
      std::string problem;
      try {
        remove_files(work_folder_, result->folder);
      } catch (const std::system_error& error) {
        problem = error.what();
      }
      loop_.post([this, id, result, problem] {
        --removing_;
        if (!problem.empty()) return reporter_.warn("files could not be removed: " + problem);
        journal_.log().add_collected(result->key.digest);
        reporter_.tell(Event::Kind::kNodeCollected, nodes_.graph()[id].name, "");
      });
    });
  }
}

void Collector::remove_superseded(const History& history) {
  if (work_folder_.is_shared()) return;  // another driver may need what this one does not
  std::unordered_set<Digest> current;
  std::unordered_set<std::string> names;
  const Graph& graph = nodes_.graph();
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (graph[id].mapped) continue;
    if (nodes_.state(id).state != NodeState::kDone) return;  // what failed may still want them
    current.insert(nodes_.state(id).result->key.digest);
    names.insert(graph[id].definition->name);
  }
  for (const auto& [key, result] : history.results) {
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
