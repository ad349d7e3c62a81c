#include "pipeline/export/provenance.h"

#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

/// What PROV-JSON (section 3) requires of the records used here: the members that refer to other
/// records, and what kind these are. All other members are attributes.
const std::map<std::string, std::map<std::string, std::string>> kRelations = {
    {"used", {{"prov:activity", "activity"}, {"prov:entity", "entity"}}},
    {"wasGeneratedBy", {{"prov:entity", "entity"}, {"prov:activity", "activity"}}},
    {"wasAssociatedWith", {{"prov:activity", "activity"}, {"prov:agent", "agent"}}},
    {"wasDerivedFrom",
     {{"prov:generatedEntity", "entity"},
      {"prov:usedEntity", "entity"},
      {"prov:activity", "activity"}}},
};

bool is_attribute_value(const json& value) {
  if (value.is_string() || value.is_number() || value.is_boolean()) return true;
  return value.is_object() && value.contains("$") && value["$"].is_string() &&
         value.contains("type") && value["type"].is_string();
}

void expect_prov_json(const json& document) {
  const std::regex qualified("(hs|prov|_):[A-Za-z0-9_-]+");
  const std::regex time("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  std::set<std::string> sections = {"prefix", "entity", "activity", "agent"};
  for (const auto& [name, members] : kRelations) sections.insert(name);
  for (const auto& [section, records] : document.items()) {
    EXPECT_EQ(sections.count(section), 1u) << section;
    if (section == "prefix") continue;
    for (const auto& [id, record] : records.items()) {
      EXPECT_TRUE(std::regex_match(id, qualified)) << id;
      for (const auto& [name, value] : record.items()) {
        EXPECT_TRUE(is_attribute_value(value)) << name << ": " << value;
        if (name.find("Time") != std::string::npos || name == "prov:time") {
          EXPECT_TRUE(std::regex_match(value.get<std::string>(), time)) << value;
        }
      }
      const auto relation = kRelations.find(section);
      if (relation == kRelations.end()) continue;
      for (const auto& [member, kind] : relation->second) {
        ASSERT_TRUE(record.contains(member)) << section << ' ' << member;
        EXPECT_TRUE(document[kind].contains(record[member].get<std::string>())) << record;
      }
    }
  }
}

/// The labels of both ends of every relation of one kind.
std::multiset<std::pair<std::string, std::string>> pairs(const json& document, const char* section,
                                                         const char* from, const char* to) {
  const auto label = [&](const std::string& id) {
    for (const char* kind : {"entity", "activity", "agent"}) {
      if (document[kind].contains(id)) return document[kind][id]["prov:label"].get<std::string>();
    }
    return std::string();
  };
  std::multiset<std::pair<std::string, std::string>> found;
  for (const auto& [id, record] : document[section].items())
    found.emplace(label(record[from]), label(record[to]));
  return found;
}

class ProvenanceTest : public ::testing::Test {
 protected:
  json document_of(const Workflow& workflow) {
    const RunReport report = run(workflow, options_for(folder_ / "work"));
    return json::parse(to_prov_json(workflow, report, {"hypersynth", "1.2.3", "https://x.org"}));
  }

  TemporaryFolder folder_;
};

TEST_F(ProvenanceTest, FilesAreUsedGeneratedAndDerived) {
  write_text(folder_ / "in.txt", "a");
  Workflow workflow("files");
  const auto first = workflow.add<Append>("first", {folder_ / "in.txt", "b"});
  const auto second = workflow.add<Append>("second", {{}, "c"});
  workflow.connect(first, &Append::Outputs::file, second, &Append::Inputs::file);
  const json document = document_of(workflow);
  expect_prov_json(document);
  EXPECT_EQ(document["activity"].size(), 2u);
  EXPECT_EQ(document["agent"].front()["hs:version"], "1.2.3");
  EXPECT_EQ(pairs(document, "used", "prov:activity", "prov:entity").count({"first", "in.txt"}), 1u);
  EXPECT_EQ(pairs(document, "used", "prov:activity", "prov:entity").count({"second", "first"}), 1u);
  EXPECT_EQ(pairs(document, "wasGeneratedBy", "prov:entity", "prov:activity")
                .count({"appended.txt", "second"}),
            1u);
  EXPECT_EQ(pairs(document, "wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity")
                .count({"appended.txt", "in.txt"}),
            1u);
  for (const auto& [id, entity] : document["entity"].items()) {
    if (entity["prov:label"] == "in.txt") {
      EXPECT_EQ(entity["hs:digest"]["$"], digest_of("a").hex());
    }
  }
  for (const auto& [id, activity] : document["activity"].items()) {
    EXPECT_EQ(activity["hs:version"], "1");
    EXPECT_LE(activity["prov:startTime"], activity["prov:endTime"]);
  }
}

TEST_F(ProvenanceTest, CachedResultsAreDescribedByTheExecutionThatMadeThem) {
  Workflow workflow("values");
  workflow.add<Add>("node", {1, 2});
  const json cold = document_of(workflow);
  EXPECT_EQ(document_of(workflow), cold);
  EXPECT_EQ(cold["activity"].front()["hs:input_b"], "2");
}

TEST_F(ProvenanceTest, JoinedAndMappedNodesNameAllTheirSourcesAndFailuresAreAbsent) {
  Workflow workflow("mapped");
  const auto mapped = workflow.map<Add>("each", {0, 10});
  workflow.set_each(mapped, &Add::Inputs::a, {1, 2, 2});
  const auto total = workflow.add<Total>("total");
  workflow.connect(mapped, &Add::Outputs::sum, total, &Total::Inputs::terms);
  workflow.add<MayFail>("bad", {1, true});
  const json document = document_of(workflow);
  expect_prov_json(document);
  EXPECT_EQ(document["activity"].size(), 3u);  // two elements are the same execution
  const auto used = pairs(document, "used", "prov:activity", "prov:entity");
  EXPECT_EQ(used.count({"total", "each[0]"}), 1u);
  EXPECT_EQ(used.size(), 3u);
}

}  // namespace
}  // namespace hypersynth::pipeline
