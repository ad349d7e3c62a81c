#include "engine/inference/device_segmenter.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include "core/error.h"
#include "engine/networks/precision.h"
#include "engine/networks/short_memory.h"
#include "image/blur.h"
#include "image/connected_components.h"
#include "image/orientation.h"
#include "image/resample.h"

namespace hypersynth {
namespace {

using Sides = std::array<std::int64_t, 3>;

/// What a piece of a volume sees beyond its own voxels. The default network looks further, but what
/// is further away changes posteriors by 1e-2 at a cut and by less than 1e-3 from 16 voxels beside
/// it on (DeviceSegmenterTest); with 48 voxels it was 2e-2, and less than 1e-3 from 32 on.
constexpr std::int64_t kHalo_voxels = 64;
/// Pieces of less than this are mostly halo: a device without memory for them is no use.
constexpr std::int64_t kLeastPiece_voxels = 32;

/// The tensor dimension of [nk,nj,ni], or of [..., nk,nj,ni], that runs along an axis of an image.
std::int64_t dim_of(std::size_t axis) { return -1 - static_cast<std::int64_t>(axis); }

at::Tensor narrow_to(at::Tensor x, const VoxelBox& box) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    x = x.narrow(dim_of(axis), box.begin[axis], box.end[axis] - box.begin[axis]);
  return x;
}

Sides sides_of(const at::Tensor& volume) {
  return {volume.size(-1), volume.size(-2), volume.size(-3)};
}

VoxelBox box_of(const Sides& sides) { return {{0, 0, 0}, sides}; }

/// Ends when the device has done what was asked of it so far.
void wait_for(const at::Tensor& x) { x.flatten().narrow(0, 0, 1).cpu(); }

class LapTimes {
 public:
  explicit LapTimes(std::vector<StepTime>& steps) : steps_(steps) {}
  void lap(const std::string& step, const at::Tensor& last) {
    wait_for(last);
    const auto now = std::chrono::steady_clock::now();
    steps_.push_back({step, std::chrono::duration<double>(now - begun_).count()});
    begun_ = now;
  }

 private:
  std::vector<StepTime>& steps_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

at::Tensor upload(const Image& image, c10::Device device) {
  const auto& shape = image.grid.shape;
  auto host =
      at::from_blob(const_cast<float*>(image.voxels.data()), {shape[2], shape[1], shape[0]});
  if (!device.is_cuda()) return host.clone();
  return host.pin_memory().to(device, /*non_blocking=*/true);
}

/// to_ras() of a volume on `grid`.
at::Tensor in_ras_order(const at::Tensor& volume, const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  std::vector<std::int64_t> order, flipped;
  for (std::int64_t dim = 0; dim < 3; ++dim) {
    const auto world = static_cast<std::size_t>(2 - dim);
    order.push_back(2 - static_cast<std::int64_t>(orientation.axes[world]));
    if (orientation.flipped[world]) flipped.push_back(dim);
  }
  return volume.permute(order).flip(flipped).contiguous();
}

/// Convolves along one dimension; `half` has the weights of the offsets 0, 1, ..., and values
/// beyond the border count as those at it.
at::Tensor convolve_along(const at::Tensor& x, std::int64_t dim, const std::vector<float>& half) {
  const auto radius = static_cast<std::int64_t>(half.size()) - 1;
  if (radius == 0) return x;
  const std::int64_t count = x.size(dim);
  auto border = x.sizes().vec();
  border[static_cast<std::size_t>(dim < 0 ? dim + x.dim() : dim)] = radius;
  const auto padded = at::cat(
      {x.narrow(dim, 0, 1).expand(border), x, x.narrow(dim, count - 1, 1).expand(border)}, dim);
  auto sum = x * half[0];
  for (std::int64_t offset = 1; offset <= radius; ++offset)
    sum.add_(
        padded.narrow(dim, radius - offset, count) + padded.narrow(dim, radius + offset, count),
        half[static_cast<std::size_t>(offset)]);
  return sum;
}

/// Resamples volumes as Resampler does.
class DeviceResampler {
 public:
  DeviceResampler(const std::array<Resampler::AxisLookup, 3>& lookups, c10::Device device) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto& lookup = lookups[axis];
      const auto shaped = [&](const std::vector<float>& values) {
        Sides sides{1, 1, 1};
        sides[2 - axis] = static_cast<std::int64_t>(values.size());
        return at::tensor(values).view(sides).to(device);
      };
      order_[2 - axis] = 2 - static_cast<std::int64_t>(lookup.source_axis);
      axes_[axis] = {at::tensor(lookup.lower).to(device), at::tensor(lookup.upper).to(device),
                     shaped(lookup.weight), shaped(lookup.inside)};
    }
  }

