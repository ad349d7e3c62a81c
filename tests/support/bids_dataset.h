#pragma once

#include <filesystem>
#include <string>

#include "image/volume.h"

namespace hypersynth {

/// A raw BIDS dataset being written into a folder.
class BidsDataset {
 public:
  /// Creates the folder with a dataset_description.json.
  explicit BidsDataset(std::filesystem::path root);

  /// Writes a file at a path relative to the root, with its folders.
  void add_text(const std::string& path, const std::string& text) const;
  void add_image(const std::string& path, const Image& image) const;

  std::string path() const { return root_.string(); }
  /// Where a relative path lies, its folders created.
  std::string place(const std::string& path) const;

 private:
  std::filesystem::path root_;
};

}  // namespace hypersynth
