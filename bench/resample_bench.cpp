// Times the resampling of src/image against ITK's linear interpolation on volumes of the size of a
// head, one thread, best of three: why resample.h is written by hand. Prints seconds a volume.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

#include "image/resample.h"
#include "image/resampled_by_itk.h"

namespace {

using namespace hypersynth;

template <typename Work>
double best_seconds(const Work& work) {
  double best = 1e9;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::min(best, seconds.count());
  }
  return best;
}

void compare(const char* name, const Image& image, const Grid& target) {
  const Resampler resampler(image.grid, target);
  std::vector<float> values;
  const double ours = best_seconds([&] { resampler.resample(image.voxels, values); });
  const double itk = best_seconds([&] { resampled_by_itk(image, target); });
  std::printf("%-28s ours %7.4f s, ITK %7.4f s, ratio %5.1f\n", name, ours, itk, itk / ours);
}

}  // namespace

int main() {
  Image image(
      Grid{{192, 224, 192}, {{{1, 0, 0, -96}, {0, 1, 0, -112}, {0, 0, 1, -96}, {0, 0, 0, 1}}}});
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  for (auto& voxel : image.voxels) voxel = uniform(generator);
  const Grid parallel{{240, 280, 60},
                      {{{0.8, 0, 0, -96}, {0, 0.8, 0, -112}, {0, 0, 3.2, -96}, {0, 0, 0, 1}}}};
  const double c = std::cos(0.1), s = std::sin(0.1);
  const Grid oblique{
      {240, 280, 60},
      {{{0.8 * c, -0.8 * s, 0, -85}, {0.8 * s, 0.8 * c, 0, -120}, {0, 0, 3.2, -96}, {0, 0, 0, 1}}}};
  compare("axes parallel (separable)", image, parallel);
  compare("oblique", image, oblique);
  return 0;
}
