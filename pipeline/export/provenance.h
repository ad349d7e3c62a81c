#pragma once

#include <string>

#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// The program that ran a workflow.
struct SoftwareAgent {
  std::string name;
  std::string version;
  std::string url;  ///< of its home page; may be empty
};

/// Where the results of a run come from as PROV-JSON (W3C member submission, 24 April 2013): files
/// and results are entities with their digests, executions are activities with times, interface and
/// version, the program is an agent; used, wasGeneratedBy, wasDerivedFrom and wasAssociatedWith.
/// Cached results are described by the execution that made them; nodes without a result are absent.
std::string to_prov_json(const Workflow& workflow, const RunReport& report,
                         const SoftwareAgent& agent);

}  // namespace hypersynth::pipeline
