#include "nodes/train_model.h"

#include <algorithm>
#include <ctime>
#include <fstream>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "core/error.h"
#include "core/joined.h"
#include "engine/model/architecture.h"
#include "engine/training/training_loader.h"
#include "nodes/checkpoint_folder.h"
#include "nodes/context_log.h"
#include "options/command_line.h"

namespace hypersynth {
namespace {

/// No smaller patch than this is tried: it would see too little of a structure's surroundings.
constexpr std::int64_t kLeastSide = 32;

std::string words_of(const std::vector<std::int64_t>& patch) {
  return OptionValue<std::vector<std::int64_t>>::text(patch);
}

/// What the sides of the network's images must be multiples of.
std::int64_t side_multiple_of(const TrainingOptions& options) {
  constexpr int kAnyClasses = 2;
  return side_multiple_of(make_architecture(options.network, options.network_choice(kAnyClasses)));
}

/// Halves the sides, to a `multiple`; false where they are small already.
bool make_smaller(std::vector<std::int64_t>& patch, std::int64_t multiple) {
  bool changed = false;
  for (auto& side : patch) {
    const auto half = std::max(rounded_up(kLeastSide, multiple), side / 2 / multiple * multiple);
    changed = changed || half < side;
    side = std::min(side, half);
  }
  return changed;
}

/// Takes from a training's log how long it ran.
void read_times(const fs::path& log, TrainModel::Outputs& out) {
  std::ifstream stream(log.string());
  for (std::string line; std::getline(stream, line);) {
    const auto values = nlohmann::json::parse(line, nullptr, false);
    if (!values.is_object()) continue;
    out.wall_s = std::max(out.wall_s, values.value("seconds", 0.0));
    out.cpu_s = std::max(out.cpu_s, values.value("cpu_seconds", 0.0));
  }
}

double peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace

TrainingOptions training_options_of(const TrainModel::Inputs& in, const std::string& device) {
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
  options.data = in.data.string();
  if (!in.initial_model.empty()) options.initial_model = in.initial_model.front().string();
  options.output = in.checkpoints;
  if (problems.empty()) problems = options.check();
  if (!problems.empty()) throw Error(ExitCode::kUsage, joined(problems, "; "));
  return options;
}

std::vector<std::int64_t> whole_head(double spacing_mm, std::int64_t multiple, int dimensions) {
  std::vector<std::int64_t> sides;
  for (const double mm : {160.0, 192.0, 160.0}) {
    if (static_cast<int>(sides.size()) == dimensions) break;
    const auto voxels = static_cast<std::int64_t>(mm / spacing_mm + 0.5);
    sides.push_back(rounded_up(voxels, multiple));
  }
  return sides;
}

TrainModel::Outputs TrainModel::run(const Inputs& in, pipeline::NodeContext& context) const {
  auto options = training_options_of(in, device);
  const fs::path folder = in.checkpoints;
  // The seed follows from all inputs, so it tells whether a checkpoint is one of them.
  const std::string key = std::to_string(context.seed());
  const CheckpointFolder checkpoints(folder);
  const auto earlier = checkpoints.patch_of(key);
  options.resume = earlier.has_value();
  if (!earlier) {
    checkpoints.begin(key, options.synthesis.patch);
  } else if (*earlier != options.synthesis.patch) {
    context.warn("patches of " + words_of(options.synthesis.patch) +
                 " voxels needed more memory than there was: the run that is gone on with has " +
                 words_of(*earlier));
    options.synthesis.patch = *earlier;
  }
  const auto interrupted = [&context] { return context.stop_token().stop_requested(); };
  TrainingResult result;
  for (;;) {
    const std::time_t begun = std::time(nullptr);
    try {
      result = train_in_engine(options, log_of(context), interrupted, threads);
      break;
    } catch (const OutOfMemory& shortage) {
      // Steps of this size have been made by this very run: something else takes the memory now.
      if (fs::exists(folder / "checkpoint.safetensors") &&
          fs::last_write_time(folder / "checkpoint.safetensors") >= begun)
        throw Error(ExitCode::kTryAgain,
                    std::string("memory ran short after training had begun; run again to go on "
                                "from its last checkpoint: ") +
                        shortage.what());
      const auto tried = words_of(options.synthesis.patch);
      if (!make_smaller(options.synthesis.patch, side_multiple_of(options)))
        throw Error(
            ExitCode::kInternal,
            "patches of " + tried + " voxels need more memory than there is: " + shortage.what());
      checkpoints.begin(key, options.synthesis.patch);
      options.resume = false;
      context.warn("patches of " + tried +
                   " voxels need more memory than there is: training goes on with " +
                   words_of(options.synthesis.patch));
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
  out.patch = words_of(options.synthesis.patch);
  read_times(out.log, out);
  out.peak_memory_bytes = peak_memory_bytes();
  return out;
}

}  // namespace hypersynth
