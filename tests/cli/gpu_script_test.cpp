// bench/gpu/run.py, tried without a GPU so that it works where there is one.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

TEST(GpuScriptTest, RunsEveryStepOnTheCpu) {
  if (!fs::exists("/usr/bin/python3")) GTEST_SKIP() << "no python3";
  for (const char* program : {"segmentation_bench", "engine_training_bench", "device_test"}) {
    if (!fs::exists(fs::path(HYPERSYNTH_PROGRAM).parent_path() / program))
      GTEST_SKIP() << program << " is not built";
  }
  const TemporaryDir folder;
  const BidsDataset carried(folder / "carried");
  carried.add_image("heads/head.nii.gz", PhantomHead{}.draw());
  const auto found = run_process({"/usr/bin/python3", HYPERSYNTH_GPU_SCRIPT, "--dry", "--carried",
                                  carried.path(), "--output", folder / "out", "--build",
                                  fs::path(HYPERSYNTH_PROGRAM).parent_path().parent_path()});
  ASSERT_EQ(found.exit_code, 0) << found.out << found.err;
  const auto results = nlohmann::json::parse(read_text(folder / "out/results.json"));
  EXPECT_EQ(results.at("test").at("device_test").at("failures"), 0);
  for (const auto& [name, comparison] : results.at("compare").items()) {
    if (comparison.is_object()) {
      EXPECT_EQ(comparison.at("different_share_of_brain"), 0) << name;
    }
  }
  EXPECT_EQ(results.at("throughput").at("images"), 2);
  EXPECT_EQ(results.at("training").size(), 6u);
  EXPECT_GT(results.at("stages").at("fast").at("network_s"), 0);
}

}  // namespace
}  // namespace hypersynth
