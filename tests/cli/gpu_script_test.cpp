// bench/gpu/run.py, tried without a GPU so that it works where there is one.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "image/nifti.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

/// labels.tsv for the structures of the default model, each in an intensity class that it shares
/// with the same structure of the other side.
std::string label_table() {
  const auto file =
      read_text(fs::path(HYPERSYNTH_SOURCE_DIR) / "models/brain33-unet16.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  const auto header = nlohmann::json::parse(file.substr(sizeof length, length));
  const auto labels =
      nlohmann::json::parse(header.at("__metadata__").at("labels").get<std::string>());
  std::string table = "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n";
  for (const auto& label : labels) {
    const auto name = label.at("name").get<std::string>();
    std::string other = name;
    if (name.rfind("left ", 0) == 0) other = "right " + name.substr(5);
    if (name.rfind("right ", 0) == 0) other = "left " + name.substr(6);
    const auto named = [&](const nlohmann::json& l) { return l.at("name") == other; };
    const auto pair = std::find_if(labels.begin(), labels.end(), named);
    const int index = label.at("index"), opposite = pair->at("index");
    const auto here = std::find(labels.begin(), labels.end(), label);
    table += std::to_string(index) + '\t' + name + '\t' + std::to_string(opposite) + '\t' +
             std::to_string(std::min(here, pair) - labels.begin()) + '\t' + std::to_string(index) +
             '\n';
  }
  return table;
}

/// The white matter of both sides, 2 and 41 in FreeSurfer's numbers.
LabelMap two_hemispheres() {
  LabelMap map(Grid{{24, 24, 24}});
  for (std::int64_t k = 6; k < 18; ++k) {
    for (std::int64_t j = 6; j < 18; ++j) {
      for (std::int64_t i = 4; i < 20; ++i)
        map.voxels[static_cast<std::size_t>(i + 24 * (j + 24 * k))] = i < 12 ? 2 : 41;
    }
  }
  return map;
}

TEST(GpuScriptTest, RunsEveryStepOnTheCpu) {
  if (!fs::exists("/usr/bin/python3")) GTEST_SKIP() << "no python3";
  for (const char* program : {"segmentation_bench", "engine_training_bench", "device_test",
                              "experiment_score", "hypersynth-train", "hypersynth-pack"}) {
    if (!fs::exists(fs::path(HYPERSYNTH_PROGRAM).parent_path() / program))
      GTEST_SKIP() << program << " is not built";
  }
  const TemporaryDir folder;
  const BidsDataset carried(folder / "carried");
  carried.add_image("heads/head.nii.gz", PhantomHead{}.draw());
  fs::create_directories(folder / "carried/maps");
  std::ofstream(folder / "carried/maps/labels.tsv") << label_table();
  for (int map = 0; map < 6; ++map)
    write_labels(folder / ("carried/maps/" + std::to_string(map) + ".nii.gz"), two_hemispheres());
  const auto found =
      run_process({"/usr/bin/python3", HYPERSYNTH_GPU_SCRIPT, "--dry", "--carried", carried.path(),
                   "--output", folder / "out", "--minutes", "60", "--train-minutes", "30",
                   "--build", fs::path(HYPERSYNTH_PROGRAM).parent_path().parent_path()});
  ASSERT_EQ(found.exit_code, 0) << found.out << found.err;
  const auto results = nlohmann::json::parse(read_text(folder / "out/results.json"));
  EXPECT_EQ(results.at("test").at("device_test").at("failures"), 0);
  for (const auto& [name, comparison] : results.at("compare").items()) {
    if (comparison.is_object()) {
      EXPECT_EQ(comparison.at("different_share_of_brain"), 0) << name;
    }
  }
  EXPECT_EQ(results.at("throughput").at("images"), 2);
  EXPECT_EQ(results.at("training").size(), 8u);
  EXPECT_EQ(results.at("checks").size(), 7u);
  EXPECT_GT(results.at("checks").at("central difference / plain step, time").at("found"), 0);
  EXPECT_TRUE(results.at("model").at("after").at("synthetic").is_number());
  EXPECT_EQ(results.at("model").at("kept"), fs::exists(folder / "out/brain33-unet16.safetensors"));
  EXPECT_GT(results.at("stages").at("fast").at("network_s"), 0);
}

}  // namespace
}  // namespace hypersynth
