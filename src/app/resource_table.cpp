#include "app/resource_table.h"

#include <cstdio>

#include "bids/table.h"
#include "pipeline/crash.h"

namespace hypersynth {

namespace {

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

}  // namespace

std::string resource_table(const pipeline::RunReport& report) {
  bids::Table table({"node", "state", "started", "wall_s", "cpu_s", "peak_bytes"});
  for (const auto& node : report.nodes) {
    const auto& usage = node.usage;
    const std::string state = node.cached ? "cached" : to_string(node.state);
    if (usage.started_ms == 0) {
      table.add_row({node.node, state, "", "", "", ""});
      continue;
    }
    table.add_row({node.node, state, pipeline::display_time(usage.started_ms),
                   seconds(usage.wall_s), seconds(usage.cpu_s),
                   usage.peak_bytes ? std::to_string(*usage.peak_bytes) : std::string()});
  }
  return table.format();
}

}  // namespace hypersynth