  at::Tensor resample(const at::Tensor& volume) const {
    auto x = volume.permute(order_);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto& [lower, upper, weight, inside] = axes_[axis];
      const auto below = x.index_select(dim_of(axis), lower);
      x = (below + weight * (x.index_select(dim_of(axis), upper) - below)).mul_(inside);
    }
    return x;
  }

 private:
  struct Axis {
    at::Tensor lower, upper, weight, inside;
  };
  Sides order_{};
  std::array<Axis, 3> axes_;
};

/// normalise_intensities() of segmenter.h: by exact percentiles, where the training takes those of
/// a sample (scale_by_percentiles), so that labels are those of the CPU.
at::Tensor normalised(const at::Tensor& image, const InputRecipe& recipe) {
  const auto sorted = std::get<0>(image.flatten().sort());
  const auto value_at = [&](std::int64_t place) { return sorted[place].item<float>(); };
  const auto percentile = [&](double q) {
    const PercentilePlace place(q, sorted.numel());
    const float below = value_at(place.below);
    if (place.fraction == 0) return below;
    return static_cast<float>(below + place.fraction * (value_at(place.below + 1) - below));
  };
  const float low = percentile(recipe.low_percentile);
  const float high = percentile(recipe.high_percentile);
  const float top = high > low ? high : value_at(sorted.numel() - 1);
  const float scale = top > low ? 1 / (top - low) : 0;
  return ((image - low) * scale).clamp_(recipe.clamp_min, recipe.clamp_max);
}

/// Cuts a volume into parts, each with a core of its own voxels and what it sees around it.
class Cutting {
 public:
  struct Part {
    VoxelBox core, seen;
  };

  /// `halvings`: how often the longest side of all parts is halved; 0: one part.
  Cutting(const Sides& sides, std::int64_t multiple, int halvings) : sides_(sides), core_(sides) {
    for (; halvings > 0; --halvings) {
      auto& longest = *std::max_element(core_.begin(), core_.end());
      longest = ((longest + 1) / 2 + multiple - 1) / multiple * multiple;
    }
    halo_ = (kHalo_voxels + multiple - 1) / multiple * multiple;
  }

  std::int64_t longest_side() const { return *std::max_element(core_.begin(), core_.end()); }

  /// The part that sees most is the first: where it fits into memory, the others do.
  std::vector<Part> parts() const {
    std::vector<Part> result;
    Sides at{};
    for (at[2] = 0; at[2] < sides_[2]; at[2] += core_[2]) {
      for (at[1] = 0; at[1] < sides_[1]; at[1] += core_[1]) {
        for (at[0] = 0; at[0] < sides_[0]; at[0] += core_[0]) {
          Part part;
          for (std::size_t axis = 0; axis < 3; ++axis) {
            part.core.begin[axis] = at[axis];
            part.core.end[axis] = std::min(sides_[axis], at[axis] + core_[axis]);
            part.seen.begin[axis] = std::max<std::int64_t>(0, part.core.begin[axis] - halo_);
            part.seen.end[axis] = std::min(sides_[axis], part.core.end[axis] + halo_);
          }
          result.push_back(part);
        }
      }
    }
    std::stable_sort(result.begin(), result.end(), [](const Part& a, const Part& b) {
      return a.seen.voxel_count() > b.seen.voxel_count();
    });
    return result;
  }

 private:
  Sides sides_, core_;
  std::int64_t halo_ = 0;
};

