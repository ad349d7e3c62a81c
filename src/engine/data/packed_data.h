#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/label_table.h"

namespace hypersynth {

/// Half-open ranges of voxels along X, Y, Z, of arrays [X,Y,Z].
using VoxelRanges = std::array<std::array<std::int64_t, 2>, 3>;

/// Class value of voxels of a real reference that count in no loss.
constexpr std::uint8_t kIgnoredVoxel = 255;

/// A label map to synthesise from, or a real image with its reference. Arrays are [X,Y,Z], Z
/// fastest, in RAS orientation; a side is what the default model sees.
struct PackedVolume {
  std::string name;
  bool validation = false;
  std::array<std::int64_t, 3> shape{};
  VoxelRanges box{};                     // of the segmented structures
  const std::uint8_t* labels = nullptr;  // rows of the table; of a real image: classes
  const float* image = nullptr;          // of a real image: scaled as InputRecipe says

  std::int64_t voxel_count() const { return shape[0] * shape[1] * shape[2]; }
};

/// Everything a training run reads, in one memory-mapped file.
class PackedData {
 public:
  /// Maps `path`; throws InputError where it is no such file or its arrays lie outside it.
  static PackedData open(const std::string& path);

  const std::string& path() const { return path_; }
  const LabelTable& table() const { return table_; }
  double spacing_mm() const { return spacing_mm_; }
  /// Structures that the references of the real images leave in their background.
  const std::vector<std::int32_t>& undrawn_labels() const { return undrawn_labels_; }
  const std::vector<PackedVolume>& label_maps() const { return label_maps_; }
  const std::vector<PackedVolume>& real_images() const { return real_images_; }

 private:
  class Mapping;
  std::shared_ptr<const Mapping> mapping_;
  std::string path_;
  LabelTable table_;
  double spacing_mm_ = 1;
  std::vector<std::int32_t> undrawn_labels_;
  std::vector<PackedVolume> label_maps_;
  std::vector<PackedVolume> real_images_;
};

/// Writes such a file volume by volume, so that one of them at a time is in memory. The file has a
/// temporary name until finish(); without it nothing stays.
class PackedDataWriter {
 public:
  /// `undrawn`: PackedData::undrawn_labels(), each once. Throws Error kCannotCreateOutput.
  PackedDataWriter(const std::string& path, const LabelTable& table, double spacing_mm,
                   const std::vector<std::int32_t>& undrawn = {});
  ~PackedDataWriter();

  /// Writes its arrays. Without an image it is a label map. Throws Error kIo.
  void add(const PackedVolume& volume);

  /// Writes what is known of the volumes, and gives the file its name. Throws Error kIo.
  void finish();

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace hypersynth
