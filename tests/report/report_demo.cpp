// Writes example pages to look at:
//   report_demo OUT                                     a synthetic head
//   report_demo OUT F32 LABELS NI NJ NK AFFINE(12)      raw float32 and int32 files, i fastest, and
//                                                       the first three rows of world_from_voxel
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "example_report.h"
#include "report/mosaic_reportlets.h"

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
    write_mosaics(out / folder, stem, "T1w", view, colours_up_to(255));
    report.images[i].reportlets = mosaic_reportlets(folder, stem, "T1w");
  }
  write_subject_report(out / ("sub-" + report.subject + ".html"), report);
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
