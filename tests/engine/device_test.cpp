// What the engine computes on the device that HYPERSYNTH_TEST_DEVICE names, beside the CPU: in
// float64 where both must agree, in the types that a GPU is used with where they may round.

#include <fstream>
#include <limits>
#include <tuple>

#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/inference/device_memory.h"
#include "engine/inference/device_segmenter.h"
#include "engine/inference/segmenter.h"
#include "engine/model_support.h"
#include "engine/networks/build_network.h"
#include "engine/networks/pool_unet.h"
#include "engine/synthetic_fixture.h"
#include "engine/training_fixture.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"
#include "support/test_device.h"

namespace hypersynth {
namespace {

class DeviceTest : public testing::Test {
 protected:
  void SetUp() override { HYPERSYNTH_NEED_TEST_DEVICE(); }
};

SyntheticBatch moved(SyntheticBatch batch, at::Device device) {
  for (auto* tensor : {&batch.image, &batch.reference, &batch.intensity_classes, &batch.painted,
                       &batch.artefacts.log_bias, &batch.artefacts.gamma})
    *tensor = tensor->to(device);
  for (auto& filter : batch.artefacts.filters) filter = filter.to(device);
  return batch;
}

InnerBatch moved(InnerBatch batch, at::Device device) {
  batch.synthetic = moved(batch.synthetic, device);
  for (auto& [name, draw] : batch.draws) draw = draw.to(device);
  return batch;
}

OuterBatch moved(const OuterBatch& batch, at::Device device) {
  return {batch.image.to(device), batch.reference.to(device)};
}

std::vector<Architecture> architectures(int dimensions) {
  PoolUnetOptions pool;
  pool.dimensions = dimensions;
  pool.levels = 3;
  pool.base_features = 4;
  pool.out_channels = 4;
  ResizeUnetOptions resize;
  resize.dimensions = dimensions;
  resize.features = {4, 6, 8};
  resize.out_channels = 4;
  DilatedNetOptions dilated;
  dilated.dimensions = dimensions;
  dilated.features = 4;
  return {pool, resize, dilated};
}

std::vector<std::int64_t> patch_of(int dimensions) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(dimensions), dimensions == 2 ? 16 : 8);
}

/// Logits and the gradient of a loss by the parameters.
struct Passes {
  Passes(const Network& network, const at::Tensor& phi, const OuterBatch& batch,
         Precision precision) {
    LossOptions loss;
    loss.terms = parse_loss("dice+0.2*cross-entropy");
    const auto found = real_gradient(network, loss, phi, batch, {}, precision);
    gradient = found.flat.cpu();
    const c10::AutoGradMode no_gradient(false);
    logits = network.forward(batch.image, network.parameters().views(phi)).cpu();
  }
  at::Tensor logits, gradient;
};

TEST_F(DeviceTest, EveryNetworkGivesTheLogitsAndGradientsOfTheCpu) {
  for (const int dimensions : {2, 3}) {
    for (const auto& architecture : architectures(dimensions)) {
      SCOPED_TRACE(name_of(architecture) + std::to_string(dimensions));
      const auto network = build_network(architecture);
      auto generator = seeded(1);
      const auto phi = network->initial_parameters(generator).to(at::kDouble);
      const GenerativeModel model(small_options(patch_of(dimensions)), small_table(), at::kCPU);
      const auto made = in_double(model.synthesise({small_map(), small_map()}, generator));
      const OuterBatch batch{made.image, made.reference};
      const Passes expected(*network, phi, batch, Precision::kFull);
      const auto there = moved(batch, test_device());
      const Passes found(*network, phi.to(test_device()), there, Precision::kFull);
      EXPECT_LT(relative_error(found.logits, expected.logits), 1e-10);
      EXPECT_LT(relative_error(found.gradient, expected.gradient), 1e-9);
      // 16 bits, as training may run: rounded, but in the same direction.
      const OuterBatch single{there.image.to(at::kFloat), there.reference};
      for (const auto precision : {Precision::kBfloat16, Precision::kFloat16}) {
        if (test_device().is_cpu() && precision == Precision::kFloat16) continue;
        const Passes rounded(*network, phi.to(test_device(), at::kFloat), single, precision);
        EXPECT_LT(relative_error(rounded.gradient.to(at::kDouble), expected.gradient), 0.2);
      }
    }
  }
}

