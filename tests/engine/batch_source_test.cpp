#include "engine/training/batch_source.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/training/training_setup.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

// The baseline is compared with real images, of which none looks like those left unchanged.
TEST(BatchSourceTest, EveryImageOfTheBaselineHasTheLearnedParameters) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.augmentation = "noise";
  options.unchanged_share = 0.9;
  const auto packed = PackedData::open(options.data);
  const GenerativeModel model(options.synthesis, packed.table(), at::kCPU);
  const TrainingData data(packed, options.synthesis, at::kCPU, true, false);
  const auto augmentation = make_augmentation(options, model.intensity_class_count());
  auto start = seeded(1);
  const auto theta = augmentation->initial_theta(start);
  const BatchSource source(data, model, *augmentation, 8, theta + 1);
  const auto drawn = [&](auto take) {
    std::mt19937_64 random(7);
    auto generator = seeded(7);
    return take(random, generator);
  };
  const auto baseline = [&](const at::Tensor& at) {
    return drawn([&](auto& random, auto& generator) {
             return source.synthetic(at, random, generator);
           })
        .image;
  };
  const auto other = baseline(theta + 1);
  const auto images = baseline(theta);
  for (std::int64_t n = 0; n < 8; ++n) EXPECT_FALSE(images[n].equal(other[n])) << n;
  // Simulated real images are made in the same way.
  const auto real =
      drawn([&](auto& random, auto& generator) { return source.real(random, generator); });
  EXPECT_TRUE(real.image.equal(other));
}

}  // namespace
}  // namespace hypersynth
