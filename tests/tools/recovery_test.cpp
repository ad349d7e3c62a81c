// A known noise level is found again from images alone: docs/experiments.md, "2-D", one seed.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/shared_data.h"
#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 6000;
constexpr int kMeanOver = 500;

Arguments words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

/// Four label maps reduced to four tissue classes.
std::string pack_tissues(const TemporaryDir& folder) {
  for (const char* name : {"01", "02", "03", "04"}) {
    const std::string file = std::string("training_seg_") + name + ".nii.gz";
    fs::create_directories(folder / "maps");
    fs::create_symlink(shared_data_dir() / "data/label-maps" / file, folder / ("maps/" + file));
  }
  const auto packed =
      run_tool(HYPERSYNTH_PACK,
               {"--label-table", std::string(HYPERSYNTH_SOURCE_DIR) + "/experiments/tissue.tsv",
                "--label-maps", folder / "maps", "--output", folder / "tissue.pack"});
  EXPECT_EQ(packed.exit_code, 0) << packed.err;
  return folder / "tissue.pack";
}

/// Mean sigma of the last steps of a run's log.
double learned_sigma(const std::string& log) {
  double sum = 0;
  std::ifstream stream(log);
  for (std::string line; std::getline(stream, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.at("step").get<int>() > kSteps - kMeanOver)
      sum += entry.at("theta").at("sigma").get<double>() / kMeanOver;
  }
  return sum;
}

class RecoveryTest : public testing::TestWithParam<double> {};

TEST_P(RecoveryTest, FindsTheNoiseOfTheRealImages) {
  HYPERSYNTH_NEED_SHARED_DATA();
  // Each takes one to two minutes of two cores; docs/experiments.md has all of them.
  if (GetParam() != 0.10 && std::getenv("HYPERSYNTH_LONG_TESTS") == nullptr)
    GTEST_SKIP() << "set HYPERSYNTH_LONG_TESTS to recover more than one noise level";
  const TemporaryDir folder;
  auto arguments = words(
      "--method learn2synth --network dilated --features 8 --loss logit-mse --patch 32x32 "
      "--batch-size 8 --augmentation noise --theta-start sigma=0.3 --optimiser adam "
      "--learning-rate 2e-2 --gradient-clip 30 --theta-learning-rate 1e-3 --theta-gradient-clip 1 "
      "--theta-rate-unit one --outer-decay 0 --baseline-batches 0 --theta-patience 0 "
      "--schedule cosine --final-rate 0.05 "
      "--theta-delay 1000 --class-deviation 0 --bias-std 0 --gamma-std 0 --isotropic-probability 0 "
      "--native-probability 1 --velocity-std 0");
  arguments.insert(arguments.begin(), HYPERSYNTH_TRAIN);
  for (const auto& [option, value] :
       {std::pair<std::string, std::string>{"--data", pack_tissues(folder)},
        {"--output", folder / "run"},
        {"--steps", std::to_string(kSteps)},
        {"--simulate-real", "sigma=" + std::to_string(GetParam())}}) {
    arguments.push_back(option);
    arguments.push_back(value);
  }
  const auto trained = run_process(arguments, {{"OMP_NUM_THREADS", "1"}});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NEAR(learned_sigma(folder / "run/training.jsonl"), GetParam(), 0.015);
}

INSTANTIATE_TEST_SUITE_P(Sigma, RecoveryTest, testing::Values(0.05, 0.10, 0.15));

}  // namespace
}  // namespace hypersynth