TEST_F(DeviceTest, EveryAugmentationAndHypergradientIsThatOfTheCpu) {
  for (const char* name :
       {"noise-range-bias", "unet", "intensity-prior+gamma+blur+deformation+noise-bias"}) {
    for (const int dimensions : {2, 3}) {
      const GenerativeModel model(small_options(patch_of(dimensions)), small_table(), at::kCPU);
      AugmentationOptions of_augmentation;
      of_augmentation.dimensions = dimensions;
      of_augmentation.intensity_classes = model.intensity_class_count();
      of_augmentation.unet_features = 4;
      of_augmentation.deformation_knots = 3;
      const auto augmentation = make_augmentation(name, of_augmentation);
      const auto network = build_network(architectures(dimensions)[0]);
      LossOptions loss;
      loss.terms = parse_loss("dice+0.1*cross-entropy");
      const InnerProblem problem(*network, *augmentation, loss);
      auto generator = seeded(2);
      const auto inner = [&] {
        InnerBatch batch;
        batch.synthetic = in_double(model.synthesise({small_map(), small_map()}, generator));
        batch.draws = augmentation->draw(batch.synthetic, generator);
        return batch;
      };
      const auto outer = [&] {
        const auto made = in_double(model.synthesise({small_map()}, generator));
        return OuterBatch{made.image, made.reference};
      };
      const BilevelBatches here{{{inner()}, {inner()}}, {outer()}, {outer()}};
      BilevelBatches there;
      for (const auto& step : here.inner) there.inner.push_back({moved(step[0], test_device())});
      there.outer = {moved(here.outer[0], test_device())};
      there.baseline = {moved(here.baseline[0], test_device())};
      const auto phi = network->initial_parameters(generator).to(at::kDouble) * 2;
      const auto theta = augmentation->initial_theta(generator).to(at::kDouble);
      OptimiserOptions sgd;  // Adam's first step is nearly a sign
      sgd.kind = OptimiserKind::kSgd;
      for (const auto mode : {HypergradientMode::kExact, HypergradientMode::kCentralDifference,
                              HypergradientMode::kNeumann}) {
        SCOPED_TRACE(std::string(name) + " " + std::to_string(dimensions) + "-D " + word_of(mode));
        HypergradientOptions options;
        options.mode = mode;
        const BilevelStep step(problem, loss, sgd, options);
        const auto expected = step.run(phi, {}, theta, here, 0.1);
        const auto found = step.run(phi.to(test_device()), {}, theta.to(test_device()), there, 0.1);
        EXPECT_LT(relative_error(found.parameters.cpu(), expected.parameters), 1e-9);
        EXPECT_NEAR(value(found.real_loss), value(expected.real_loss), 1e-9);
        EXPECT_LT(relative_error(found.hypergradient.cpu(), expected.hypergradient), 1e-6);
      }
    }
  }
}

TEST_F(DeviceTest, SyntheticImagesHaveTheDistributionOfTheCpus) {
  for (const int dimensions : {2, 3}) {
    SCOPED_TRACE(dimensions);
    std::vector<at::Tensor> means, shares;
    for (const auto& device : {at::Device(at::kCPU), test_device()}) {
      const GenerativeModel model(small_options(patch_of(dimensions)), small_table(), device);
      auto generator = at::globalContext().defaultGenerator(device).clone();
      generator.set_current_seed(3);
      DeviceLabelMap map = small_map();
      map.rows = map.rows.to(device);
      std::vector<at::Tensor> images, heads;
      for (int n = 0; n < 60; ++n) {
        const auto batch = model.synthesise({map, map}, generator);
        EXPECT_EQ(batch.image.device().type(), device.type());
        EXPECT_TRUE(batch.image.isfinite().all().item<bool>());
        images.push_back(batch.image.mean());
        heads.push_back((batch.reference > 0).to(at::kFloat).mean());
      }
      means.push_back(at::stack(images).cpu());
      shares.push_back(at::stack(heads).cpu());
    }
    for (const auto& draws : {means, shares}) {
      const double error = value((draws[0].var() / 60 + draws[1].var() / 60).sqrt());
      EXPECT_NEAR(value(draws[0].mean()), value(draws[1].mean()), 5 * error + 1e-6);
    }
  }
}

