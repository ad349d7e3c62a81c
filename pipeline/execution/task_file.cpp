#include "pipeline/execution/task_file.h"

#include "pipeline/cache/record_json.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

StoredTask task_from_json(const json& object) {
  StoredTask stored;
  stored.work_dir = path_from_json(object.at("work_dir"));
  stored.interface_id = object.at("interface").get<std::string>();
  stored.interface_version = object.at("version").get<std::string>();
  Task& task = stored.task;
  task.node = text_from_json(object.at("node"));
  task.folder = object.at("folder").get<std::string>();
  task.inputs = values_from_json(object.at("inputs"));
  task.key = key_from_json(object.at("key"));
  object.at("cpus").get_to(task.slots.cpus);
  object.at("memory_bytes").get_to(task.slots.memory_bytes);
  object.at("gpu_ids").get_to(task.slots.gpu_ids);
  object.at("attempt").get_to(task.attempt);
  task.placement = Placement::kProcess;
  task.attempt_dir = path_from_json(object.at("attempt_dir"));
  return stored;
}

Failure failure_from_json(const json& object) {
  Failure failure;
  failure.cause = static_cast<Cause>(object.at("cause").get<int>());
  failure.message = text_from_json(object.at("message"));
  if (const auto input = object.find("input"); input != object.end())  // older programs lack it
    failure.input = findings_from_json(*input);
  object.at("host").get_to(failure.host);
  object.at("started_ms").get_to(failure.usage.started_ms);
  object.at("wall_s").get_to(failure.usage.wall_s);
  object.at("cpu_s").get_to(failure.usage.cpu_s);
  if (const auto peak = object.at("peak_bytes").get<std::uint64_t>(); peak > 0)
    failure.usage.peak_bytes = peak;
  return failure;
}

}  // namespace

std::string to_json_text(const Task& task, const fs::path& work_dir) {
  const json object = {{"kind", "task"},
                       {"work_dir", path_to_json(work_dir)},
                       {"node", text_to_json(task.node)},
                       {"folder", task.folder},
                       {"interface", task.interface->id()},
                       {"version", task.interface->version()},
                       {"inputs", values_to_json(task.inputs)},
                       {"key", key_to_json(task.key)},
                       {"cpus", task.slots.cpus},
                       {"memory_bytes", task.slots.memory_bytes},
                       {"gpu_ids", task.slots.gpu_ids},
                       {"attempt", task.attempt},
                       {"attempt_dir", path_to_json(task.attempt_dir)}};
  return seal(object.dump()) + '\n';
}

StoredTask task_from_json_text(const std::string& text) {
  const std::string_view line = without_line_break(text);
  const char* problem = "expected a node's task, found a damaged file";
  if (!is_sealed(line)) throw std::runtime_error(problem);
  try {
    return task_from_json(json::parse(line));
  } catch (const json::exception&) {
    throw std::runtime_error(problem);
  }
}

std::string to_json_text(const Failure& failure) {
  json object = {{"kind", "failure"},
                 {"cause", static_cast<int>(failure.cause)},
                 {"message", text_to_json(failure.message)},
                 {"host", host_name()},
                 {"started_ms", failure.usage.started_ms},
                 {"wall_s", failure.usage.wall_s},
                 {"cpu_s", failure.usage.cpu_s},
                 {"peak_bytes", failure.usage.peak_bytes.value_or(0)}};
  if (failure.input) object["input"] = findings_to_json(*failure.input);
  return seal(object.dump()) + '\n';
}

std::optional<Failure> failure_from_json_text(const std::string& text) {
  const std::string_view line = without_line_break(text);
  if (!is_sealed(line)) return std::nullopt;
  try {
    const json object = json::parse(line);
    if (object.at("kind") != "failure") return std::nullopt;
    return failure_from_json(object);
  } catch (const std::exception&) {
    return std::nullopt;  // of another version of the program
  }
}

}  // namespace hypersynth::pipeline
