#include "pipeline/execution/command.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <system_error>
#include <unistd.h>

#include <sys/mman.h>

#include "pipeline/files/file_system.h"

namespace hypersynth::pipeline {

CommandResult run_command(ChildProcesses& children, const std::vector<std::string>& arguments) {
  const FileDescriptor output(::memfd_create("command", MFD_CLOEXEC));
  if (!output) throw std::system_error(errno, std::generic_category(), "memfd_create");
  ChildProcesses::Command command;
  command.arguments = arguments;
  command.output = "/proc/self/fd/" + std::to_string(output.get());
  CommandResult result;
  try {
    const ChildExit exit = children.run(command);
    result.exit_code = exit.signal != 0 ? 128 + exit.signal : exit.exit_code;
    result.output = real_file_system().read(command.output).value_or(std::string());
  } catch (const std::system_error& error) {
    result.exit_code = 127;
    result.output = error.what();
  }
  return result;
}

bool is_in_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace hypersynth::pipeline
