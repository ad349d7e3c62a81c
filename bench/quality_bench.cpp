// Times measure_quality() on one image and prints every measure as "name value note".
// usage: quality_bench IMAGE LABELS LABEL_TABLE.tsv

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>
#include <vector>

#include "image/lookup_table.h"
#include "image/nifti.h"
#include "quality/quality.h"
#include "quality/verdict.h"

namespace {

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
    const std::clock_t begin = std::clock();
    measures = hypersynth::measure_quality({image, labels, structures});
    best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  for (const auto& measure : measures)
    std::printf("%s\t%.9g\t%s\n", measure.name.c_str(), measure.value, measure.note.c_str());
  const auto verdict = hypersynth::judge_quality(measures);
  std::printf("verdict\t%s\n", std::string(to_string(verdict.rating)).c_str());
  for (const auto& reason : verdict.reasons) std::printf("\t%s\n", reason.c_str());
  std::printf("%zu voxels: %.3f s of one core (best of %d)\n", image.voxels.size(), best, kRepeats);
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
