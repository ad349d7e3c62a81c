#include "engine/networks/network.h"

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "engine/model/safetensors.h"
#include "engine/networks/dilated_net.h"
#include "engine/networks/pool_unet.h"
#include "engine/networks/resize_unet.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

at::Tensor noise(at::IntArrayRef size) {
  auto generator = seeded(1);
  return at::randn(size, generator, at::TensorOptions(at::kFloat));
}

std::vector<at::Tensor> fresh(const Network& network) {
  auto generator = seeded(2);
  return network.parameters().views(network.initial_parameters(generator));
}

TEST(PoolUnetTest, HasTheTensorsOfTheDefaultModelFile) {
  const auto model = Safetensors::read(HYPERSYNTH_SOURCE_DIR "/models/brain33-unet16.safetensors");
  const PoolUnet network{PoolUnetOptions()};
  std::size_t tensors = 0;
  for (const auto* layout : {&network.parameters(), &network.buffers()}) {
    for (const auto& spec : layout->specs()) {
      ASSERT_EQ(model.tensors().count(spec.name), 1u) << spec.name;
      EXPECT_EQ(model.tensors().at(spec.name).shape, spec.shape) << spec.name;
      ++tensors;
    }
  }
  EXPECT_EQ(tensors, model.tensors().size());
}

TEST(PoolUnetTest, KeepsTheSizeIn2DAnd3D) {
  PoolUnetOptions options;
  options.levels = 3;
  options.base_features = 4;
  options.out_channels = 5;
  const PoolUnet volumes(options);
  EXPECT_EQ(volumes.forward(noise({2, 1, 8, 12, 16}), fresh(volumes)).sizes(),
            at::IntArrayRef({2, 5, 8, 12, 16}));
  options.dimensions = 2;
  const PoolUnet slices(options);
  EXPECT_EQ(slices.forward(noise({2, 1, 8, 12}), fresh(slices)).sizes(),
            at::IntArrayRef({2, 5, 8, 12}));
  EXPECT_EQ(slices.side_multiple(), 4);
}

TEST(PoolUnetTest, UpdatesRunningStatisticsOnlyWhenAsked) {
  PoolUnetOptions options;
  options.dimensions = 2;
  options.levels = 2;
  options.base_features = 4;
  const PoolUnet network(options);
  const auto parameters = fresh(network);
  const auto buffers = network.initial_buffers();
  NormStatistics norm{network.buffers().views(buffers), false};
  const auto image = noise({2, 1, 8, 8});
  const auto before = buffers.clone();
  network.forward(image, parameters, norm);
  network.forward(image, parameters);
  EXPECT_TRUE(buffers.equal(before));
  norm.update = true;
  network.forward(image, parameters, norm);
  EXPECT_FALSE(buffers.equal(before));
}

TEST(NormStatisticsTest, APassThatMustUpdateNothingReadsTheRunningOnesOnlyWhereTheyAreOnlyRead) {
  const std::vector<at::Tensor> running{noise({4}), noise({4})};
  EXPECT_TRUE((NormStatistics{running, true}.unchanged().running.empty()));
  const auto frozen = NormStatistics{running, false}.unchanged();
  ASSERT_EQ(frozen.running.size(), 2u);
  EXPECT_TRUE(frozen.running[0].is_same(running[0]));
  EXPECT_FALSE(frozen.update);
  EXPECT_TRUE(NormStatistics().unchanged().running.empty());
}

TEST(ResizeUnetTest, KeepsOddSizesWithEveryNormalisation) {
  for (const auto norm : {Norm::kNone, Norm::kInstance, Norm::kBatch}) {
    ResizeUnetOptions options;
    options.dimensions = 3;
    options.features = {4, 6, 8};
    options.norm = norm;
    const ResizeUnet network(options);
    EXPECT_EQ(network.forward(noise({1, 1, 9, 10, 11}), fresh(network)).sizes(),
              at::IntArrayRef({1, 2, 9, 10, 11}));
  }
}

TEST(DilatedNetTest, Has1284ParametersAsItStands) {
  EXPECT_EQ(DilatedNet(DilatedNetOptions()).parameters().size(), 1284);
}

TEST(InitialParametersTest, LieWithinTheInverseRootOfTheFanIn) {
  const DilatedNet network{DilatedNetOptions()};
  const auto parameters = fresh(network);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& spec = network.parameters().specs()[i];
    const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
    EXPECT_LE(value(parameters[i].abs().max()), bound) << spec.name;
    EXPECT_GT(value(parameters[i].abs().max()), 0) << spec.name;
  }
}

}  // namespace
}  // namespace hypersynth
