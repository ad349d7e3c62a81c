#include "pipeline/cache/result.h"

#include <fstream>
#include <unistd.h>

#include "pipeline/cache/record_json.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

/// `path` relative to `folder` where it lies below it.
fs::path stored_path(const fs::path& path, const fs::path& folder) {
  const std::string& text = path.native();
  const std::string& prefix = folder.native();
  const bool below = text.size() > prefix.size() + 1 && text[prefix.size()] == '/' &&
                     text.compare(0, prefix.size(), prefix) == 0;
  return below ? fs::path(text.substr(prefix.size() + 1)) : path;
}

fs::path loaded_path(const fs::path& path, const fs::path& folder) {
  return path.is_relative() && !path.empty() ? folder / path : path;
}

json files_to_json(const std::vector<OutputFile>& files, const fs::path& folder) {
  json array = json::array();
  for (const auto& file : files) {
    const FileIdentity& id = file.version.identity;
    array.push_back({path_to_json(stored_path(file.path, folder)), file.version.digest.hex(),
                     id.device, id.inode, id.size_bytes, id.modified_ns, id.changed_ns, id.folder});
  }
  return array;
}

OutputFile file_from_json(const json& array, const fs::path& folder) {
  OutputFile file;
  file.path = loaded_path(path_from_json(array.at(0)), folder);
  file.version.digest = digest_from_json(array.at(1));
  FileIdentity& id = file.version.identity;
  array.at(2).get_to(id.device);
  array.at(3).get_to(id.inode);
  array.at(4).get_to(id.size_bytes);
  array.at(5).get_to(id.modified_ns);
  array.at(6).get_to(id.changed_ns);
  array.at(7).get_to(id.folder);
  return file;
}

Result result_from_json(const json& object, const fs::path& nodes_folder) {
  Result result;
  result.node = text_from_json(object.at("node"));
  object.at("folder").get_to(result.folder);
  result.key = key_from_json(object.at("key"));
  const fs::path folder = nodes_folder / result.folder;
  result.outputs = values_from_json(object.at("outputs"));
  for (Value& value : result.outputs)
    for_each_path(value, [&](fs::path& path) { path = loaded_path(path, folder); });
  for (const auto& file : object.at("files")) result.files.push_back(file_from_json(file, folder));
  for (const auto& text : object.at("warnings")) result.warnings.push_back(text_from_json(text));
  object.at("started_ms").get_to(result.usage.started_ms);
  object.at("wall_s").get_to(result.usage.wall_s);
  object.at("cpu_s").get_to(result.usage.cpu_s);
  const json& peak = object.at("peak_bytes");
  if (!peak.is_null()) result.usage.peak_bytes = peak.get<std::uint64_t>();
  object.at("host").get_to(result.host);
  object.at("boot").get_to(result.boot);
  object.at("has_folder").get_to(result.has_folder);
  return result;
}

std::string first_line_of(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

}  // namespace

std::string to_json_line(const Result& result, const fs::path& nodes_folder) {
  const fs::path folder = nodes_folder / result.folder;
  json outputs = json::array();
  for (Value value : result.outputs) {
    for_each_path(value, [&](fs::path& path) { path = stored_path(path, folder); });
    outputs.push_back(to_json(value));
  }
  json warnings = json::array();
  for (const auto& text : result.warnings) warnings.push_back(text_to_json(text));
  const json object = {
      {"kind", "result"},
      {"node", text_to_json(result.node)},
      {"folder", result.folder},
      {"key", key_to_json(result.key)},
      {"outputs", std::move(outputs)},
      {"files", files_to_json(result.files, folder)},
      {"warnings", std::move(warnings)},
      {"started_ms", result.usage.started_ms},
      {"wall_s", result.usage.wall_s},
      {"cpu_s", result.usage.cpu_s},
      {"peak_bytes", result.usage.peak_bytes ? json(*result.usage.peak_bytes) : json()},
      {"host", result.host},
      {"boot", result.boot},
      {"has_folder", result.has_folder}};
  return seal(object.dump());
}

std::optional<Result> result_from_json_line(std::string_view line, const fs::path& nodes_folder) {
  if (!is_sealed(line)) return std::nullopt;
  try {
    const json object = json::parse(line);
    if (object.at("kind") != "result") return std::nullopt;
    return result_from_json(object, nodes_folder);
  } catch (const std::exception&) {
    return std::nullopt;  // an intact line of a version that this one does not know
  }
}

const std::string& host_name() {
  static const std::string name = [] {
    char text[256] = {};
    ::gethostname(text, sizeof text - 1);
    return std::string(text);
  }();
  return name;
}

const std::string& boot_id() {
  static const std::string id = first_line_of("/proc/sys/kernel/random/boot_id");
  return id;
}

}  // namespace hypersynth::pipeline
