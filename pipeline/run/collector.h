#pragma once

#include <unordered_set>
#include <vector>

#include "pipeline/cache/node_states.h"
#include "pipeline/cache/work_folder.h"

namespace hypersynth::pipeline {

/// Knows which results still have someone who may read their files.
class Collector {
 public:
  Collector(const Graph& graph, const std::vector<NodeStatus>& states,
            const WorkFolder& work_folder)
      : graph_(graph), states_(states), work_folder_(work_folder) {}

  /// A result that names files of other results keeps those.
  void pin_sources(const Result& result);

  /// The nodes whose files no one needs any more now that `settled` is done.
  std::vector<NodeId> freed_by(NodeId settled) const;

 private:
  bool is_free(NodeId id) const;
  bool all_done(const std::vector<NodeId>& nodes) const;

  const Graph& graph_;
  const std::vector<NodeStatus>& states_;
  const WorkFolder& work_folder_;
  std::unordered_set<std::string> pinned_;
};

/// Removes the files of a result but for its record, which says so from then on; a node that turns
/// out to need them makes them again.
void remove_files(const WorkFolder& work_folder, const std::string& folder);

}  // namespace hypersynth::pipeline
