#include "nodes/draw_examples.h"

#include <algorithm>
#include <cmath>

#include "core/atomic_file.h"
#include "engine/data/packed_data.h"
#include "engine/inference/segmenter.h"
#include "engine/model/model_file.h"
#include "engine/training/training_loader.h"
#include "image/middle_slice.h"
#include "image/nifti.h"
#include "nodes/train_model.h"
#include "report/png.h"
#include "report/raster.h"

namespace hypersynth {
namespace {

constexpr int kGap_px = 4;
constexpr float kWhite = 1.2F;  // the largest value that a network sees

GrayImage middle_slice(const Image& image, std::size_t axis) {
  const MiddleSlice middle(image.grid, axis);
  GrayImage slice(middle.width(), middle.height());
  for (int y = 0; y < slice.height; ++y) {
    for (int x = 0; x < slice.width; ++x) {
      const auto [i, j, k] = middle.voxel(x, y);
      const float value = image.at(i, j, k) / kWhite;
      slice.at(x, y) = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255));
    }
  }
  return slice;
}

/// Axial, coronal and sagittal side by side; of a 2-D image the slice itself.
std::string slices_png(const Image& image) {
  std::vector<GrayImage> slices;
  for (const auto axis : middle_slice_axes(image.grid)) slices.push_back(middle_slice(image, axis));
  int width = -kGap_px, height = 0;
  for (const auto& slice : slices) {
    width += slice.width + kGap_px;
    height = std::max(height, slice.height);
  }
  GrayImage sheet(width, height);
  int left = 0;
  for (const auto& slice : slices) {
    blit(slice, left, (height - slice.height) / 2, sheet);
    left += slice.width + kGap_px;
  }
  return encode_png(sheet);
}

}  // namespace

DrawExamples::Outputs DrawExamples::run(const Inputs& in, pipeline::NodeContext& context) const {
  const Model model = read_model(in.model.string());
  auto options = training_options_of({in.data, {in.model}, in.options, "unused"}, "cpu");
  options.synthesis.patch =
      whole_head(model.manifest.input.spacing_mm, side_multiple_of(model.manifest.architecture),
                 dimensions_of(model.manifest.architecture));
  const auto write = [&](const char* name, const Image& image) {
    const fs::path path = context.work_dir() / name;
    write_atomically(path.string(), slices_png(image));
    return path;
  };
  const auto example = [&](ExampleMoment moment) {
    return training_example_in_engine(options, model.manifest.training.synthesis, moment, in.seed)
        .image;
  };
  Outputs out;
  out.before = write("synthetic-before.png", example(ExampleMoment::kStart));
  if (model.manifest.training.learned_synthesis)
    out.after = write("synthetic-after.png", example(ExampleMoment::kEnd));
  auto real = conform(read_image(in.scan.string()), model.manifest.input, 1);
  normalise_intensities(real, model.manifest.input);
  out.real = write("real.png", real);
  return out;
}

}  // namespace hypersynth
