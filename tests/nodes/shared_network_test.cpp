#include "nodes/shared_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A network that does nothing on its device, or runs out of the device's memory.
class FakeNetwork : public InferenceNetwork {
 public:
  FakeNetwork(std::string device, std::int64_t most_voxels)
      : device_(std::move(device)), most_voxels_(most_voxels) {}

  void run(const float*, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink&) override {
    if (shape[0] * shape[1] * shape[2] > most_voxels_)
      throw Error(ExitCode::kTryAgain, "not enough memory on cuda:0");
  }
  std::string device() const override { return device_; }

 private:
  std::string device_;
  std::int64_t most_voxels_;
};

std::unique_ptr<InferenceNetwork> load(const Model&, const InferenceOptions& options, const Log&) {
  const bool cpu = options.device == "cpu";
  return std::make_unique<FakeNetwork>(cpu ? "cpu" : "cuda:0", cpu ? 1 << 30 : 1000);
}

class SharedNetworkTest : public testing::Test {
 protected:
  SharedNetworkTest() {
    network.load(fs::path(HYPERSYNTH_SOURCE_DIR) / "models" / "brain33-unet16.safetensors", Log());
  }

  SharedNetwork network{InferenceOptions{}, load};
};

TEST_F(SharedNetworkTest, AnImageThatFitsIsRecordedWithTheGpu) {
  NetworkOfOneImage image(network);
  image.run(nullptr, {10, 10, 10}, {});
  EXPECT_EQ(image.device(), "cuda:0");
  EXPECT_THAT(image.notice(), IsEmpty());
}

TEST_F(SharedNetworkTest, AnImageThatFellBackIsRecordedWithTheCpuAndTheNextOneIsNot) {
  NetworkOfOneImage large(network);
  large.run(nullptr, {100, 100, 100}, {});
  NetworkOfOneImage small(network);
  small.run(nullptr, {10, 10, 10}, {});
  EXPECT_EQ(large.device(), "cpu");
  EXPECT_THAT(large.notice(), HasSubstr("on the CPU"));
  EXPECT_EQ(small.device(), "cuda:0");
}

}  // namespace
}  // namespace hypersynth
