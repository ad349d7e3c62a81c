#include "engine/inference/segmenter.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "image/orientation.h"
#include "image/resample.h"

namespace hypersynth {

namespace {

class Stopwatch {
 public:
  explicit Stopwatch(std::vector<StepTime>& steps) : steps_(steps) {}

  void lap(const std::string& step) {
    const auto now = std::chrono::steady_clock::now();
    steps_.push_back({step, std::chrono::duration<double>(now - last_).count()});
    last_ = now;
  }

 private:
  std::vector<StepTime>& steps_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// The q-th percentile with linear interpolation between the two nearest values.
float percentile(std::vector<float>& values, double q) {
  const PercentilePlace place(q, static_cast<std::int64_t>(values.size()));
  const auto low = values.begin() + place.below;
  std::nth_element(values.begin(), low, values.end());
  const float below = *low;
  if (place.fraction == 0) return below;
  const float above = *std::min_element(low + 1, values.end());
  return static_cast<float>(below + place.fraction * (above - below));
}

std::vector<float> padded_voxels(const Image& image, const Padding& padding, bool flipped) {
  const auto& shape = image.grid.shape;
  std::vector<float> padded(
      static_cast<std::size_t>(padding.shape[0] * padding.shape[1] * padding.shape[2]));
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      float* row = padded.data() + padding.shape[0] * (j + padding.before[1] +
                                                       padding.shape[1] * (k + padding.before[2]));
      const float* from = image.voxels.data() + image.offset(0, j, k);
      if (flipped) {
        std::reverse_copy(from, from + shape[0], row + padding.before[0]);
      } else {
        std::copy(from, from + shape[0], row + padding.before[0]);
      }
    }
  }
  return padded;
}

/// Channel of every voxel, and for each channel the mean of its posterior over its voxels.
struct Labelling {
  std::vector<Channel> channels;
  std::vector<double> mean_posteriors;
};

/// The most probable channels on `grid`, which has another lattice than the posteriors.
Labelling most_probable_on_grid(const Posteriors& posteriors, int background, const Grid& grid,
                                int threads) {
  const Resampler resampler(posteriors.grid(), grid, threads);
  std::vector<float> largest;
  resample_posterior(posteriors, background, resampler, largest);
  std::vector<Channel> best(largest.size(), static_cast<Channel>(background));
  std::vector<float> values;
  const auto count = static_cast<std::int64_t>(best.size());
  for (int channel = 0; channel < posteriors.classes(); ++channel) {
    if (channel == background) continue;
    resample_posterior(posteriors, channel, resampler, values);
#pragma omp parallel for schedule(static)
    for (std::int64_t v = 0; v < count; ++v) {
      if (values[v] > largest[v]) {
        largest[v] = values[v];
        best[v] = static_cast<Channel>(channel);
      }
    }
  }
  std::vector<double> sums(static_cast<std::size_t>(posteriors.classes()));
  std::vector<std::int64_t> counts(sums.size());
  for (std::size_t v = 0; v < best.size(); ++v) {
    sums[best[v]] += static_cast<double>(largest[v]);
    ++counts[best[v]];
  }
  for (std::size_t c = 0; c < sums.size(); ++c) sums[c] /= static_cast<double>(counts[c]);
  return {std::move(best), std::move(sums)};
}

}  // namespace

Image conform(const Image& source, const InputRecipe& recipe, int threads) {
  Image ras = to_ras(source, threads);
  const auto grid = resampled_grid(ras.grid, recipe);
  return grid ? resample_antialiased(ras, *grid, threads) : ras;
}

void normalise_intensities(Image& image, const InputRecipe& recipe) {
  std::vector<float> values = image.voxels;
  const float low = percentile(values, recipe.low_percentile);
  const float high = percentile(values, recipe.high_percentile);
  // Where more than 99 % of the volume is air both percentiles can coincide: use the full range.
  const float top = high > low ? high : *std::max_element(values.begin(), values.end());
  const float scale = top > low ? 1 / (top - low) : 0;
  const auto minimum = static_cast<float>(recipe.clamp_min);
  const auto maximum = static_cast<float>(recipe.clamp_max);
  for (float& value : image.voxels) value = std::clamp((value - low) * scale, minimum, maximum);
}

