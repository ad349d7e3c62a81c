#include "support/bids_dataset.h"

#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/nifti_file.h"

namespace hypersynth {

BidsDataset::BidsDataset(std::filesystem::path root) : root_(std::move(root)) {
  add_text("dataset_description.json",
           R"({"Name": "phantoms", "BIDSVersion": "1.10.0", "DatasetType": "raw"})");
}

void BidsDataset::add_text(const std::string& path, const std::string& text) const {
  std::ofstream stream(place(path), std::ios::binary);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path);
}

void BidsDataset::add_image(const std::string& path, const Image& image) const {
  NiftiFile file;
  file.grid = image.grid;
  file.voxels = image.voxels;
  // The writer leaves the quaternion zero, which only an affine without rotation agrees with.
  const auto& a = image.grid.world_from_voxel;
  const bool diagonal = a[0][1] == 0 && a[0][2] == 0 && a[1][0] == 0 && a[1][2] == 0 &&
                        a[0][0] > 0 && a[1][1] > 0 && a[2][2] > 0;
  file.qform_code = diagonal ? 1 : 0;
  write_nifti(place(path), file);
}

std::string BidsDataset::place(const std::string& path) const {
  const auto full = root_ / path;
  std::filesystem::create_directories(full.parent_path());
  return full.string();
}

}  // namespace hypersynth