double mean_loss(const TrainingOptions& options, std::size_t first, std::size_t last) {
  std::ifstream stream(std::filesystem::path(options.output) / "training.jsonl");
  double total = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line); ++number) {
    if (number >= first && number < last)
      total += nlohmann::json::parse(line).at("synthetic_loss").get<double>();
  }
  EXPECT_GE(number, last);
  return total / static_cast<double>(last - first);
}

TEST_F(DeviceTest, TrainingLearnsAndGoesOnFromItsCheckpoint) {
  const TemporaryDir folder;
  for (const auto precision : {Precision::kFull, Precision::kBfloat16, Precision::kFloat16}) {
    if (test_device().is_cpu() && precision == Precision::kFloat16) continue;
    SCOPED_TRACE(word_of(precision));
    auto options = small_training(folder.path(), word_of(precision));
    options.device = test_device().is_cpu() ? ComputeDevice::cpu() : ComputeDevice::cuda();
    options.precision = precision;
    options.method = TrainingMethod::kLearn2Synth;
    options.augmentation = "intensity-prior";
    options.theta_rate_unit = ThetaRateUnit::kPrior;
    options.optimiser.learning_rate = 1e-2;
    options.checkpoint_every = 30;
    options.steps = 30;
    train(options);
    options.steps = 80;
    EXPECT_EQ(train(options).steps, 80);
    EXPECT_LT(mean_loss(options, 60, 80), 0.95 * mean_loss(options, 0, 20));
  }
}

TEST_F(DeviceTest, AHeadGetsTheLabelsOfTheCpu) {
  PhantomHead head;
  head.shape = {45, 61, 43};
  head.spacing_mm = 1;
  head.scale = 0.4;
  const Image image = head.draw();
  const Model model = read_model(default_model_path());
  const auto segmented = [&](const std::string& device, std::int64_t most_voxels,
                             InferencePrecision precision) {
    InferenceOptions inference{device};
    inference.precision = precision;
    inference.cpu_as_gpu = true;
    inference.most_voxels_at_once = most_voxels;
    const auto network = load_inference_network(model, inference, Log());
    return Segmenter(model.manifest, *network, SegmenterOptions()).segment(image).labels.voxels;
  };
  const auto expected = segmented("cpu", 0, InferencePrecision::kFull);
  const auto expect_alike = [&](std::int64_t most_voxels, InferencePrecision precision,
                                double share) {
    const auto found = segmented(test_device().is_cpu() ? "cpu" : "cuda", most_voxels, precision);
    ASSERT_EQ(found.size(), expected.size());
    std::size_t different = 0;
    for (std::size_t v = 0; v < found.size(); ++v) different += found[v] != expected[v];
    EXPECT_LE(static_cast<double>(different), share * static_cast<double>(found.size()));
  };
  expect_alike(0, InferencePrecision::kAuto, 2e-3);
  expect_alike(48 * 64 * 48, InferencePrecision::kAuto, 2e-3);
  expect_alike(0, InferencePrecision::kFull, 1e-4);
  if (test_device().is_cuda()) expect_alike(0, InferencePrecision::kBfloat16, 1e-2);
}

/// A network on a device that has memory for so many voxels at once.
class NetworkInSmallMemory : public PoolUnet {
 public:
  explicit NetworkInSmallMemory(const PoolUnetOptions& options) : PoolUnet(options) {}

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm) const override {
    tried.push_back(image.numel());
    TORCH_CHECK(image.numel() <= most_voxels, "CUDA out of memory");
    return PoolUnet::forward(image, parameters, norm) + added;
  }

  std::int64_t most_voxels = std::numeric_limits<std::int64_t>::max();
  double added = 0;
  mutable std::vector<std::int64_t> tried;
};

