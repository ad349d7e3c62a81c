#pragma once

#include <string>
#include <vector>

#include "pipeline/cache/assess.h"
#include "pipeline/cache/work_folder.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// What a run would do with a node.
enum class Action {
  kRun,     ///< it would run: it has no result that stands, and its inputs are known
  kCached,  ///< it would use the result that it has
  kMayRun,  ///< a node before it would run: whether this one does depends on what comes out there
};

std::string to_string(Action action);

/// What a run would do with one node, and why; "stale" is a node that has no result for its inputs.
struct PlannedNode {
  std::string node;
  Action action = Action::kRun;
  std::vector<std::string> reasons;  ///< for a stale node: each ingredient that changed
};

struct Plan {
  std::vector<PlannedNode> nodes;  ///< in an order in which they could run

  const PlannedNode* find(const std::string& node) const;
  std::size_t count(Action action) const;
};

/// Works out what a run would do, without doing or writing anything.
Plan make_plan(const Graph& graph, const History& history, const FileSystem& file_system,
               bool verify);

}  // namespace hypersynth::pipeline
