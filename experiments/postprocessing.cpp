// What each part of the post-processing, and each further pass of the network, is worth on scans
// with manual labels:
//
//   experiment_postprocessing MODEL.safetensors full|bf16 < LIST
//
// LIST has a line for each scan: image and manual label map, separated by a tab. Prints a TSV:
// variant, image, label, dice, and the volume in percent of the manual one. Labels of the model
// that the manual map lacks have no line.

#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "engine/inference/segmenter.h"
#include "image/nifti.h"

namespace hypersynth {
namespace {

/// Sums of the posteriors of several passes over one grid.
class Sum {
 public:
  Sum(const Grid& grid, int classes)
      : grid_(grid), values_(static_cast<std::size_t>(grid.voxel_count() * classes)) {}

  /// Adds posteriors that lie on `grid`.
  void add(const Posteriors& posteriors, const Grid& grid) {
    const Resampler resampler(grid, grid_);
    std::vector<float> values;
    for (int channel = 0; channel < posteriors.classes(); ++channel) {
      resample_posterior(posteriors, channel, resampler, values);
      float* to = values_.data() + grid_.voxel_count() * channel;
      for (std::size_t v = 0; v < values.size(); ++v) to[v] += values[v];
    }
  }

  /// The labels of the largest sums.
  LabelMap labels(const ModelManifest& model) const {
    LabelMap result(grid_);
    const auto count = grid_.voxel_count();
    for (std::int64_t v = 0; v < count; ++v) {
      int best = model.background();
      for (int channel = 0; channel < static_cast<int>(model.labels.size()); ++channel) {
        if (values_[channel * count + v] > values_[best * count + v]) best = channel;
      }
      result.voxels[v] = model.labels[best].index;
    }
    return result;
  }

 private:
  Grid grid_;
  std::vector<float> values_;
};

/// The image with `voxels` more of air before it along each axis, so that its voxels fall elsewhere
/// in what the network pools.
Image padded(const Image& image, std::int64_t voxels) {
  Grid grid = image.grid;
  for (std::size_t axis = 0; axis < 3; ++axis) grid.shape[axis] += voxels;
  const auto by = static_cast<double>(-voxels);
  const auto origin = transform(image.grid.world_from_voxel, {by, by, by});
  for (std::size_t axis = 0; axis < 3; ++axis) grid.world_from_voxel[axis][3] = origin[axis];
  Image result(grid);
  for (std::int64_t k = 0; k < image.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < image.grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < image.grid.shape[0]; ++i)
        result.at(i + voxels, j + voxels, k + voxels) = image.at(i, j, k);
    }
  }
  return result;
}

/// The grid with voxels of `size` times the edge, about the same centre.
Grid scaled(const Grid& grid, double size) {
  return isotropic_grid(grid, spacing_mm(grid)[0] * size);
}

class Experiment {
 public:
  Experiment(const Model& model, InferenceNetwork& network) : model_(model), network_(network) {}

  void run(const std::string& image_path, const std::string& labels_path) {
    image_path_ = image_path;
    manual_ = read_labels(labels_path);
    const Image image = read_image(image_path);
    SegmenterOptions options;
    options.with_conformed = true;
    const Segmentation usual = segment(image, options);
    report("usual", usual.labels);
    options.fast = true;
    report("no flip, no smoothing (--fast)", segment(image, options).labels);
    options = {};
    options.postprocess.smoothing_sigma_voxels = 0;
    report("no smoothing", segment(image, options).labels);
    options.postprocess.smoothing_sigma_voxels = 1;
    report("smoothing 1 voxel", segment(image, options).labels);
    options = {};
    options.postprocess.structure_threshold = 1;  // no posterior is above it: nothing is removed
    report("pieces of structures kept", segment(image, options).labels);
    options.postprocess.foreground_threshold = 0;
    report("all pieces kept", segment(image, options).labels);
    more_passes(image, usual);
  }

 private:
  Segmentation segment(const Image& image, const SegmenterOptions& options) {
    return Segmenter(model_.manifest, network_, options).segment(image);
  }

  void more_passes(const Image& image, const Segmentation& usual) {
    const Image& conformed = usual.conformed;
    const auto classes = static_cast<int>(model_.manifest.labels.size());
    Sum shifted(image.grid, classes);
    shifted.add(usual.posteriors, conformed.grid);
    Sum resized = shifted, all = shifted;
    const Image moved = padded(conformed, 5);
    const Segmentation of_moved = segment(moved, {});
    shifted.add(of_moved.posteriors, of_moved.posteriors.grid());
    all.add(of_moved.posteriors, of_moved.posteriors.grid());
    for (const double size : {0.95, 1.05}) {
      const Grid grid = scaled(conformed.grid, size);
      Image larger = resample_antialiased(conformed, grid);
      larger.grid = scaled(grid, 1 / size);  // said to have the usual size
      larger.grid.shape = grid.shape;
      const Segmentation found = segment(larger, {});
      resized.add(found.posteriors, grid);
      all.add(found.posteriors, grid);
    }
    report("and moved by 5 voxels", shifted.labels(model_.manifest));
    report("and 5 % larger, 5 % smaller", resized.labels(model_.manifest));
    report("and all of these", all.labels(model_.manifest));
  }

  void report(const char* variant, const LabelMap& found) {
    struct Counts {
      double manual = 0, found = 0, both = 0;
    };
    std::map<std::int32_t, Counts> counts;
    for (std::size_t v = 0; v < manual_.voxels.size(); ++v) {
      ++counts[manual_.voxels[v]].manual;
      ++counts[found.voxels[v]].found;
      if (manual_.voxels[v] == found.voxels[v]) ++counts[found.voxels[v]].both;
    }
    for (const auto& label : model_.manifest.labels) {
      const Counts& count = counts[label.index];
      if (label.index == 0 || count.manual == 0) continue;
      std::printf("%s\t%s\t%d\t%.5f\t%.2f\n", variant, image_path_.c_str(), label.index,
                  2 * count.both / (count.manual + count.found), 100 * count.found / count.manual);
    }
    std::fflush(stdout);
  }

  const Model& model_;
  InferenceNetwork& network_;
  std::string image_path_;
  LabelMap manual_;
};

void run(const std::string& model_path, const std::string& precision) {
  const Model model = read_model(model_path);
  InferenceOptions options;
  options.device = "cpu";
  options.precision = parse_word<InferencePrecision>(precision);
  const auto network = load_inference_network(model, options, Log());
  Experiment experiment(model, *network);
  std::printf("variant\timage\tlabel\tdice\tvolume_percent\n");
  for (std::string line; std::getline(std::cin, line);) {
    const auto tab = line.find('\t');
    experiment.run(line.substr(0, tab), line.substr(tab + 1));
  }
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: experiment_postprocessing MODEL.safetensors full|bf16 < LIST\n");
    return 64;
  }
  try {
    hypersynth::run(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "experiment_postprocessing: %s\n", error.what());
    return 65;
  }
}
