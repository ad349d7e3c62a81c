// A small study with label maps drawn by hand, and the learn level run on it as a user does.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/temporary_dir.h"

namespace hypersynth {

inline constexpr std::int64_t kSide = 32;
inline constexpr double kSpacing_mm = 2;
inline constexpr const char* kLookupTable =
    "index\tname\n0\tbackground\n2\tleft hemisphere\n3\tmidline\n41\tright hemisphere\n";

inline Grid grid_of(std::int64_t side) {
  Grid grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.shape[axis] = side;
    grid.world_from_voxel[axis][axis] = kSpacing_mm;
    grid.world_from_voxel[axis][3] = 0.5 * kSpacing_mm * static_cast<double>(1 - side);
  }
  return grid;
}

/// Two hemispheres and a box between them; heads differ in width.
inline Image draw_labels(int subject, std::int64_t side = kSide) {
  Image labels(grid_of(side), 0.F);
  const double centre = 0.5 * static_cast<double>(side - 1);
  for (std::int64_t k = 0; k < side; ++k) {
    for (std::int64_t j = 0; j < side; ++j) {
      for (std::int64_t i = 0; i < side; ++i) {
        const double x = static_cast<double>(i) - centre, y = static_cast<double>(j) - centre,
                     z = static_cast<double>(k) - centre;
        const double width = 12 + 0.3 * subject;
        if (x * x / (width * width) + y * y / 169 + z * z / 144 >= 1) continue;
        const bool midline = std::abs(x) < 3 && std::abs(y) < 4 && std::abs(z) < 4;
        labels.at(i, j, k) = midline ? 3.F : x < 0 ? 2.F : 41.F;
      }
    }
  }
  return labels;
}

inline Image draw_scan(int subject) {
  Image image = draw_labels(subject);
  std::mt19937 random(static_cast<std::uint32_t>(subject));
  std::normal_distribution<float> noise(0, 4);
  for (auto& voxel : image.voxels)
    voxel = (voxel == 0 ? 5.F : voxel == 3 ? 30.F : 100.F) + noise(random);
  return image;
}

/// Names, shapes and values of a model's tensors, without what the file says of itself.
inline std::string tensors_of(const std::string& path) {
  const std::string bytes = read_text(path);
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) return "";
  std::copy_n(bytes.data(), sizeof length, reinterpret_cast<char*>(&length));
  auto header = nlohmann::json::parse(bytes.substr(sizeof length, length));
  header.erase("__metadata__");
  return header.dump() + bytes.substr(sizeof length + length);
}

class LearnTest : public testing::Test {
 protected:
  LearnTest() {
    derivative.add_text("dataset_description.json",
                        R"({"Name": "manual", "BIDSVersion": "1.10.1", "DatasetType": "derivative",
            "GeneratedBy": [{"Name": "test"}]})");
    derivative.add_text("desc-manual_dseg.tsv", kLookupTable);
    for (int subject = 1; subject <= 4; ++subject) add_person(subject);
  }

  static std::string name(int subject) { return "sub-0" + std::to_string(subject); }
  static std::string scan(int subject) {
    return name(subject) + "/anat/" + name(subject) + "_T1w.nii.gz";
  }
  static std::string labels(int subject) {
    return name(subject) + "/anat/" + name(subject) + "_desc-manual_dseg.nii.gz";
  }

  void add_person(int subject) const {
    data.add_image(scan(subject), draw_scan(subject));
    derivative.add_image(labels(subject), draw_labels(subject));
  }

  static constexpr const char* kSmallNetwork =
      "--training-options=--levels 2 --features 4 --patch 32x32 --batch-size 2";

  /// `learn` with a small network of slices from scratch; the options come after those, of which
  /// --training-options may be repeated.
  std::vector<std::string> command(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{
        data.path(), out,     "learn",    "--labels", derivative.path(),
        "--preset",  "smoke", "--nprocs", "1"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return hypersynth_command(std::move(arguments));
  }
  static std::vector<std::string> fresh(std::vector<std::string> options,
                                        const std::string& steps = "4") {
    options.insert(options.begin(),
                   {"--initial-model", "none", "--ndim", "2", "--steps", steps, kSmallNetwork});
    return options;
  }
  ProcessResult learn(const std::vector<std::string>& options) const {
    return run_process(command(options));
  }

  std::string model(const std::string& name = "site-model") const {
    return out + "/models/" + name + ".safetensors";
  }
  nlohmann::json facts(const std::string& name = "site-model") const {
    return nlohmann::json::parse(read_text(out + "/models/" + name + ".json"), nullptr, false);
  }

  /// All files of the raw data with their contents.
  std::map<std::string, std::string> raw_files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data.path())) {
      if (entry.is_regular_file()) found[entry.path().string()] = read_text(entry.path().string());
    }
    return found;
  }

  std::vector<std::string> trainings() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out + "/logs/learning"))
      if (entry.is_regular_file())
        found.push_back(std::filesystem::relative(entry.path(), out + "/logs/learning").string());
    return found;
  }

  TemporaryDir folder;
  BidsDataset data{folder.path() / "study"};
  BidsDataset derivative{folder.path() / "study/derivatives/manual"};
  std::string out = folder / "out";
};

}  // namespace hypersynth
