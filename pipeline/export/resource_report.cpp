#include "pipeline/export/resource_report.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "core/number_text.h"
#include "core/tsv.h"
#include "pipeline/cache/record_json.h"
#include "pipeline/export/text_escape.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

constexpr const char* kUnknown = "n/a";

std::string state_of(const NodeReport& node) {
  return node.cached ? "cached" : to_string(node.state);
}

std::string host_of(const NodeReport& node) {
  return node.result ? node.result->host : host_name();
}

/// Whether there is anything to say about what the node used.
bool was_measured(const NodeReport& node) { return node.usage.started_ms > 0; }

std::string seconds(double value) { return decimal_places(value, 3); }

json row(const NodeReport& node) {
  json object = {
      {"node", text_to_json(node.node)}, {"interface", node.interface}, {"state", state_of(node)}};
  if (!was_measured(node)) return object;
  object["started"] = display_time(node.usage.started_ms);
  object["wall_s"] = node.usage.wall_s;
  object["cpu_s"] = node.usage.cpu_s;
  if (node.usage.peak_bytes) object["peak_bytes"] = *node.usage.peak_bytes;
  object["host"] = host_of(node);
  return object;
}

json to_json(const InterfaceUsage& usage) {
  json object = {{"interface", usage.interface}, {"executed", usage.executed},
                 {"cached", usage.cached},       {"wall_s", usage.wall_s},
                 {"cpu_s", usage.cpu_s},         {"longest_s", usage.longest_s}};
  if (usage.peak_bytes) object["peak_bytes"] = *usage.peak_bytes;
  return object;
}

void add(InterfaceUsage& usage, const NodeReport& node) {
  if (node.cached) {
    ++usage.cached;
  } else if (was_measured(node)) {
    ++usage.executed;
    usage.wall_s += node.usage.wall_s;
    usage.cpu_s += node.usage.cpu_s;
    usage.longest_s = std::max(usage.longest_s, node.usage.wall_s);
    usage.peak_bytes = std::max(usage.peak_bytes, node.usage.peak_bytes);
  }
}

InterfaceUsage total_of(const RunReport& report) {
  InterfaceUsage total;
  total.interface = "all";
  for (const auto& node : report.nodes) add(total, node);
  return total;
}

std::string line(const InterfaceUsage& usage) {
  return usage.interface + ": " + std::to_string(usage.executed) + " executed, " +
         std::to_string(usage.cached) + " cached, wall " + seconds(usage.wall_s) + " s (longest " +
         seconds(usage.longest_s) + " s), CPU " + seconds(usage.cpu_s) + " s, peak memory " +
         (usage.peak_bytes ? display_bytes(*usage.peak_bytes) : kUnknown) + '\n';
}

}  // namespace

std::vector<InterfaceUsage> usage_by_interface(const RunReport& report) {
  std::map<std::string, InterfaceUsage> by_name;
  for (const auto& node : report.nodes) {
    InterfaceUsage& usage = by_name[node.interface];
    usage.interface = node.interface;
    add(usage, node);
  }
  std::vector<InterfaceUsage> rows;
  for (auto& [name, usage] : by_name) rows.push_back(std::move(usage));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.wall_s > b.wall_s; });
  return rows;
}

std::string resources_tsv(const RunReport& report) {
  std::string table =
      tsv_line({"node", "interface", "state", "started", "wall_s", "cpu_s", "peak_bytes", "host"});
  for (const auto& node : report.nodes) {
    const bool measured = was_measured(node);
    const auto known = [&](const std::string& text) { return measured ? text : std::string(); };
    table += tsv_line({node.node, node.interface, state_of(node),
                       known(display_time(node.usage.started_ms)),
                       known(seconds(node.usage.wall_s)), known(seconds(node.usage.cpu_s)),
                       known(node.usage.peak_bytes ? std::to_string(*node.usage.peak_bytes) : ""),
                       known(host_of(node))});
  }
  return table;
}

std::string resources_json(const RunReport& report) {
  json nodes = json::array();
  for (const auto& node : report.nodes) nodes.push_back(row(node));
  json interfaces = json::array();
  for (const auto& usage : usage_by_interface(report)) interfaces.push_back(to_json(usage));
  const json object = {{"nodes", std::move(nodes)},
                       {"interfaces", std::move(interfaces)},
                       {"total", to_json(total_of(report))}};
  return object.dump(1) + '\n';
}

std::string resource_summary(const RunReport& report) {
  std::string text;
  for (const auto& usage : usage_by_interface(report)) text += line(usage);
  return text + line(total_of(report));
}

}  // namespace hypersynth::pipeline