void resample_posterior(const Posteriors& posteriors, int channel, const Resampler& resampler,
                        std::vector<float>& values) {
  std::vector<float> plane;
  posteriors.copy_to(channel, plane);
  resampler.resample(plane, values);
}

std::vector<float> Segmenter::pad(const Image& scaled, bool flipped) const {
  return padded_voxels(scaled, Padding(scaled.grid.shape, model_.architecture, flipped), flipped);
}

void Segmenter::run_network(const std::vector<float>& padded, bool flipped, float weight,
                            Posteriors& posteriors) const {
  const auto& shape = posteriors.grid().shape;
  const Padding padding(shape, model_.architecture, flipped);
  const auto other_side = model_.contralateral();
  const auto take_row = [&](std::int64_t k, std::int64_t j, const float* values,
                            std::int64_t class_stride) {
    const std::int64_t image_j = j - padding.before[1];
    const std::int64_t image_k = k - padding.before[2];
    if (image_j < 0 || image_j >= shape[1] || image_k < 0 || image_k >= shape[2]) return;
    if (!flipped) {
      posteriors.add_row(image_j, image_k, values + padding.before[0], class_stride, weight);
      return;
    }
    thread_local std::vector<float> mirrored;
    mirrored.resize(static_cast<std::size_t>(shape[0]) * other_side.size());
    for (std::size_t channel = 0; channel < other_side.size(); ++channel) {
      const float* from = values + other_side[channel] * class_stride;
      const float* last = from + padding.before[0] + shape[0] - 1;
      float* to = mirrored.data() + static_cast<std::int64_t>(channel) * shape[0];
      for (std::int64_t i = 0; i < shape[0]; ++i) to[i] = last[-i];
    }
    posteriors.add_row(image_j, image_k, mirrored.data(), shape[0], weight);
  };
  network_.run(padded.data(), {padding.shape[2], padding.shape[1], padding.shape[0]}, take_row);
}

Segmentation Segmenter::segment(const Image& source) const {
  Segmentation result;
  if (network_.segment(source, options_, result)) return result;
  Stopwatch watch(result.timings);
  Image scaled = conform(source, model_.input, options_.threads);
  if (options_.with_conformed) result.conformed = scaled;
  normalise_intensities(scaled, model_.input);
  watch.lap("conform");

  result.posteriors = Posteriors(scaled.grid, static_cast<int>(model_.labels.size()));
  if (!options_.fast) run_network(pad(scaled, false), false, 0.5F, result.posteriors);
  const std::vector<float> padded = pad(scaled, !options_.fast);
  scaled = Image();  // the network needs the memory
  run_network(padded, !options_.fast, options_.fast ? 1.0F : 0.5F, result.posteriors);
  watch.lap("network");

  const int background = model_.background();
  PostprocessOptions postprocess_options = options_.postprocess;
  if (options_.fast) postprocess_options.smoothing_sigma_voxels = 0;
  const VoxelBox box =
      postprocess(result.posteriors, background, scattered_channels(model_), postprocess_options);
  watch.lap("postprocess");

  const Grid ras = ras_grid(source.grid);
  const bool same = same_grid(ras, result.posteriors.grid());
  Labelling labelling;
  if (same) {
    labelling.channels = most_probable(result.posteriors, background, box);
    labelling.mean_posteriors = mean_posteriors(result.posteriors, labelling.channels, box);
  } else {
    labelling = most_probable_on_grid(result.posteriors, background, ras, options_.threads);
  }
  ChannelSums sums{std::vector<std::int64_t>(model_.labels.size()),
                   std::move(labelling.mean_posteriors), soft_volumes_mm3(result.posteriors, box)};
  for (const auto channel : labelling.channels) ++sums.voxels[channel];
  finish_segmentation(model_, sums, labelling.channels, ras, source.grid, options_.threads, result);
  watch.lap("label");
  return result;
}

}  // namespace hypersynth
