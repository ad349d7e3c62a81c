#include <atomic>
#include <csignal>
#include <iostream>

#include "core/error.h"
#include "engine/training/training.h"
#include "tools/run_program.h"

namespace hypersynth {
namespace {

std::atomic<bool> stop_asked{false};

void ask_to_stop(int /*signal*/) { stop_asked = true; }

int train_program(int argc, const char* const* argv) {
  TrainingOptions options;
  bool restart = false;
  OptionList list;
  describe(options, list);
  list.add("--restart", restart, "begin anew although there is a checkpoint");
  CommandLine line("hypersynth-train",
                   "Trains a segmentation network on synthetic images, real ones, or both.\n"
                   "A run that was stopped goes on from its last checkpoint. SIGTERM and SIGINT "
                   "write one and end\nwith exit code 130.",
                   RepeatedOption::kLastWins);
  line.add(list);
  if (!read_command_line(line, argc, argv)) return 0;
  options.resume = !restart;
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGINT, ask_to_stop);
  const Log log([](LogLevel level, std::string_view message) {
    std::cerr << to_string(level) << ": " << message << '\n';
  });
  const auto result = train(options, log, [] { return stop_asked.load(); });
  std::cout << "steps\t" << result.steps << "\nstopped_by\t" << result.stopped_by << '\n';
  if (result.validation_score > 0)
    std::cout << "validation_score\t" << result.validation_score << '\n';
  for (const auto& [name, value] : result.theta) std::cout << name << '\t' << value << '\n';
  return result.stopped_by == "interrupted" ? static_cast<int>(ExitCode::kInterrupted) : 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("hypersynth-train",
                                 [&] { return hypersynth::train_program(argc, argv); });
}
