#include "pipeline/batch/batch_commands.h"

namespace hypersynth::pipeline {
namespace {

constexpr const char* kTimeout_s = "120";
constexpr int kTimedOut = 124;

}  // namespace

CommandResult RealBatchCommands::run(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"timeout", kTimeout_s, "env"};
  command.insert(command.end(), environment_.begin(), environment_.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  CommandResult result = run_command(children_, command);
  if (result.exit_code == kTimedOut)
    result.output += arguments.front() + " timed out after " + kTimeout_s + " s";
  return result;
}

}  // namespace hypersynth::pipeline
