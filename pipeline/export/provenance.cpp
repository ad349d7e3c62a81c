#include "pipeline/export/provenance.h"

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/utf8.h"
#include "pipeline/cache/record_json.h"
#include "pipeline/export/text_escape.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

constexpr const char* kNamespace = "urn:hypersynth:provenance:";

json qualified_name(const char* name) { return {{"$", name}, {"type", "prov:QUALIFIED_NAME"}}; }

json literal(const std::string& text, const char* type) { return {{"$", text}, {"type", type}}; }

/// Collects the records of one document; all identifiers follow from content, so that documents of
/// several runs can be merged.
class ProvenanceWriter {
 public:
  ProvenanceWriter(const Workflow& workflow, const RunReport& report, const SoftwareAgent& agent)
      : graph_(workflow), report_(report), agent_(agent) {
    for (const auto& node : report.nodes) {
      if (!node.result) continue;
      by_name_[node.node].push_back(&node);
      const std::string owner = mapped_name(node.node);
      if (!owner.empty()) by_name_[owner].push_back(&node);
    }
    for (NodeId id = 0; id < graph_.size(); ++id) ids_[graph_[id].name] = id;
  }

  std::string run() {
    document_["prefix"] = {{"hs", kNamespace}};
    write_agent();
    for (const auto& node : report_.nodes) {
      if (node.result) write_node(node);
    }
    return document_.dump(1) + '\n';
  }

 private:
  /// A file at a place with a content.
  std::string file_entity(const fs::path& path, const Digest& digest) {
    const std::string id = "hs:file-" + digest_of(path.native() + '\0' + digest.hex()).hex();
    document_["entity"][id] = {{"prov:type", qualified_name("hs:File")},
                               {"prov:label", valid_utf8(path.filename().native())},
                               {"prov:location", valid_utf8(path.native())},
                               {"hs:digest", literal(digest.hex(), "hs:XXH3_128")}};
    return id;
  }

  static std::string result_id(const Result& result) {
    return "hs:result-" + result.key.digest.hex();
  }

  void write_agent() {
    json& agent = document_["agent"]["hs:program"];
    agent = {{"prov:type", qualified_name("prov:SoftwareAgent")},
             {"prov:label", valid_utf8(agent_.name)},
             {"hs:version", valid_utf8(agent_.version)}};
    if (!agent_.url.empty()) agent["hs:url"] = literal(agent_.url, "xsd:anyURI");
  }

  void write_node(const NodeReport& node) {
    const Result& result = *node.result;
    if (!written_.insert(result.key.digest).second) return;  // two nodes of one result
    const std::string activity = "hs:execution-" + result.key.digest.hex();
    write_activity(activity, node);
    relate("wasAssociatedWith", {{"prov:activity", activity}, {"prov:agent", "hs:program"}});
    std::vector<std::string> sources;
    for (const auto& [path, digest] : result.key.files)
      sources.push_back(file_entity(path, digest));
    for (const Result* source : results_before(node)) sources.push_back(result_id(*source));
    for (const auto& source : sources)
      relate("used", {{"prov:activity", activity}, {"prov:entity", source}});
    for (const auto& product : write_products(result)) {
      relate("wasGeneratedBy", {{"prov:entity", product},
                                {"prov:activity", activity},
                                {"prov:time", display_time(end_ms(result))}});
      for (const auto& source : sources) {
        relate("wasDerivedFrom", {{"prov:generatedEntity", product},
                                  {"prov:usedEntity", source},
                                  {"prov:activity", activity}});
      }
    }
  }

  static std::int64_t end_ms(const Result& result) {
    return result.usage.started_ms + static_cast<std::int64_t>(result.usage.wall_s * 1000);
  }

  void write_activity(const std::string& id, const NodeReport& node) {
    const Result& result = *node.result;
    json& activity = document_["activity"][id];
    activity = {{"prov:startTime", display_time(result.usage.started_ms)},
                {"prov:endTime", display_time(end_ms(result))},
                {"prov:type", qualified_name("hs:Execution")},
                {"prov:label", valid_utf8(result.node)},
                {"hs:host", valid_utf8(result.host)}};
    for (const KeyField& field : result.key.fields)
      activity["hs:" + attribute(field.name)] = valid_utf8(field.text);
  }

  /// "input_shrink" of "input 'shrink'".
  static std::string attribute(const std::string& field) {
    std::string name;
    for (const char c : field) {
      if (c == ' ') name += '_';
      if (c != ' ' && c != '\'') name += c;
    }
    return name;
  }

  /// The results of the nodes that this one depends on.
  std::vector<const Result*> results_before(const NodeReport& node) const {
    auto found = ids_.find(node.node);
    if (found == ids_.end()) found = ids_.find(mapped_name(node.node));
    std::vector<const Result*> results;
    if (found == ids_.end()) return results;
    for (const NodeId dependency : graph_[found->second].dependencies) {
      const auto sources = by_name_.find(graph_[dependency].name);
      if (sources == by_name_.end()) continue;
      for (const NodeReport* source : sources->second) results.push_back(source->result.get());
    }
    return results;
  }

  /// The result as a whole, with its values, and every file of it.
  std::vector<std::string> write_products(const Result& result) {
    std::vector<std::string> products = {result_id(result)};
    json& entity = document_["entity"][products.front()];
    entity = {{"prov:type", qualified_name("hs:Result")},
              {"prov:label", valid_utf8(result.node)},
              {"hs:digest", literal(result.key.digest.hex(), "hs:XXH3_128")}};
    for (std::size_t port = 0; port < result.outputs.size(); ++port)
      entity["hs:output_" + port_name(result, port)] = valid_utf8(display(result.outputs[port]));
    for (const auto& file : result.files) {
      products.push_back(file_entity(file.path, file.version.digest));
      document_["entity"][products.back()]["hs:size_bytes"] = file.version.identity.size_bytes;
    }
    return products;
  }

  std::string port_name(const Result& result, std::size_t port) const {
    auto found = ids_.find(result.node);
    if (found == ids_.end()) found = ids_.find(mapped_name(result.node));
    if (found == ids_.end()) return std::to_string(port);
    return graph_[found->second].definition->interface->outputs()[port].name;
  }

  void relate(const char* relation, json members) {
    document_[relation]["_:r" + std::to_string(relations_++)] = std::move(members);
  }

  Graph graph_;
  const RunReport& report_;
  const SoftwareAgent& agent_;
  std::unordered_map<std::string, std::vector<const NodeReport*>> by_name_;
  std::unordered_map<std::string, NodeId> ids_;
  std::unordered_set<Digest> written_;
  json document_ = json::object();
  std::size_t relations_ = 0;
};

}  // namespace

std::string to_prov_json(const Workflow& workflow, const RunReport& report,
                         const SoftwareAgent& agent) {
  return ProvenanceWriter(workflow, report, agent).run();
}

}  // namespace hypersynth::pipeline
