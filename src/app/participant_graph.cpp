#include "app/participant_graph.h"

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "pipeline/export/graph_export.h"

namespace hypersynth {

namespace {

template <class States>
void write(const WorkflowParts& parts, const States& states) {
  auto view = pipeline::view_of(make_participant_workflow(parts, true).workflow, states);
  for (auto& node : view.nodes) {
    if (node.state == pipeline::DrawnState::kPlain) node.state = pipeline::DrawnState::kCached;
  }
  const fs::path& file = parts.options.graph;
  const bool svg = file.extension() == ".svg";
  write_atomically(fs::absolute(file), svg ? pipeline::to_svg(view) : pipeline::to_dot(view));
}

}  // namespace

void write_graph(const WorkflowParts& parts, const pipeline::Plan& plan) { write(parts, plan); }

void write_graph(const WorkflowParts& parts, const pipeline::RunReport& report) {
  write(parts, report);
}

}  // namespace hypersynth
