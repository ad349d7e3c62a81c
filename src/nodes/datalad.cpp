#include "nodes/datalad.h"

#include <algorithm>

#include "pipeline/execution/command.h"

namespace hypersynth {

bool has_datalad() { return pipeline::is_in_path("datalad"); }

std::string run_datalad(const std::string& verb, const fs::path& folder,
                        const std::vector<std::string>& files, const std::stop_token& stop) {
  std::vector<std::string> command = {"datalad", "-C", folder.string(), verb, "--"};
  command.insert(command.end(), files.begin(), files.end());
  pipeline::ChildProcesses children;
  const std::stop_callback on_stop(stop, [&] { children.cancel(true); });
  const pipeline::CommandResult result = pipeline::run_command(children, command);
  std::string said = result.output;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  std::replace(said.begin(), said.end(), '\n', ' ');
  if (said.empty()) said = "nothing (exit code " + std::to_string(result.exit_code) + ")";
  return said;
}

}  // namespace hypersynth
