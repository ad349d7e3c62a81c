#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/data/pack_volumes.h"
#include "engine/small_head.h"
#include "engine/training/training.h"

namespace hypersynth {

/// A 24^3 map of small_table() as a volume.
inline LabelMap small_volume() {
  LabelMap map(Grid{{kSmallSide, kSmallSide, kSmallSide},
                    {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}},
               0);
  const auto table = small_table();
  for (const auto& box : kSmallBoxes) {
    for (std::int64_t k = box.low; k < box.high; ++k) {
      for (std::int64_t j = box.low; j < box.high; ++j) {
        for (std::int64_t i = box.x0; i < box.x1; ++i)
          map.at(i, j, k) = table.rows()[static_cast<std::size_t>(box.row)].index;
      }
    }
  }
  return map;
}

/// A real image whose grey value is the row of its label in small_table(), 9 for others.
inline Image image_of(const LabelMap& labels) {
  const auto table = small_table();
  Image image(labels.grid, 0.0F);
  for (std::size_t i = 0; i < labels.voxels.size(); ++i) {
    const int row = table.row_of(labels.voxels[i]);
    image.voxels[i] = static_cast<float>(row < 0 ? 9 : row);
  }
  return image;
}

inline void write_packed_data(const std::string& path, const LabelTable& table, double spacing_mm,
                              const std::vector<PackedVolume>& volumes,
                              const std::vector<std::int32_t>& undrawn = {}) {
  PackedDataWriter writer(path, table, spacing_mm, undrawn);
  for (const auto& volume : volumes) writer.add(volume);
  writer.finish();
}

/// Packs two label maps (one for validation) and two real images (one for validation), whose
/// references leave the structures `undrawn` in their background.
inline std::filesystem::path write_small_pack(const std::filesystem::path& folder,
                                              const std::vector<std::int32_t>& undrawn = {}) {
  const auto table = small_table();
  const auto map = small_volume();
  std::vector<std::int32_t> unknown;
  std::vector<OwnedVolume> owned;
  for (const char* name : {"a", "b"}) owned.push_back(pack_label_map(map, table, 1, name));
  for (const char* name : {"c", "d"})
    owned.push_back(pack_real_image(image_of(map), map, table, 1, name, unknown, undrawn));
  std::vector<PackedVolume> volumes;
  for (const auto& volume : owned) volumes.push_back(volume.view());
  volumes[1].validation = volumes[3].validation = true;
  const auto path = folder / "small.pack";
  write_packed_data(path, table, 1, volumes, undrawn);
  return path;
}

/// A few steps of a tiny network in 2-D.
inline TrainingOptions small_training(const std::filesystem::path& folder,
                                      const std::string& output) {
  TrainingOptions options;
  options.data = write_small_pack(folder).string();
  options.output = (folder / output).string();
  options.synthesis.patch = {16, 16};
  options.network = "pool-unet";
  options.levels = 2;
  options.features = 4;
  options.batch_size = 2;
  options.steps = 8;
  return options;
}

}  // namespace hypersynth
