#pragma once

#include "app/participant_workflow.h"
#include "pipeline/cache/plan.h"

namespace hypersynth {

/// Writes the graph of all images to Options::graph: planned, or with what became of it; images
/// that were finished before are part of it. Throws Error where the file cannot be written.
void write_graph(const WorkflowParts& parts, const pipeline::Plan& plan);
void write_graph(const WorkflowParts& parts, const pipeline::RunReport& report);

}  // namespace hypersynth
