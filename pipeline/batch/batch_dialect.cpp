#include "pipeline/batch/batch_dialect.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <unistd.h>

#include "core/shell_text.h"
#include "pipeline/batch/pbs_dialect.h"
#include "pipeline/batch/sge_dialect.h"
#include "pipeline/batch/slurm_dialect.h"
#include "pipeline/execution/local_executor.h"

extern char** environ;

namespace hypersynth::pipeline {

const BatchDialect& dialect_of(BatchSystem system) {
  static const SlurmDialect slurm;
  static const PbsDialect pbs;
  static const SgeDialect sge;
  switch (system) {
    case BatchSystem::kSlurm:
      return slurm;
    case BatchSystem::kPbs:
      return pbs;
    case BatchSystem::kSge:
      return sge;
  }
  std::abort();
}

std::string job_name(const BatchOptions& options, const BatchId& id) {
  return options.job_name + '.' + id.text();
}

namespace {

/// Sets the variables by which programs are found as they are here.
std::string exported_path() {
  std::string text;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    const std::string name = variable.substr(0, variable.find('='));
    const bool wanted =
        name == "PATH" || name == "LD_LIBRARY_PATH" || name.rfind("APPTAINER_", 0) == 0;
    if (wanted)
      text += "export " + name + '=' + shell_quoted(variable.substr(name.size() + 1)) + '\n';
  }
  return text;
}

}  // namespace

std::string job_script(const JobSurroundings& surroundings, const BatchFolder& folder,
                       const BatchId& id, const Slots& slots,
                       const std::vector<std::string>& program, const fs::path& current_folder) {
  std::string words;
  for (const auto& word : program) words += shell_quoted(word) + ' ';
  const std::string ended = folder.ended(id, 0).string();
  std::ostringstream script;
  script << "#!/bin/sh\n"
         << "folder=" << shell_quoted(folder.batch(id).string()) << '\n'
         << "ended=" << shell_quoted(ended.substr(0, ended.size() - 1)) << '\n'
         << "index=" << surroundings.index << '\n'
         << "restart=" << surroundings.restart << '\n';
  if (!surroundings.has_log) script << "exec >>\"$folder/$index.log\" 2>&1\n";
  if (!surroundings.has_path) script << exported_path();
  for (const auto& [name, value] : slot_environment(slots, false))
    script << "export " << name << '=' << value << '\n';
  script << "cd " << shell_quoted(current_folder.string()) << " &&\n  " << words
         << "--run-node \"$folder/$index.task\" --restart \"$restart\"\n"
         << "code=$?\n"
         << "echo \"$code $restart\" >\"$ended$index\"\n"
         << "exit $code\n";
  return script.str();
}

std::string first_line(const std::string& output) { return output.substr(0, output.find('\n')); }

bool contains_any(std::string_view text, std::span<const std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

std::vector<std::string> command_of(std::vector<std::string> command,
                                    const std::vector<std::string>& words) {
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

std::vector<std::string> unset_variables(const std::function<bool(std::string_view)>& unwanted) {
  std::vector<std::string> words;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (unwanted(name)) words.insert(words.end(), {"-u", std::string(name)});
  }
  return words;
}

std::uint64_t mebibytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMebibyte = 1024 * 1024;
  return (bytes + kMebibyte - 1) / kMebibyte;
}

}  // namespace hypersynth::pipeline