/// A bar of noise, and a small network that sees less far than the pieces of a volume overlap.
class DeviceMemoryTest : public DeviceTest {
 protected:
  static constexpr std::int64_t kLength = 600, kSide = 8, kSlice = kSide * kSide;

  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    options_.levels = 2;
    options_.base_features = 2;
    manifest_ = read_model(default_model_path()).manifest;
    manifest_.architecture = options_;
    network = std::make_unique<NetworkInSmallMemory>(options_);
    auto generator = at::globalContext().defaultGenerator(at::kCPU).clone();
    generator.set_current_seed(1);
    parameters_ =
        network->parameters().views(network->initial_parameters(generator).to(test_device()));
    statistics_ = {network->buffers().views(network->initial_buffers().to(test_device())), false};
    bar_ = Image(Grid{{kSide, kLength, kSide}});
    const auto noise = at::rand({bar_.grid.voxel_count()}, generator);
    std::copy_n(noise.data_ptr<float>(), bar_.voxels.size(), bar_.voxels.begin());
  }

  Segmentation segmented(bool beside_others = false, Precision precision = Precision::kFull) {
    network->tried.clear();
    SegmenterOptions options;
    options.with_posteriors = true;
    options.postprocess = {0, 0, 1};
    Segmentation result;
    const DeviceSegmenter segmenter(manifest_, {*network, parameters_, statistics_, test_device(),
                                                precision, most_voxels_at_once, beside_others});
    EXPECT_TRUE(segmenter.segment(bar_, options, result));
    return result;
  }

  static void expect_same(const Segmentation& found, const Segmentation& expected) {
    int largest = 0;
    const auto& [a, b] = std::tie(found.posteriors, expected.posteriors);
    for (std::int64_t v = 0; v < a.grid().voxel_count() * a.classes(); ++v)
      largest = std::max(largest, std::abs(a.plane(0)[v] - b.plane(0)[v]));
    EXPECT_LE(largest, 65535 * 1e-3);
  }

  std::unique_ptr<NetworkInSmallMemory> network;
  std::int64_t most_voxels_at_once = 0;

 private:
  PoolUnetOptions options_;
  ModelManifest manifest_;
  std::vector<at::Tensor> parameters_;
  NormStatistics statistics_;
  Image bar_;
};

using testing::ElementsAre;

TEST_F(DeviceMemoryTest, WithoutMemoryForBothAnImageAndItsMirrorImageRunInTurn) {
  const auto expected = segmented();
  const std::int64_t whole = kLength * kSlice;
  EXPECT_THAT(network->tried, ElementsAre(2 * whole));
  network->most_voxels = 3 * whole / 2;
  const auto found = segmented();
  EXPECT_THAT(network->tried, ElementsAre(2 * whole, whole, whole));
  EXPECT_EQ(found.pieces, 1);
  expect_same(found, expected);
  // The next image does not try again what did not fit.
  segmented();
  EXPECT_THAT(network->tried, ElementsAre(whole, whole));
}

TEST_F(DeviceMemoryTest, PiecesBecomeSmallerUntilTheLargestFits) {
  const auto expected = segmented();
  // Of four parts of 150 voxels the inner ones see 64 more on both sides, those at the ends on one.
  network->most_voxels = 250 * kSlice;
  const auto found = segmented();
  EXPECT_EQ(found.pieces, 8);
  expect_same(found, expected);
  EXPECT_LT(most_voxels_at_once, 278 * kSlice);
  segmented();
  EXPECT_EQ(network->tried.size(), 16U);
}

TEST_F(DeviceMemoryTest, BesideOtherImagesNothingIsCut) {
  network->most_voxels = kLength * kSlice;
  EXPECT_THROW(segmented(true), c10::Error);
  EXPECT_EQ(network->tried.size(), 1U);
  EXPECT_EQ(most_voxels_at_once, 0) << "alone, it may fit";
}

TEST_F(DeviceMemoryTest, PosteriorsThatAreNotFiniteAreNoResult) {
  network->added = std::numeric_limits<double>::infinity();
  EXPECT_THROW(segmented(false, Precision::kBfloat16), DeviceSegmenter::OutOfRange);
}

TEST(DeviceMemory, WhatIsPlannedIsWhatTheLargestLayersNeed) {
  PoolUnetOptions options;  // 33 classes, 16 features
  // 33 logits of 2 bytes and 33 posteriors of 4 are more than 48 features of 2 bytes.
  EXPECT_EQ(most_voxels_in(198'000, options, 2), 1000);
  options.out_channels = 4;
  EXPECT_EQ(most_voxels_in(96'000, options, 2), 1000);
  EXPECT_EQ(most_voxels_in(1, options, 2), 1) << "0 would be no limit";
}

}  // namespace
}  // namespace hypersynth
