#include "nodes/train_model.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/joined.h"
#include "engine/model/model_file.h"
#include "engine/training/training_loader.h"
#include "options/command_line.h"

namespace hypersynth {
namespace {

/// No smaller patch than this is tried: it would see too little of a structure's surroundings.
constexpr std::int64_t kLeastSide = 32;

TrainingOptions options_of(const TrainModel::Inputs& in, const std::string& device) {
  TrainingOptions options;
  OptionList list;
  describe(options, list);
  CommandLine line("training options", "", RepeatedOption::kLastWins);
  line.add(list);
  auto words = in.options;
  words.insert(words.end(), {"--device", device});
  const auto result = line.parse(words);
  auto problems = result.problems;
  const auto more = list.violations(OptionSpelling::kTyped);
  problems.insert(problems.end(), more.begin(), more.end());
  if (!problems.empty()) throw Error(ExitCode::kUsage, joined(problems, "; "));
  options.data = in.data.string();
  if (!in.initial_model.empty()) options.initial_model = in.initial_model.front().string();
  options.output = in.checkpoints;
  return options;
}

std::string text_of(const fs::path& path) {
  std::ifstream stream(path.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Halves the sides, to multiples of what the network needs; false where they are small already.
bool make_smaller(std::vector<std::int64_t>& patch) {
  bool changed = false;
  for (auto& side : patch) {
    const auto half = std::max(kLeastSide, side / 2 / 16 * 16);
    changed = changed || half < side;
    side = std::min(side, half);
  }
  return changed;
}

double seconds_at_end(const fs::path& log, const char* key) {
  std::ifstream stream(log.string());
  double seconds = 0;
  for (std::string line; std::getline(stream, line);) {
    const auto values = nlohmann::json::parse(line, nullptr, false);
    if (values.is_object()) seconds = std::max(seconds, values.value(key, 0.0));
  }
  return seconds;
}

double peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace

void TrainModel::check_options(const std::vector<std::string>& words) {
  Inputs in;
  in.options = words;
  options_of(in, "cpu");
}

TrainModel::Outputs TrainModel::run(const Inputs& in, pipeline::NodeContext& context) const {
  auto options = options_of(in, device);
  boost::system::error_code error;
  const fs::path folder = in.checkpoints;
  fs::create_directories(folder, error);
  // The seed follows from all inputs, so it tells whether a checkpoint is one of them.
  const fs::path key_file = folder / "inputs";
  const std::string key = std::to_string(context.seed()) + "\n";
  options.resume = text_of(key_file) == key;
  if (!options.resume) write_atomically(key_file.string(), key);
  const Log log([&context](LogLevel level, std::string_view text) {
    if (level <= LogLevel::kWarning) context.warn(std::string(text));
  });
  const auto interrupted = [&context] { return context.stop_token().stop_requested(); };
  TrainingResult result;
  for (;;) {
    try {
      result = train_in_engine(options, log, interrupted, threads);
      break;
    } catch (const OutOfMemory& shortage) {
      const auto tried = OptionValue<std::vector<std::int64_t>>::text(options.synthesis.patch);
      if (!make_smaller(options.synthesis.patch))
        throw Error(
            ExitCode::kInternal,
            "patches of " + tried + " voxels need more memory than there is: " + shortage.what());
      options.resume = false;
      context.warn("patches of " + tried +
                   " voxels need more memory than there is: training goes on with " +
                   OptionValue<std::vector<std::int64_t>>::text(options.synthesis.patch));
    }
  }
  if (result.stopped_by == "interrupted")
    throw Error(ExitCode::kInterrupted, "training was interrupted; run again to go on");
  Outputs out;
  out.model = context.work_dir() / "model.safetensors";
  out.log = context.work_dir() / "training.jsonl";
  fs::copy_file(folder / "model.safetensors", out.model);
  fs::copy_file(folder / "training.jsonl", out.log);
  out.steps = result.steps;
  out.patch = OptionValue<std::vector<std::int64_t>>::text(options.synthesis.patch);
  out.wall_s = seconds_at_end(out.log, "seconds");
  out.cpu_s = seconds_at_end(out.log, "cpu_seconds");
  out.peak_memory_bytes = peak_memory_bytes();
  return out;
}

}  // namespace hypersynth
