#pragma once

#include <string>
#include <vector>

#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// What the nodes of one interface used together.
struct InterfaceUsage {
  std::string interface;
  std::size_t executed = 0;  ///< in this run; failures too
  std::size_t cached = 0;
  double wall_s = 0;  ///< of those executed, summed up
  double cpu_s = 0;
  double longest_s = 0;                     ///< wall time of the slowest
  std::optional<std::uint64_t> peak_bytes;  ///< of the largest; of processes only
};

/// One row per interface, the one that took longest first.
std::vector<InterfaceUsage> usage_by_interface(const RunReport& report);

/// A table with one row per node and the columns node, interface, state, started, wall_s, cpu_s,
/// peak_bytes, host; "n/a" where something is not known. A cached node has the figures of the run
/// that made it.
std::string resources_tsv(const RunReport& report);

/// {"nodes": [rows as in the table], "interfaces": [as InterfaceUsage], "total": {...}}.
std::string resources_json(const RunReport& report);

/// A few lines for people.
std::string resource_summary(const RunReport& report);

}  // namespace hypersynth::pipeline