bool is_out_of_memory(const c10::Error& error) {
  return tells_of_short_memory(error.what_without_backtrace());
}

/// The box around the voxels of each of the masks [K,nk,nj,ni], widened by `margin`.
std::vector<VoxelBox> bounding_boxes(const at::Tensor& masks, std::int64_t margin) {
  const Sides sides = sides_of(masks);
  const auto plane = masks.any(-1);  // [K,nk,nj]
  const std::array<at::Tensor, 3> along = {masks.any(1).any(1).cpu(), plane.any(1).cpu(),
                                           plane.any(2).cpu()};
  std::vector<VoxelBox> boxes(static_cast<std::size_t>(masks.size(0)));
  for (std::size_t c = 0; c < boxes.size(); ++c) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool* const first =
          along[axis].data_ptr<bool>() + static_cast<std::int64_t>(c) * sides[axis];
      const bool* const last = first + sides[axis];
      const auto begin = std::find(first, last, true) - first;
      auto end = sides[axis];
      while (end > begin && !first[end - 1]) --end;
      if (begin == end) {
        boxes[c] = {};
        break;
      }
      boxes[c].begin[axis] = std::max<std::int64_t>(0, begin - margin);
      boxes[c].end[axis] = std::min(sides[axis], end + margin);
    }
  }
  return boxes;
}

/// The largest component of a mask of uint8 [box] that lies at `voxels`.
Mask largest_component(const std::uint8_t* voxels, const VoxelBox& box) {
  Mask mask(Grid{{box.extent(0), box.extent(1), box.extent(2)}});
  std::copy_n(voxels, mask.voxels.size(), mask.voxels.begin());
  keep_largest_component(mask);
  return mask;
}

std::vector<double> to_doubles(const at::Tensor& x) {
  const auto host = x.to(at::kCPU, at::kDouble).contiguous();
  return {host.data_ptr<double>(), host.data_ptr<double>() + host.numel()};
}

/// The most probable channel of every voxel of a volume, and its posterior.
struct MostProbable {
  at::Tensor channels;  ///< int64
  at::Tensor posteriors;
};

MostProbable most_probable_in(const at::Tensor& posteriors) {
  const auto [values, channels] = posteriors.max(0);
  return {channels, values};
}

MostProbable most_probable_in(const at::Tensor& posteriors, std::int64_t background,
                              const DeviceResampler& resampler) {
  MostProbable best;
  best.posteriors = resampler.resample(posteriors[background]);
  best.channels =
      at::full(best.posteriors.sizes(), background, best.posteriors.options().dtype(at::kLong));
  for (std::int64_t channel = 0; channel < posteriors.size(0); ++channel) {
    if (channel == background) continue;
    const auto values = resampler.resample(posteriors[channel]);
    const auto larger = values > best.posteriors;
    best.channels.masked_fill_(larger, channel);
    best.posteriors = at::maximum(best.posteriors, values);
  }
  return best;
}

std::vector<Channel> to_channels(const at::Tensor& channels, std::size_t classes) {
  // As few bytes as possible cross to the host.
  const auto host = channels.to(classes <= 256 ? at::kByte : at::kInt).cpu().contiguous();
  const auto count = static_cast<std::size_t>(host.numel());
  std::vector<Channel> result(count);
  if (host.scalar_type() == at::kByte) {
    std::copy_n(host.data_ptr<std::uint8_t>(), count, result.begin());
  } else {
    std::transform(host.data_ptr<std::int32_t>(), host.data_ptr<std::int32_t>() + count,
                   result.begin(), [](std::int32_t c) { return static_cast<Channel>(c); });
  }
  return result;
}

Posteriors to_posteriors(const at::Tensor& posteriors, const Grid& grid) {
  Posteriors result(grid, static_cast<int>(posteriors.size(0)));
  for (int channel = 0; channel < result.classes(); ++channel) {
    const auto host = (posteriors[channel] * 65535.0F).round_().clamp_(0, 65535).cpu().contiguous();
    const float* const values = host.data_ptr<float>();
    std::transform(values, values + grid.voxel_count(), result.plane(channel),
                   [](float value) { return static_cast<std::uint16_t>(value); });
  }
  return result;
}

}  // namespace

