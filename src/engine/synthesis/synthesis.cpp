#include "engine/synthesis/synthesis.h"

#include <string>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>

#include "core/random.h"
#include "engine/synthesis/generative_model.h"
#include "engine/synthesis/synthetic_pair.h"

namespace hypersynth {
namespace {

Grid centred_grid(const SynthesisOptions& options) {
  Grid grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.shape[axis] = axis < options.patch.size() ? options.patch[axis] : 1;
    grid.world_from_voxel[axis][axis] = options.spacing_mm;
    grid.world_from_voxel[axis][3] =
        0.5 * options.spacing_mm * static_cast<double>(1 - grid.shape[axis]);
  }
  return grid;
}

/// [X,Y] or [X,Y,Z] in the memory order of a volume, X fastest.
at::Tensor in_volume_order(const at::Tensor& tensor) {
  return tensor.dim() == 3 ? tensor.permute({2, 1, 0}).contiguous() : tensor.t().contiguous();
}

}  // namespace

SyntheticPair synthetic_pair(const at::Tensor& image, const at::Tensor& classes,
                             const LabelTable& table, const SynthesisOptions& options) {
  const auto ordered_image = in_volume_order(image);
  const auto ordered_classes = in_volume_order(classes);
  SyntheticPair pair{Image(centred_grid(options)), LabelMap(centred_grid(options))};
  const auto* intensities = ordered_image.data_ptr<float>();
  const auto* indices = ordered_classes.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < pair.image.voxels.size(); ++i) {
    pair.image.voxels[i] = intensities[i];
    pair.reference.voxels[i] = table.segmentation_labels()[static_cast<std::size_t>(indices[i])];
  }
  return pair;
}

SyntheticPair synthesise(const PackedVolume& map, const LabelTable& table,
                         const SynthesisOptions& options, std::uint64_t seed, int number) {
  const GenerativeModel model(options, table, at::kCPU);
  auto generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  generator.set_current_seed(stream_seed(seed, "image/" + std::to_string(number)));
  const auto rows =
      at::from_blob(const_cast<std::uint8_t*>(map.labels),
                    {map.shape[0], map.shape[1], map.shape[2]}, at::TensorOptions(at::kByte));
  const auto batch = model.synthesise({{rows, map.box}}, generator);
  return synthetic_pair(batch.image[0][0], batch.reference[0], table, options);
}

}  // namespace hypersynth
