// Time to score segmentations against references: evaluation_bench SEGMENTATION REFERENCE ...
// prints for each pair the seconds for reading and for scoring in one thread, and the mean of its
// measures.

#include <chrono>
#include <cstdio>

#include "evaluation/statistics.h"
#include "evaluation/structure_scores.h"
#include "image/nifti.h"
#include "image/resample_labels.h"

int main(int argc, char** argv) {
  using namespace hypersynth;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto start = now();
    LabelMap segmentation = read_labels(argv[i]);
    const LabelMap reference = read_labels(argv[i + 1]);
    if (!same_grid(segmentation.grid, reference.grid, 1e-3))
      segmentation = resample_labels(segmentation, reference.grid);
    const auto read = now();
    std::vector<double> dice, hausdorff95, distance;
    for (const auto& score : score_structures(segmentation, reference)) {
      dice.push_back(score.dice);
      hausdorff95.push_back(score.hausdorff95_mm);
      distance.push_back(score.mean_surface_distance_mm);
    }
    const auto done = now();
    std::printf(
        "read %.2f s, score %.2f s: %zu structures, Dice %.4f, HD95 %.3f mm, mean %.3f mm\n",
        seconds(read - start), seconds(done - read), estimate_mean(dice).count,
        estimate_mean(dice).mean, estimate_mean(hausdorff95).mean, estimate_mean(distance).mean);
  }
}
