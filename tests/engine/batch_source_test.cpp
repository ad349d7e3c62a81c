#include "engine/training/batch_source.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/synthetic_fixture.h"
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

/// The volumes of `packed` in a file that says that `undrawn` are not drawn.
std::string said_of(const PackedData& packed, const std::filesystem::path& path,
                    const std::vector<std::int32_t>& undrawn) {
  auto volumes = packed.label_maps();
  volumes.insert(volumes.end(), packed.real_images().begin(), packed.real_images().end());
  write_packed_data(path, packed.table(), packed.spacing_mm(), volumes, undrawn);
  return path;
}

TEST(TrainingDataTest, UndrawnStructuresChangeNoPatchMirroredOrNot) {
  const TemporaryDir folder;
  const auto options = small_training(folder.path(), "out");
  const auto all = PackedData::open(options.data);
  const auto some = PackedData::open(said_of(all, folder.path() / "some.pack", {14, 2}));
  const TrainingData drawn(all, options.synthesis, at::kCPU, true, true);
  const TrainingData undrawn(some, options.synthesis, at::kCPU, true, true);
  EXPECT_TRUE(undrawn.real_images()[0].classes.equal(drawn.real_images()[0].classes));
  std::mt19937_64 one(3), other(3);
  const auto expected = drawn.random_real(12, one);
  const auto found = undrawn.random_real(12, other);
  EXPECT_TRUE(found.image.equal(expected.image));
  EXPECT_TRUE(found.reference.equal(expected.reference));
}

// A mirrored patch has the drawn one of a pair where its image shows the undrawn one.
TEST(TrainingDataTest, OfAPairBothAreUndrawn) {
  const TemporaryDir folder;
  const auto options = small_training(folder.path(), "out");
  const auto all = PackedData::open(options.data);
  const auto classes_of = [&](const std::vector<std::int32_t>& labels) {
    const auto packed = PackedData::open(said_of(all, folder.path() / "some.pack", labels));
    return TrainingData(packed, options.synthesis, at::kCPU, true, true).undrawn_classes();
  };
  const auto& table = all.table();
  const std::int64_t left = table.class_of(2), right = table.class_of(41),
                     middle = table.class_of(14);
  EXPECT_TRUE(classes_of({}).empty());
  EXPECT_EQ(classes_of({14}), std::vector<std::int64_t>{middle});
  EXPECT_EQ(classes_of({2}), (std::vector<std::int64_t>{left, right}));
  EXPECT_EQ(classes_of({41, 14, 2}), (std::vector<std::int64_t>{left, middle, right}));
}

}  // namespace
}  // namespace hypersynth