DeviceSegmenter::DeviceSegmenter(const ModelManifest& model, const DeviceNetwork& network)
    : model_(model), network_(network) {
  const auto sides = model.contralateral();
  other_side_ =
      at::tensor(std::vector<std::int64_t>(sides.begin(), sides.end())).to(network.device);
}

at::Tensor DeviceSegmenter::forward(const at::Tensor& volumes) const {
  if (network_.stop != nullptr && *network_.stop)
    throw Error(ExitCode::kInterrupted, "interrupted");
  // Networks are trained on [X,Y,Z] with Z fastest: the axes are turned before and after.
  const auto turned = volumes.unsqueeze(1).transpose(2, -1);
  const bool full = network_.precision == Precision::kFull;
  const auto x =
      full && network_.device.is_cpu() ? turned.contiguous() : with_channels_last(turned);
  at::Tensor logits;
  {
    std::optional<WithoutTf32> all_bits;
    if (full) all_bits.emplace(network_.device);
    const AutocastScope scope(network_.precision, network_.device.type());
    logits = network_.network.forward(x, network_.parameters, network_.statistics);
  }
  return logits.softmax(1, at::kFloat).transpose(2, -1);
}

/// Adds the posteriors of one volume, or of it and its mirror image in one batch.
void DeviceSegmenter::add_passes(const at::Tensor& scaled, const std::vector<bool>& flips,
                                 float weight, at::Tensor& posteriors, int& pieces) const {
  const Sides sides = sides_of(scaled);
  const Padding plain(sides, model_.architecture, false);
  auto padded = at::zeros(
      {static_cast<std::int64_t>(flips.size()), plain.shape[2], plain.shape[1], plain.shape[0]},
      scaled.options());
  for (std::size_t n = 0; n < flips.size(); ++n) {
    const Padding padding(sides, model_.architecture, flips[n]);
    VoxelBox box = box_of(sides);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.begin[axis] += padding.before[axis];
      box.end[axis] += padding.before[axis];
    }
    narrow_to(padded[static_cast<std::int64_t>(n)], box)
        .copy_(flips[n] ? scaled.flip({2}) : scaled);
  }
  add_in_parts(padded, flips, weight, posteriors, pieces);
}

void DeviceSegmenter::add_in_parts(const at::Tensor& padded, const std::vector<bool>& flips,
                                   float weight, at::Tensor& posteriors, int& pieces) const {
  const Sides sides = sides_of(posteriors);
  const std::int64_t multiple = side_multiple_of(model_.architecture);
  const std::int64_t least_side = std::max(kLeastPiece_voxels, multiple);
  std::int64_t& most = network_.most_voxels_at_once;
  int halvings = 0;
  const auto cut = [&] { return Cutting(sides_of(padded), multiple, halvings); };
  const auto voxels_at_once = [&] {
    return cut().parts().front().seen.voxel_count() * padded.size(0);
  };
  while (most > 0 && voxels_at_once() > most && cut().longest_side() > least_side) ++halvings;
  for (;;) {
    const auto parts = cut().parts();
    std::size_t done = 0;
    try {
      for (; done < parts.size(); ++done) {
        const auto& [core, seen] = parts[done];
        const auto found = forward(narrow_to(padded, seen));
        for (std::size_t n = 0; n < flips.size(); ++n) {
          const Padding padding(sides, model_.architecture, flips[n]);
          VoxelBox from, to;  // in what was seen, and in the image
          for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t before = padding.before[axis];
            const std::int64_t begin = std::max(core.begin[axis], before);
            const std::int64_t end = std::min(core.end[axis], before + sides[axis]);
            from.begin[axis] = begin - seen.begin[axis];
            from.end[axis] = end - seen.begin[axis];
            to.begin[axis] = begin - before;
            to.end[axis] = end - before;
          }
          if (from.empty()) continue;
          auto values = narrow_to(found[static_cast<std::int64_t>(n)], from);
          if (flips[n]) {
            values = values.flip({3}).index_select(0, other_side_);
            std::tie(to.begin[0], to.end[0]) =
                std::make_pair(sides[0] - to.end[0], sides[0] - to.begin[0]);
          }
          narrow_to(posteriors, to).add_(values, weight);
        }
      }
      pieces = std::max(pieces, static_cast<int>(parts.size()));
      return;
    } catch (const c10::Error& error) {
      if (done > 0 || network_.beside_others || !is_out_of_memory(error)) throw;
      most = voxels_at_once() - 1;
      if (flips.size() > 1 || cut().longest_side() <= least_side) throw;
    }
    ++halvings;
  }
}

