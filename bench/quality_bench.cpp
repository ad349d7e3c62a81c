// Times measure_quality() on one image and prints every measure as "name value note", then what it
// does by hand against ITK's filters for the same, and the bias field on the image as it is and
// under a field that is known.
// usage: quality_bench IMAGE LABELS LABEL_TABLE.tsv

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>
#include <vector>

#include "filters_itk.h"
#include "image/lookup_table.h"
#include "image/nifti.h"
#include "quality/bias_field.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"
#include "quality/verdict.h"

namespace {

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// A smooth field over the image, 0.6 to 1.8.
std::vector<float> known_field(const hypersynth::Grid& grid) {
  std::vector<float> field;
  const auto& shape = grid.shape;
  const auto place = [&](std::int64_t index, std::size_t axis) {
    return 2 * static_cast<double>(index) / static_cast<double>(shape[axis]) - 1;
  };
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        const double x = place(i, 0);
        const double y = place(j, 1);
        field.push_back(static_cast<float>(
            std::exp(0.3 * x * y + 0.25 * std::sin(2 * place(k, 2)) - 0.2 * y * y + 0.1 * x)));
      }
    }
  }
  return field;
}

/// Multiplies the image by a known field and prints how far the ratio of the fields that are found
/// with and without it is from it: standard deviation over mean, over the tissues.
void recover_known_field(hypersynth::Image image, const hypersynth::TissueMap& map) {
  for (float& value : image.voxels) value = value > 0 ? value : 0;
  const double begin = seconds();
  const auto without = hypersynth::find_bias_field(image, map);
  const double taken = seconds() - begin;
  const auto truth = known_field(image.grid);
  for (std::size_t v = 0; v < truth.size(); ++v) image.voxels[v] *= truth[v];
  const auto with = hypersynth::find_bias_field(image, map);
  if (!with || !without) return;
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t v = 0; v < truth.size(); ++v) {
    if (map.tissue[v] == 0) continue;
    const double ratio = static_cast<double>(with->voxels[v]) / without->voxels[v] / truth[v];
    ++n;
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / n;
  std::printf("bias field: %.3f s of one core; a known field is found to %.4f\n", taken,
              std::sqrt(std::max(0.0, squares / n - mean * mean)) / mean);
}

void measure(const std::string& image_path, const std::string& labels_path,
             const std::string& table_path) {
  const hypersynth::Image image = hypersynth::read_image(image_path);
  const hypersynth::LabelMap labels = hypersynth::read_labels(labels_path);
  std::vector<hypersynth::LabelledStructure> structures;
  for (const auto& label : hypersynth::read_lookup_table(table_path))
    structures.push_back({label.index, label.name});
  constexpr int kRepeats = 5;
  std::vector<hypersynth::MeasureValue> measures;
  double best = 1e9;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double begin = seconds();
    measures = hypersynth::measure_quality({image, labels, structures});
    best = std::min(best, seconds() - begin);
  }
  for (const auto& measure : measures)
    std::printf("%s\t%.9g\t%s\n", measure.name.c_str(), measure.value, measure.note.c_str());
  const auto verdict = hypersynth::judge_quality(measures, hypersynth::thresholds_for("T1w"));
  std::printf("verdict\t%s\n", std::string(to_string(verdict.rating)).c_str());
  for (const auto& reason : verdict.reasons) std::printf("\t%s\n", reason.c_str());
  std::printf("%zu voxels: %.3f s of one core (best of %d)\n", image.voxels.size(), best, kRepeats);
  recover_known_field(image, hypersynth::make_tissue_map(labels, structures));
  hypersynth::compare_filters(image, labels);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: quality_bench IMAGE LABELS LABEL_TABLE.tsv\n");
    return 64;
  }
  try {
    measure(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 65;
  }
  return 0;
}
