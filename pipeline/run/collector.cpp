#include "pipeline/run/collector.h"

#include <algorithm>

namespace hypersynth::pipeline {

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
    return states_[id].state == NodeState::kDone && !states_[id].reviving;
  });
}

bool Collector::is_free(NodeId id) const {
  const GraphNode& node = graph_[id];
  const NodeStatus& status = states_[id];
  if (node.mapped || !status.result || !status.result->has_folder || status.collected ||
      status.reviving || node.definition->options.keep)
    return false;
  if (pinned_.count(status.result->folder) == 1 || !all_done(node.dependents)) return false;
  // The node that an element belongs to reads nothing: those that depend on it do.
  return !node.element || all_done(graph_[node.dependents.front()].dependents);
}

std::vector<NodeId> Collector::freed_by(NodeId settled) const {
  std::vector<NodeId> freed;
  for (const NodeId source : graph_[settled].dependencies) {
    if (is_free(source)) freed.push_back(source);
    for (const NodeId element : states_[source].elements) {
      if (is_free(element)) freed.push_back(element);
    }
  }
  return freed;
}

void remove_files(const WorkFolder& work_folder, const std::string& folder) {
  const FileSystem& file_system = work_folder.file_system();
  const fs::path path = work_folder.nodes() / folder;
  file_system.write(path / "collected", "");
  for (const auto& name : file_system.list(path)) {
    if (name != "collected" && name != "result.json") file_system.remove(path / name);
  }
}

}  // namespace hypersynth::pipeline
