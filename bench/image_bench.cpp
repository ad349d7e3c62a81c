// Times reading, writing, resampling and the other voxel work of src/image on one image, one
// thread, best of five.
// usage: image_bench IMAGE.nii[.gz] SCRATCH_DIR

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "image/connected_components.h"
#include "image/nifti.h"
#include "image/orientation.h"
#include "image/resample.h"

namespace {

using namespace hypersynth;

template <typename Work>
void report(const char* name, std::int64_t voxels, const Work& work) {
  double best = 1e9;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::min(best, seconds.count());
  }
  std::printf("%-36s %8.4f s %7.0f Mvoxel/s\n", name, best,
              static_cast<double>(voxels) / best / 1e6);
}

/// `grid` with voxels `factor` times as large along every axis, about the same field of view.
Grid scaled(Grid grid, double factor) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.shape[axis] = static_cast<std::int64_t>(static_cast<double>(grid.shape[axis]) / factor);
    for (std::size_t row = 0; row < 3; ++row) grid.world_from_voxel[row][axis] *= factor;
  }
  return grid;
}

/// `grid` with its voxel axes in the order k, i, j.
Grid permuted(const Grid& grid) {
  Grid result = grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t from = (axis + 2) % 3;
    result.shape[axis] = grid.shape[from];
    for (std::size_t row = 0; row < 3; ++row) {
      result.world_from_voxel[row][axis] = grid.world_from_voxel[row][from];
    }
  }
  return result;
}

void report_resampling(const char* name, const Image& image, const Grid& target) {
  const Resampler resampler(image.grid, target);
  std::vector<float> values;
  report(name, target.voxel_count(), [&] { resampler.resample(image.voxels, values); });
}

void measure(const std::string& path, const std::string& scratch) {
  const Image image = read_image(path);
  const auto count = image.grid.voxel_count();
  report("read image", count, [&] { read_image(path); });
  report("check image", count, [&] { check_usable(image, path); });

  const float most = *std::max_element(image.voxels.begin(), image.voxels.end());
  LabelMap labels(image.grid);
  Mask mask(image.grid);
  for (std::size_t v = 0; v < labels.voxels.size(); ++v) {
    labels.voxels[v] = static_cast<std::int32_t>(33 * image.voxels[v] / most);
    mask.voxels[v] = image.voxels[v] > most / 4 ? 1 : 0;
  }
  const std::string written = scratch + "/image_bench.nii.gz";
  report("write labels", count, [&] { write_labels(written, labels); });
  report("read labels", count, [&] { read_labels(written); });
  std::remove(written.c_str());

  Grid oblique = image.grid;
  oblique.world_from_voxel[0][1] += 0.02;
  report_resampling("resample, same grid", image, image.grid);
  report_resampling("resample, 0.8 x voxel size", image, scaled(image.grid, 0.8));
  report_resampling("resample, 0.8 x and axes permuted", image, permuted(scaled(image.grid, 0.8)));
  report_resampling("resample, sheared", image, oblique);
  report("resample antialiased, 2 x", count,
         [&] { resample_antialiased(image, scaled(image.grid, 2)); });
  const Image turned = resample(image, permuted(image.grid));
  report("to RAS, axes permuted", count, [&] { to_ras(turned); });
  report("keep largest component", count, [&] {
    Mask copy = mask;
    keep_largest_component(copy);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: image_bench IMAGE.nii[.gz] SCRATCH_DIR\n");
    return 64;
  }
  try {
    measure(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 65;
  }
  return 0;
}
