#include "bids/dataset_description.h"

#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

#include "bids/sidecar.h"
#include "core/error.h"
#include "core/utf8.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;

constexpr const char* kFile = "dataset_description.json";

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The objects of the list `key`; anything else is left out.
std::vector<json> objects_of(const json& object, const char* key) {
  std::vector<json> objects;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return objects;
  for (const auto& item : *found) {
    if (item.is_object()) objects.push_back(item);
  }
  return objects;
}

GeneratedBy generated_by_from(const json& object) {
  GeneratedBy by{text_of(object, "Name"),
                 text_of(object, "Version"),
                 text_of(object, "CodeURL"),
                 text_of(object, "Description"),
                 "",
                 "",
                 ""};
  const auto container = object.find("Container");
  if (container != object.end() && container->is_object()) {
    by.container_type = text_of(*container, "Type");
    by.container_tag = text_of(*container, "Tag");
    by.container_uri = text_of(*container, "URI");
  }
  return by;
}

void put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = valid_utf8(text);
}

json to_json(const GeneratedBy& by) {
  auto object = json::object();
  put(object, "Name", by.name);
  put(object, "Version", by.version);
  put(object, "Description", by.description);
  put(object, "CodeURL", by.code_url);
  auto container = json::object();
  put(container, "Type", by.container_type);
  put(container, "Tag", by.container_tag);
  put(container, "URI", by.container_uri);
  if (!container.empty()) object["Container"] = std::move(container);
  return object;
}

json to_json(const SourceDataset& source) {
  auto object = json::object();
  put(object, "URL", source.url);
  put(object, "DOI", source.doi);
  put(object, "Version", source.version);
  return object;
}

bool is_broken_link(const FileSource& source) {
  try {
    const auto entries = source.list("");
    return std::find(entries.begin(), entries.end(),
                     DirectoryEntry{kFile, EntryKind::kBrokenLink, true}) != entries.end();
  } catch (const std::system_error&) {
    return false;
  }
}

std::string read_file(const FileSource& source) {
  try {
    return source.read(kFile);
  } catch (const std::system_error& error) {
    const std::string found =
        is_broken_link(source)
            ? std::string("a symbolic link without a target; fetch it with `datalad get ") + kFile +
                  "`"
            : error.code().message();
    throw DatasetError(IssueCode::kDatasetDescriptionMissing, kFile,
                       "expected the description of a BIDS dataset, found: " + found);
  }
}

json read_object(const FileSource& source) {
  const std::string text = read_file(source);
  try {
    return parse_json_object(text, kFile);
  } catch (const DatasetError& error) {
    throw DatasetError(IssueCode::kDatasetDescriptionInvalid, kFile, error.issue().message);
  }
}

/// Adds an issue for each key that is missing or of the wrong type.
void check(const json& object, Issues& issues) {
  const auto complain = [&](const std::string& message) {
    issues.push_back({IssueCode::kDatasetDescriptionInvalid, kFile, message});
  };
  for (const char* key : {"Name", "BIDSVersion"}) {
    if (text_of(object, key).empty())
      complain(std::string("the required key ") + key + " is missing or no text");
  }
  const json type = object.value("DatasetType", json("raw"));
  if (type != "raw" && type != "derivative" && type != "study")
    complain("expected DatasetType to be raw, derivative or study, found " +
             printable(type.dump()));
}

DatasetDescription from_json(const json& object) {
  DatasetDescription description;
  description.name = text_of(object, "Name");
  description.license = text_of(object, "License");
  if (const auto authors = object.find("Authors"); authors != object.end() && authors->is_array()) {
    for (const auto& author : *authors) {
      if (author.is_string()) description.authors.push_back(author.get<std::string>());
    }
  }
  description.bids_version = text_of(object, "BIDSVersion");
  if (const auto type = text_of(object, "DatasetType"); !type.empty())
    description.dataset_type = type;
  for (const auto& item : objects_of(object, "GeneratedBy"))
    description.generated_by.push_back(generated_by_from(item));
  for (const auto& item : objects_of(object, "SourceDatasets"))
    description.source_datasets.push_back(
        {text_of(item, "URL"), text_of(item, "DOI"), text_of(item, "Version")});
  const auto links = object.find("DatasetLinks");
  if (links != object.end() && links->is_object()) {
    for (const auto& [name, uri] : links->items()) {
      if (uri.is_string()) description.dataset_links[name] = uri.get<std::string>();
    }
  }
  return description;
}

}  // namespace

DatasetDescription read_description(const FileSource& source, Issues& issues) {
  const json object = read_object(source);
  check(object, issues);
  return from_json(object);
}

std::string format_description(const DatasetDescription& description) {
  auto object = json::object();
  object["Name"] = valid_utf8(description.name);
  object["BIDSVersion"] = valid_utf8(description.bids_version);
  object["DatasetType"] = valid_utf8(description.dataset_type);
  put(object, "License", description.license);
  for (const auto& author : description.authors) object["Authors"].push_back(valid_utf8(author));
  for (const auto& by : description.generated_by) object["GeneratedBy"].push_back(to_json(by));
  for (const auto& source : description.source_datasets)
    object["SourceDatasets"].push_back(to_json(source));
  for (const auto& [name, uri] : description.dataset_links) object["DatasetLinks"][name] = uri;
  return object.dump(2) + "\n";
}

}  // namespace hypersynth::bids
