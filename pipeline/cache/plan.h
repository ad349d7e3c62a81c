#pragma once

#include <string>
#include <vector>

#include "pipeline/cache/assess.h"
#include "pipeline/cache/work_folder.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

enum class Action {
  kRun,
  kCached,
  kMayRun,  ///< depends on whether the result of a node before it changes
};

std::string to_string(Action action);

/// What a run would do with one node, and why.
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
