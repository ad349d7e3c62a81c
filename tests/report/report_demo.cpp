// Writes example pages to look at:
//   report_demo OUT                                     a synthetic head
//   report_demo OUT F32 LABELS NI NJ NK AFFINE(12)      raw float32 and int32 files, i fastest, and
//                                                       the first three rows of world_from_voxel
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "example_report.h"
#include "report/mosaic_reportlets.h"
#include "report/png.h"

namespace hypersynth {
namespace {

template <typename T>
std::vector<T> read_raw(const char* path, std::size_t count) {
  std::vector<T> values(count);
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(count * sizeof(T)));
  if (!stream) throw std::runtime_error(std::string(path) + ": too short");
  return values;
}

/// The lookup table, and any other label in a colour of its own.
std::vector<LabelColour> colours_up_to(int highest) {
  std::vector<LabelColour> colours = example_colours();
  for (int label = 1; label <= highest; ++label) {
    const auto level = [&](int step) { return static_cast<std::uint8_t>(70 + label * step % 180); };
    colours.push_back({label, Rgb{level(67), level(131), level(29)}});
  }
  return colours;
}

void write_subject(const fs::path& out, SubjectReport report, const VoxelView& view) {
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    const std::string stem = "sub-" + report.subject + "_ses-" + std::to_string(i + 1);
    const std::string folder = "sub-" + report.subject + "/figures";
    write_example_pictures(out / folder, stem, "T1w", view, colours_up_to(255));
    report.images[i].reportlets = mosaic_reportlets(folder, stem, "T1w");
  }
  write_subject_report(out / ("sub-" + report.subject + ".html"), report);
}

/// An axial slice of a head, in whichever contrast `grey` makes of its intensities.
void write_slice(const fs::path& path, const ExampleHead& head, double grey, double offset) {
  GrayImage picture(static_cast<int>(head.shape[0]), static_cast<int>(head.shape[1]));
  const auto slice = static_cast<std::size_t>(head.shape[0] * head.shape[1] * (head.shape[2] / 2));
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const double level = head.intensities[slice + picture.pixels.size() - 1 - i] * grey + offset;
    picture.pixels[i] = static_cast<std::uint8_t>(std::clamp(level, 0., 255.));
  }
  write_atomically(path, encode_png(picture));
}

void write_learning(const fs::path& out, const ExampleHead& head) {
  LearningReport report = example_learning();
  fs::create_directories(out / "figures");
  write_slice(out / "figures/before.png", head, -1.1, 250);
  write_slice(out / "figures/after.png", head, 0.8, 20);
  write_slice(out / "figures/real.png", head, 1.2, 0);
  report.synthetic = {
      {"Synthetic, before", "Drawn with the parameters at the start.", "figures/before.png",
       "Axial slice of a synthetic head in inverted contrast"},
      {"Synthetic, after", "Drawn with the learned parameters.", "figures/after.png",
       "Axial slice of a synthetic head"},
      {"Real", "sub-01_ses-1_T1w", "figures/real.png", "Axial slice of a scan"}};
  write_learning_report(out / "learning.html", report);
  // What is long, many or not there.
  const std::string name = "<i>a structure</i> with a name that is longer than any chart is wide";
  report.dataset = report.structures[0].name = report.scans[0].name = report.curves[0].name =
      report.parameters[0].name = report.learned[0].name = name;
  report.candidates[1].name = std::string(60, 'w');
  report.synthetic[2].picture = "figures/none.png";
  for (int i = 0; i < 32; ++i) report.parameters.push_back(report.parameters[i % 8]);
  report.parameters[2].values = {{1, 0.5}};
  report.parameters[3].values.clear();
  report.parameters[4].values = {{1, 1e9}, {2, 1.0001e9}, {3, 1e9 + 7}};
  write_learning_report(out / "learning_hard.html", report);
  LearningReport kept;
  kept.dataset = "Example dataset";
  kept.model = "site-model";
  kept.verdict =
      "Nothing was gained: no method agrees better with the held-out scans than the initial model, "
      "which is kept.";
  write_learning_report(out / "learning_kept.html", kept);
}

int run(int argc, char** argv) {
  const fs::path out = argv[1];
  ExampleHead head = example_head({181, 217, 181}, {1, 1, 1});
  VoxelView view = head.view();
  if (argc == 19) {
    for (int axis = 0; axis < 3; ++axis) view.shape[axis] = std::atoll(argv[4 + axis]);
    for (int i = 0; i < 12; ++i) view.world_from_voxel[i / 4][i % 4] = std::atof(argv[7 + i]);
    const auto voxels = static_cast<std::size_t>(view.shape[0] * view.shape[1] * view.shape[2]);
    head.intensities = read_raw<float>(argv[2], voxels);
    head.labels = read_raw<std::int32_t>(argv[3], voxels);
    view.intensities = head.intensities;
    view.labels = std::span<const std::int32_t>(head.labels);
  }
  const std::string long_label(120, 'x');
  write_subject(out, example_subject("0001", 1, 0), view);
  write_subject(out, example_subject("none", 0, 1), view);
  write_subject(out, example_subject("twelve", 12, 2), view);
  write_subject(out, example_subject(long_label, 2, 1), view);
  const ExampleHead thick = example_head({190, 220, 30}, {1, 1, 6});
  write_subject(out, example_subject("thick", 1, 0), thick.view());
  write_learning(out, example_head({181, 217, 181}, {1, 1, 1}));
  GroupReport group = example_group(60);
  group.rows[0].report = "sub-0001.html";
  write_group_report(out / "group_T1w.html", group);
  write_group_report(out / "group_large.html", example_group(2000));
  write_group_report(out / "group_empty.html", example_group(0));
  return 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc != 2 && argc != 19) {
    std::cerr << "usage: report_demo OUT [F32 LABELS NI NJ NK AFFINE(12)]\n";
    return 64;
  }
  return hypersynth::run(argc, argv);
}
