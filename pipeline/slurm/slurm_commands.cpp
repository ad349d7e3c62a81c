#include "pipeline/slurm/slurm_commands.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <sys/mman.h>

#include "pipeline/files/file_system.h"

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

bool is_in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

CommandResult RealSlurmCommands::run(const std::vector<std::string>& arguments) {
  const FileDescriptor output(::memfd_create("slurm", MFD_CLOEXEC));
  if (!output) throw std::system_error(errno, std::generic_category(), "memfd_create");
  ChildProcesses::Command command;
  command.arguments = {"timeout", kTimeout_s, "env"};
  for (const auto& name : inherited_job_variables()) {
    command.arguments.push_back("-u");
    command.arguments.push_back(name);
  }
  command.arguments.push_back("SLURM_BITSTR_LEN=0");  // indices of an array are not shortened
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.output = "/proc/self/fd/" + std::to_string(output.get());
  CommandResult result;
  try {
    const ChildExit exit = children_.run(command);
    result.exit_code = exit.signal != 0 ? 128 + exit.signal : exit.exit_code;
    result.output = real_file_system().read(command.output).value_or(std::string());
  } catch (const std::system_error& error) {
    result.exit_code = 127;
    result.output = error.what();
  }
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