at::Tensor DeviceSegmenter::posteriors_of(const at::Tensor& scaled, bool fast, int& pieces) const {
  const auto classes = static_cast<std::int64_t>(model_.labels.size());
  auto posteriors =
      at::zeros({classes, scaled.size(0), scaled.size(1), scaled.size(2)}, scaled.options());
  if (fast) {
    add_passes(scaled, {false}, 1, posteriors, pieces);
    return posteriors;
  }
  // Both in one batch keep a GPU busier, where it has the memory.
  const Padding padding(sides_of(scaled), model_.architecture, false);
  const std::int64_t voxels = padding.shape[0] * padding.shape[1] * padding.shape[2];
  const std::int64_t most = network_.most_voxels_at_once;
  if (most == 0 || 2 * voxels <= most) {
    try {
      add_passes(scaled, {false, true}, 0.5F, posteriors, pieces);
      return posteriors;
    } catch (const c10::Error& error) {
      if (network_.beside_others || !is_out_of_memory(error)) throw;
      posteriors.zero_();
    }
  }
  for (const bool flip : {false, true}) add_passes(scaled, {flip}, 0.5F, posteriors, pieces);
  return posteriors;
}

/// postprocess() of posteriors.h.
void DeviceSegmenter::postprocess(at::Tensor& posteriors, const PostprocessOptions& options) const {
  const std::int64_t background = model_.background();
  const auto wide = posteriors[background] < widened_background(options.foreground_threshold);
  const VoxelBox box = bounding_boxes(wide.unsqueeze(0), kForegroundMargin).front();
  if (box.empty()) {
    posteriors.zero_();
    posteriors[background].fill_(1);
    return;
  }
  auto inside = narrow_to(posteriors, box);  // shares their memory
  if (options.smoothing_sigma_voxels > 0) {
    const auto weights = smoothing_kernel(options.smoothing_sigma_voxels);
    const std::vector<float> half(weights.begin(), weights.end());
    for (std::int64_t channel = 0; channel < inside.size(0); ++channel) {
      auto plane = inside[channel];
      for (std::size_t axis = 0; axis < 3; ++axis)
        plane = convolve_along(plane, dim_of(axis), half);
      inside[channel].copy_(plane);
    }
  }
  const auto outer = inside[background].clone();
  const auto foreground =
      (outer < 1 - options.foreground_threshold).to(at::kByte).cpu().contiguous();
  Mask head = largest_component(foreground.data_ptr<std::uint8_t>(), box);
  const auto kept =
      at::from_blob(head.voxels.data(), outer.sizes(), at::kByte).to(posteriors.device());
  inside.mul_(kept);
  inside[background].copy_(outer);
  keep_largest_pieces(inside, static_cast<float>(options.structure_threshold));

  auto total = inside.sum(0);
  const auto empty = total == 0;
  inside[background].masked_fill_(empty, 1);
  inside.div_(total.masked_fill_(empty, 1));
}

