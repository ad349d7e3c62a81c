#include "pipeline/execution/crash.h"

#include <sstream>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "core/shell_text.h"
#include "pipeline/cache/record_json.h"
#include "pipeline/execution/task_file.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

std::string rerun_command(const std::vector<std::string>& program, const fs::path& task_file) {
  std::string command;
  for (const auto& word : program) command += shell_quoted(word) + ' ';
  return command + "--run-node " + shell_quoted(task_file.string());
}

std::string host_of(const Failure& failure) {
  return failure.host.empty() ? host_name() : failure.host;
}

/// Empty where that is not known.
std::string started(const Failure& failure) {
  return failure.usage.started_ms > 0 ? display_time(failure.usage.started_ms) : std::string();
}

std::string as_text(const Task& task, const Failure& failure, const std::string& rerun) {
  std::ostringstream text;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty())
      text << name << std::string(13 - std::string_view(name).size(), ' ') << value << '\n';
  };
  line("Node", task.node);
  line("Interface", task.interface->id() + ", version " + task.interface->version());
  line("Cause", to_string(failure.cause));
  line("Message", failure.message);
  line("Attempt", std::to_string(task.attempt));
  line("Host", host_of(failure));
  line("Started", started(failure));
  std::ostringstream used;
  used << failure.usage.wall_s << " s, " << failure.usage.cpu_s << " s of CPU";
  if (failure.usage.peak_bytes)
    used << ", peak memory " << display_bytes(*failure.usage.peak_bytes);
  line("Used", used.str());
  line("Command", failure.command);
  text << "\nInputs\n";
  for (std::size_t port = 0; port < task.inputs.size(); ++port) {
    text << "  " << task.interface->inputs()[port].name << " = " << display(task.inputs[port], 4000)
         << '\n';
  }
  if (!failure.stderr_tail.empty()) text << "\nLast lines of its output\n" << failure.stderr_tail;
  if (!rerun.empty()) text << "\nRun just this node again\n  " << rerun << '\n';
  return text.str();
}

std::string as_json(const Task& task, const Failure& failure, const std::string& rerun) {
  json inputs = json::object();
  for (std::size_t port = 0; port < task.inputs.size(); ++port)
    inputs[task.interface->inputs()[port].name] = to_json(task.inputs[port]);
  const auto& peak = failure.usage.peak_bytes;
  const json object = {{"node", text_to_json(task.node)},
                       {"interface", task.interface->id()},
                       {"version", task.interface->version()},
                       {"key", task.key.digest.hex()},
                       {"cause", to_string(failure.cause)},
                       {"message", text_to_json(failure.message)},
                       {"input", failure.input ? findings_to_json(*failure.input) : json()},
                       {"signal", failure.signal},
                       {"exit_code", failure.exit_code},
                       {"attempt", task.attempt},
                       {"host", host_of(failure)},
                       {"started", started(failure)},
                       {"wall_s", failure.usage.wall_s},
                       {"cpu_s", failure.usage.cpu_s},
                       {"peak_bytes", peak ? json(*peak) : json()},
                       {"memory_limit_bytes", task.slots.memory_bytes},
                       {"command", text_to_json(failure.command)},
                       {"inputs", std::move(inputs)},
                       {"stderr", text_to_json(failure.stderr_tail)},
                       {"rerun", rerun.empty() ? json() : text_to_json(rerun)}};
  return object.dump(2) + '\n';
}

/// A file that could not be written whole, as on a full disk, tells nothing: it is removed.
void write_whole(const FileSystem& file_system, const fs::path& file, const std::string& text) {
  try {
    file_system.write(file, text);
  } catch (const std::system_error&) {
    boost::system::error_code ignored;
    fs::remove(file, ignored);
    throw;
  }
}

}  // namespace

fs::path write_crash(const WorkFolder& work_folder, const fs::path& folder, const Task& task,
                     const Failure& failure, const std::vector<std::string>& program) {
  const FileSystem& file_system = work_folder.file_system();
  file_system.create_folder(folder);
  std::string time = display_time(now_ms());
  for (char& c : time) c = c == ':' ? '-' : c;
  const std::string name = "crash-" + time + '-' + task.folder + '-' + std::to_string(task.attempt);
  const fs::path task_file = folder / (name + ".task");
  const fs::path text_file = folder / (name + ".txt");
  std::string rerun;
  if (task.served) {
    rerun = rerun_command(program, task_file);
    write_whole(file_system, task_file, to_json_text(task, work_folder.root()));
  }
  write_whole(file_system, folder / (name + ".json"), as_json(task, failure, rerun));
  write_whole(file_system, text_file, as_text(task, failure, rerun));
  return text_file;
}

}  // namespace hypersynth::pipeline
