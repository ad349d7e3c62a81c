#include "engine/training/validation.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

#include "core/random.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kSliceStep = 4;

double score(const Network& network, const at::Tensor& phi, const at::Tensor& buffers,
             const at::Tensor& image, const at::Tensor& reference) {
  const c10::AutoGradMode no_gradient(false);
  const NormStatistics norm{network.buffers().views(buffers), false};
  const auto multiple = network.side_multiple();
  const std::int64_t axes = network.dimensions();
  return mean_dice(
      network.forward(padded(image, axes, multiple, 0), network.parameters().views(phi), norm),
      padded(reference, axes, multiple, static_cast<double>(kIgnoredLabel)));
}

class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? 0 : sum_ / count_; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace

at::Tensor padded(const at::Tensor& x, std::int64_t axes, std::int64_t multiple, double fill) {
  std::vector<std::int64_t> padding;
  for (std::int64_t axis = 0; axis < axes; ++axis) {
    const auto side = x.size(x.dim() - 1 - axis);
    padding.push_back(0);
    padding.push_back((multiple - side % multiple) % multiple);
  }
  return at::constant_pad_nd(x, padding, fill);
}

double mean_dice(const at::Tensor& logits, const at::Tensor& reference) {
  const auto counted = reference != kIgnoredLabel;
  const auto answer = at::argmax(logits, 1).masked_fill(counted.logical_not(), kIgnoredLabel);
  std::vector<at::Tensor> overlaps, sizes, references;
  for (std::int64_t k = 1; k < logits.size(1); ++k) {
    const auto mine = answer == k;
    const auto theirs = reference == k;
    overlaps.push_back(mine.logical_and(theirs).sum());
    sizes.push_back(mine.sum());
    references.push_back(theirs.sum());
  }
  if (overlaps.empty()) return std::nan("");
  const auto overlap = at::stack(overlaps).to(at::kDouble);
  const auto expected = at::stack(references).to(at::kDouble);
  const auto dice = 2 * overlap / (at::stack(sizes) + expected).clamp_min(1);
  return dice.masked_select(expected > 0).mean().item<double>();
}

double validation_score(const Network& network, const at::Tensor& phi, const at::Tensor& buffers,
                        const std::vector<DeviceImage>& images) {
  Mean mean;
  for (const auto& real : images) {
    auto image = real.image;
    auto classes = real.classes;
    for (std::int64_t axis = 0; axis < 3; ++axis) {
      const auto& range = real.box[static_cast<std::size_t>(axis)];
      image = image.slice(axis, range[0], range[1]);
      classes = classes.slice(axis, range[0], range[1]);
    }
    if (network.dimensions() == 3) {
      image = image.unsqueeze(0);
      classes = classes.unsqueeze(0);
    } else {
      image = image.slice(2, 0, image.size(2), kSliceStep).movedim(2, 0);
      classes = classes.slice(2, 0, classes.size(2), kSliceStep).movedim(2, 0);
    }
    mean.add(score(network, phi, buffers, image.unsqueeze(1), reference_of(classes)));
  }
  return mean.value();
}

double validation_score(const Network& network, const at::Tensor& phi, const at::Tensor& buffers,
                        const std::vector<DeviceLabelMap>& maps, const GenerativeModel& model,
                        int count, std::uint64_t seed, at::Generator& generator) {
  generator.set_current_seed(stream_seed(seed, "validation"));
  Mean mean;
  for (int i = 0; i < count; ++i) {
    const auto& map = maps[static_cast<std::size_t>(i) % maps.size()];
    const auto batch = model.synthesise({map}, generator);
    mean.add(score(network, phi, buffers, batch.image, batch.reference));
  }
  return mean.value();
}

}  // namespace hypersynth