/// Removes of every structure the pieces apart from its largest, but not of those that may have
/// several.
void DeviceSegmenter::keep_largest_pieces(at::Tensor& posteriors, float threshold) const {
  const auto over = posteriors > threshold;
  auto boxes = bounding_boxes(over, 0);
  boxes[static_cast<std::size_t>(model_.background())] = {};
  for (const int channel : scattered_channels(model_))
    boxes[static_cast<std::size_t>(channel)] = {};
  std::vector<at::Tensor> masks;
  for (std::size_t c = 0; c < boxes.size(); ++c) {
    if (!boxes[c].empty())
      masks.push_back(narrow_to(over[static_cast<std::int64_t>(c)], boxes[c]).flatten());
  }
  if (masks.empty()) return;
  auto host = at::cat(masks).to(at::kByte).cpu();
  auto* voxels = host.data_ptr<std::uint8_t>();
  for (const auto& box : boxes) {
    if (box.empty()) continue;
    const Mask largest = largest_component(voxels, box);
    for (const auto kept : largest.voxels) *voxels++ ^= kept;  // what is left is to be removed
  }
  const auto removed = host.to(posteriors.device()).to(at::kBool);
  std::int64_t at = 0;
  for (std::size_t c = 0; c < boxes.size(); ++c) {
    if (boxes[c].empty()) continue;
    auto plane = narrow_to(posteriors[static_cast<std::int64_t>(c)], boxes[c]);
    plane.masked_fill_(removed.narrow(0, at, plane.numel()).view(plane.sizes()), 0);
    at += plane.numel();
  }
}

bool DeviceSegmenter::segment(const Image& source, const SegmenterOptions& options,
                              Segmentation& result) const {
  const c10::AutoGradMode no_gradient(false);
  const Grid ras = ras_grid(source.grid);
  const auto resampled = resampled_grid(ras, model_.input);
  const Grid grid = resampled.value_or(ras);
  const auto there = Resampler(ras, grid).lookups();
  const auto back = Resampler(grid, ras).lookups();
  if (!there || !back) return false;

  LapTimes times(result.timings);
  auto image = in_ras_order(upload(source, network_.device), source.grid);
  if (resampled) {
    const auto sigma = antialiasing_sigma_voxels(ras, grid);
    for (std::size_t axis = 0; axis < 3; ++axis)
      image = convolve_along(image, dim_of(axis), gaussian_half_kernel(sigma[axis]));
    image = DeviceResampler(*there, network_.device).resample(image).contiguous();
  }
  if (options.with_conformed) {
    const auto host = image.cpu();
    const float* const values = host.data_ptr<float>();
    result.conformed = Image(grid, {values, values + host.numel()});
  }
  image = normalised(image, model_.input);
  times.lap("conform", image);

  auto posteriors = posteriors_of(image, options.fast, result.pieces);
  if (network_.precision != Precision::kFull && !posteriors.sum().isfinite().item<bool>())
    throw OutOfRange();
  times.lap("network", posteriors);

  PostprocessOptions postprocess_options = options.postprocess;
  if (options.fast) postprocess_options.smoothing_sigma_voxels = 0;
  postprocess(posteriors, postprocess_options);
  times.lap("postprocess", posteriors);

  const auto classes = model_.labels.size();
  const auto best = resampled ? most_probable_in(posteriors, model_.background(),
                                                 DeviceResampler(*back, network_.device))
                              : most_probable_in(posteriors);
  const auto flat = best.channels.flatten();
  const auto counts = to_doubles(at::bincount(flat, {}, static_cast<std::int64_t>(classes)));
  const auto sums = to_doubles(at::bincount(flat, best.posteriors.flatten().to(at::kDouble),
                                            static_cast<std::int64_t>(classes)));
  ChannelSums of_channels{{}, {}, to_doubles(posteriors.sum({1, 2, 3}, false, at::kDouble))};
  for (std::size_t c = 0; c < classes; ++c) {
    of_channels.voxels.push_back(static_cast<std::int64_t>(counts[c]));
    of_channels.mean_posteriors.push_back(sums[c] / counts[c]);
    of_channels.soft_mm3[c] *= voxel_volume_mm3(grid);
  }
  finish_segmentation(model_, of_channels, to_channels(flat, classes), ras, source.grid,
                      options.threads, result);
  if (options.with_posteriors) result.posteriors = to_posteriors(posteriors, grid);
  times.lap("label", posteriors);
  return true;
}

}  // namespace hypersynth
