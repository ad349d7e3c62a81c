#include "pipeline/slurm/slurm_commands.h"

#include <string_view>
#include <unistd.h>

extern char** environ;

namespace hypersynth::pipeline {
namespace {

constexpr const char* kTimeout_s = "120";
constexpr int kTimedOut = 124;

/// Variables of a job that the driver itself may be: jobs that it submits must not inherit its
/// memory and processors.
std::vector<std::string> inherited_job_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (name.substr(0, 6) == "SLURM_" && name != "SLURM_CONF") names.emplace_back(name);
  }
  return names;
}

}  // namespace

CommandResult RealSlurmCommands::run(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"timeout", kTimeout_s, "env"};
  for (const auto& name : inherited_job_variables()) {
    command.emplace_back("-u");
    command.push_back(name);
  }
  command.emplace_back("SLURM_BITSTR_LEN=0");  // indices of an array are not shortened
  command.insert(command.end(), arguments.begin(), arguments.end());
  CommandResult result = run_command(children_, command);
  if (result.exit_code == kTimedOut)
    result.output += arguments.front() + " timed out after " + kTimeout_s + " s";
  return result;
}

std::vector<std::string> missing_slurm_commands() {
  std::vector<std::string> missing;
  for (const char* program : {"sbatch", "squeue", "scancel"}) {
    if (!is_in_path(program)) missing.emplace_back(program);
  }
  return missing;
}

}  // namespace hypersynth::pipeline
