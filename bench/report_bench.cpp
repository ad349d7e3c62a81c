// Pictures and pages of the report: CPU seconds and bytes.
//   report_bench             a synthetic 181 x 217 x 181 head of 1 mm
//   report_bench F32 LABELS  raw float32 and int32 files of that shape, i fastest
//   report_bench FOLDER      writes group pages of 2000 and 20000 images there, which
//                            group_page_bench.mjs opens in a browser
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>

#include "report/group_report.h"
#include "report/mosaic.h"
#include "report/png.h"
#include "report/thumbnail.h"

namespace hypersynth {
namespace {

constexpr std::array<std::int64_t, 3> kShape{181, 217, 181};
constexpr std::size_t kVoxels = 181 * 217 * 181;

struct Head {
  std::vector<float> intensities = std::vector<float>(kVoxels);
  std::vector<std::int32_t> labels = std::vector<std::int32_t>(kVoxels);
};

/// Folded shells with noise: as many borders and as little to compress as a real scan.
Head synthetic_head() {
  Head head;
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 4);
  std::size_t voxel = 0;
  for (int k = 0; k < 181; ++k) {
    for (int j = 0; j < 217; ++j) {
      for (int i = 0; i < 181; ++i, ++voxel) {
        const double radius = std::hypot((i - 90) / 70., (j - 108) / 90., (k - 90) / 75.);
        const double fold = 0.06 * std::sin(i * 0.45) * std::sin(j * 0.4) * std::sin(k * 0.5);
        const int shell = static_cast<int>((radius + fold) * 6);
        if (shell < 6) head.labels[voxel] = 1 + shell + (i < 90 ? 6 : 0);
        head.intensities[voxel] = shell < 8 ? 40.f + 37 * (shell * 5 % 7) + noise(random) : 0;
      }
    }
  }
  return head;
}

template <typename T>
void read_raw(const char* path, std::vector<T>& values) {
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(kVoxels * sizeof(T)));
  if (!stream) throw std::runtime_error(std::string(path) + ": too short");
}

/// Of the processor, so that a busy machine tells the same.
double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure_pictures(const Head& head) {
  VoxelView view;
  view.intensities = head.intensities;
  view.labels = std::span<const std::int32_t>(head.labels);
  view.shape = kShape;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const double start = seconds();
    const auto mosaics = draw_mosaics(view, {});
    const double drawn = seconds() - start;
    std::size_t bytes = 0;
    const double before = seconds();
    const std::size_t thumbnail = encode_png(draw_thumbnail(view, {})).size();
    std::cout << "thumbnail: " << seconds() - before << " s, " << thumbnail / 1e3 << " kB\n";
    for (const Mosaic& mosaic : mosaics) {
      bytes += encode_png(mosaic.anatomy).size() + encode_png(mosaic.structures).size() +
               encode_png(mosaic.brain).size();
    }
    const double total = seconds() - start;
    std::cout << "pictures of one head: " << total << " s (drawing " << drawn << " s), "
              << bytes / 1e6 << " MB\n";
  }
}

/// 100 measures, half of them volumes, a few of them main ones.
GroupReport large_group(int images) {
  GroupReport group;
  group.suffix = "T1w";
  for (int m = 0; m < 100; ++m) {
    group.measures.push_back({"m" + std::to_string(m), "Measure " + std::to_string(m), "", "",
                              m < 50 ? GroupMeasure::Kind::kQuality : GroupMeasure::Kind::kVolume,
                              m < 12});
  }
  std::mt19937 random(1);
  std::normal_distribution<double> normal(1000, 100);
  for (int i = 0; i < images; ++i) {
    const std::string subject = std::to_string(10000 + i);
    GroupRow row{"sub-" + subject + "/anat/sub-" + subject + "_T1w.nii.gz",
                 subject,
                 "sub-" + subject + ".html",
                 i % 17 == 0 ? Verdict::kWarning : Verdict::kPass,
                 {}};
    for (int m = 0; m < 100; ++m) row.values.push_back(normal(random));
    row.segmentation_digest = "0123456789abcdef" + std::to_string(1000000000000000 + i);
    row.participant = {{"age", std::to_string(20 + i % 60)}, {"sex", i % 2 == 0 ? "F" : "M"}};
    group.rows.push_back(std::move(row));
  }
  return group;
}

void measure_group_page(int images) {
  const GroupReport group = large_group(images);
  const double start = seconds();
  const std::size_t bytes = group_report_html(group).size();
  std::cout << "group page, " << images << " images x 100 measures: " << seconds() - start << " s, "
            << bytes / 1e6 << " MB\n";
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc == 2) {
    for (const int images : {2000, 20000}) {
      hypersynth::write_group_report(
          std::string(argv[1]) + "/group_" + std::to_string(images) + ".html",
          hypersynth::large_group(images));
    }
    return 0;
  }
  hypersynth::Head head;
  if (argc == 3) {
    hypersynth::read_raw(argv[1], head.intensities);
    hypersynth::read_raw(argv[2], head.labels);
  } else {
    head = hypersynth::synthetic_head();
  }
  hypersynth::measure_pictures(head);
  for (const int images : {2000, 20000}) hypersynth::measure_group_page(images);
}
