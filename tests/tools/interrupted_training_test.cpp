// Training processes that are killed at any moment.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <regex>
#include <thread>

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

constexpr int kSteps = 60;

Arguments arguments_for(const ToolFolder& folder, const std::string& data,
                        const std::string& output) {
  auto arguments = folder.train_arguments(data);
  *(std::find(arguments.begin(), arguments.end(), "--output") + 1) = folder / output;
  arguments.insert(arguments.end(), {"--method", "learn2synth", "--augmentation", "noise-bias",
                                     "--average-decay", "0.9", "--validation-every", "7",
                                     "--checkpoint-every", "4", "--steps", std::to_string(kSteps)});
  arguments.insert(arguments.begin(), HYPERSYNTH_TRAIN);
  return arguments;
}

std::ptrdiff_t lines_of(const std::string& path) {
  const auto text = read_text(path);
  return std::count(text.begin(), text.end(), '\n');
}

/// The log without the times of its steps.
std::string log_of(const std::string& path) {
  return std::regex_replace(read_text(path), std::regex(",? *\"(cpu_)?seconds\": *[-0-9.e+]+"), "");
}

TEST(InterruptedTrainingTest, RunsKilledAtRandomMomentsEndAsAnUndisturbedOne) {
  const ToolFolder folder;
  const auto data = folder.pack({"--validation", "two"});
  const std::map<std::string, std::string> one_thread{{"OMP_NUM_THREADS", "1"}};
  ASSERT_EQ(run_process(arguments_for(folder, data, "out/whole"), one_thread).exit_code, 0);
  std::mt19937 random(17);
  int kills = 0;
  for (int attempt = 0; attempt < 40; ++attempt) {
    Process process(arguments_for(folder, data, "out/parts"), one_thread);
    const auto log = folder / "out/parts/training.jsonl";
    const auto goal = lines_of(log) + std::uniform_int_distribution<int>(1, 14)(random);
    while (process.running() && lines_of(log) < goal)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 20000)(random)));
    process.send(SIGKILL);
    const auto result = process.wait();
    if (result.signal == SIGKILL) {
      ++kills;
      continue;
    }
    ASSERT_EQ(result.exit_code, 0) << result.err;
    break;
  }
  EXPECT_GE(kills, 4);
  const auto model = read_text(folder / "out/whole/model.safetensors");
  EXPECT_FALSE(model.empty());
  EXPECT_TRUE(read_text(folder / "out/parts/model.safetensors") == model);
  const auto log = log_of(folder / "out/whole/training.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), kSteps + kSteps / 7);
  EXPECT_EQ(log_of(folder / "out/parts/training.jsonl"), log);
  for (const auto& name : folder.outputs())
    EXPECT_EQ(name.find("/."), std::string::npos) << "left half-written: " << name;
}

}  // namespace
}  // namespace hypersynth
