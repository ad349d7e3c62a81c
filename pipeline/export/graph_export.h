#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// How a node is drawn; in the order in which the state of an element stands for its mapped node.
enum class DrawnState {
  kCached,
  kDone,
  kPlain,  ///< nothing is known but the workflow
  kWillRun,
  kMayRun,
  kWaiting,
  kRunning,
  kSkipped,
  kCancelled,
  kFailed,
};

std::string to_string(DrawnState state);

/// What a picture of a graph shows. A dot in a node's name, such as nested workflows give, puts it
/// into a group; a mapped node is one node, whatever the number of its elements.
struct GraphView {
  struct Node {
    std::string name;  ///< as plans and reports have it
    std::string label;
    std::vector<std::string> groups;  ///< the outermost first
    std::string interface;            ///< without its namespaces
    std::string version;
    bool mapped = false;
    DrawnState state = DrawnState::kPlain;
    std::string note;    ///< "4 elements: 3 done, 1 failed"
    std::string detail;  ///< why it runs, or failed
  };
  struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
    std::string ports;  ///< "corrected to image", one line for each pair
  };
  std::string name;
  std::vector<Node> nodes;  ///< every one after those it depends on
  std::vector<Edge> edges;

  /// How many nodes are in each state that occurs; none for a view of a workflow alone.
  std::vector<std::pair<DrawnState, std::size_t>> counts() const;
};

/// The graph alone, with what a run would do, or with what became of it. Throws WorkflowError for
/// a wrong workflow.
GraphView view_of(const Workflow& workflow);
GraphView view_of(const Workflow& workflow, const Plan& plan);
GraphView view_of(const Workflow& workflow, const RunReport& report);

/// The graph in Graphviz's language; states are a colour and a word.
std::string to_dot(const GraphView& view);

/// A self-contained SVG 1.1 picture, laid out in layers from top to bottom; states are a colour, a
/// shape and a word, names and reasons are also tooltips.
std::string to_svg(const GraphView& view);

}  // namespace hypersynth::pipeline
