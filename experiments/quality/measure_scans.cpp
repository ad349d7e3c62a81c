// Measures many scans whose segmentations exist:
//
//   experiment_quality LABEL_TABLE.tsv < LIST
//
// LIST has a line for each scan: image, label map and, where there is one, the record of its
// segmentation (for the confidence of the structures), separated by tabs. Prints a TSV: image,
// seconds of one core, and every measure.

#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/number_text.h"
#include "image/lookup_table.h"
#include "image/nifti.h"
#include "quality/quality.h"

namespace {

using hypersynth::LabelledStructure;

std::vector<LabelledStructure> with_confidence(std::vector<LabelledStructure> structures,
                                               const std::string& record) {
  if (record.empty()) return structures;
  std::ifstream file(record);
  const auto posteriors = nlohmann::json::parse(file).at("mean_posteriors");
  for (auto& structure : structures) {
    const auto found = posteriors.find(structure.name);
    if (found != posteriors.end() && found->is_number())
      structure.mean_posterior = found->get<double>();
  }
  return structures;
}

void measure_scans(const std::string& table) {
  std::vector<LabelledStructure> known;
  for (const auto& label : hypersynth::read_lookup_table(table))
    known.push_back({label.index, label.name});
  std::printf("image\tseconds");
  for (const auto& info : hypersynth::measure_catalogue()) std::printf("\t%s", info.name.c_str());
  std::printf("\n");
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream cells(line);
    std::string image;
    std::string labels;
    std::string record;
    std::getline(cells, image, '\t');
    std::getline(cells, labels, '\t');
    std::getline(cells, record, '\t');
    const auto structures = with_confidence(known, record);
    const auto scan = hypersynth::read_image(image);
    const auto map = hypersynth::read_labels(labels);
    const std::clock_t begin = std::clock();
    const auto measures = hypersynth::measure_quality({scan, map, structures});
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("%s\t%.2f", image.c_str(), seconds);
    for (const auto& measure : measures) {
      const bool known_value = std::isfinite(measure.value);
      std::printf("\t%s", known_value ? hypersynth::exact_number(measure.value).c_str() : "n/a");
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: experiment_quality LABEL_TABLE.tsv < LIST\n");
    return 64;
  }
  try {
    measure_scans(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 65;
  }
  return 0;
}
