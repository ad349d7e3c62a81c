#include "nodes/shared_network.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A network that gives rows of nothing, or runs out of its device's memory after a few of them.
class FakeNetwork : public InferenceNetwork {
 public:
  FakeNetwork(std::string device, std::int64_t most_voxels)
      : device_(std::move(device)), most_voxels_(most_voxels) {}

  void run(const float*, const std::array<std::int64_t, 3>& shape,
           const PosteriorRowSink& sink) override {
    for (std::int64_t row = 0; row < shape[0] * shape[1]; ++row) {
      if (row * shape[2] > most_voxels_)
        throw Error(ExitCode::kTryAgain, "not enough memory on cuda:0");
      sink(row / shape[1], row % shape[1], nullptr, 0);
    }
  }
  bool segment(const Image& source, const SegmenterOptions&, Segmentation& result) override {
    if (device_ == "cpu") return false;
    if (on_segment) on_segment();
    result.intracranial_mm3 = 1;
    if (source.grid.voxel_count() > most_voxels_)
      throw Error(ExitCode::kTryAgain, "not enough memory on cuda:0");
    return true;
  }
  int images_at_once() const override { return device_ == "cpu" ? 1 : 2; }
  std::string device() const override { return device_; }

  static inline std::function<void()> on_segment;

 private:
  std::string device_;
  std::int64_t most_voxels_;
};

const PosteriorRowSink kNowhere = [](std::int64_t, std::int64_t, const float*, std::int64_t) {};

std::unique_ptr<InferenceNetwork> load(const Model&, const InferenceOptions& options, const Log&) {
  const bool cpu = options.device == "cpu";
  const auto gpu = "cuda:" + std::to_string(std::max(0, options.gpu));
  return std::make_unique<FakeNetwork>(cpu ? "cpu" : gpu, cpu ? 1 << 30 : 1000);
}

class SharedNetworkTest : public testing::Test {
 protected:
  SharedNetworkTest() { network.load(default_model(), Log()); }

  static fs::path default_model() {
    return fs::path(HYPERSYNTH_SOURCE_DIR) / "models" / "brain33-unet16.safetensors";
  }

  SharedNetwork network{InferenceOptions{}, load};
};

TEST_F(SharedNetworkTest, AnImageThatFitsIsRecordedWithTheGpu) {
  NetworkOfOneImage image(network);
  image.run(nullptr, {10, 10, 10}, kNowhere);
  EXPECT_EQ(image.device(), "cuda:0");
  EXPECT_THAT(image.notice(), IsEmpty());
}

TEST_F(SharedNetworkTest, AnImageThatFellBackIsRecordedWithTheCpuAndTheNextOneIsNot) {
  NetworkOfOneImage large(network);
  large.run(nullptr, {100, 100, 100}, kNowhere);
  NetworkOfOneImage small(network);
  small.run(nullptr, {10, 10, 10}, kNowhere);
  EXPECT_EQ(large.device(), "cpu");
  EXPECT_THAT(large.notice(), HasSubstr("on the CPU"));
  EXPECT_EQ(small.device(), "cuda:0");
}

TEST_F(SharedNetworkTest, EveryGpuHasANetworkOfItsOwnAndRunsBesideTheOthers) {
  std::mutex mutex;
  std::condition_variable both;
  int inside = 0;
  // A row is given only once both GPUs are in their networks.
  const auto meet = [&](std::int64_t, std::int64_t, const float*, std::int64_t) {
    std::unique_lock lock(mutex);
    ++inside;
    both.notify_all();
    EXPECT_TRUE(both.wait_for(lock, std::chrono::seconds(30), [&] { return inside == 2; }));
  };
  std::vector<std::string> devices(2);
  std::vector<std::thread> threads;
  for (const int gpu : {0, 1}) {
    threads.emplace_back([&, gpu] {
      network.load(default_model(), Log(), gpu);
      NetworkOfOneImage image(network, gpu);
      image.run(nullptr, {1, 1, 10}, meet);
      devices[static_cast<std::size_t>(gpu)] = image.device();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(devices, testing::ElementsAre("cuda:0", "cuda:1"));
}

TEST_F(SharedNetworkTest, AGpuSegmentsAsManyImagesAtOnceAsItsNetworkSays) {
  const auto segment = [&](int images) {
    std::vector<std::thread> threads;
    for (int n = 0; n < images; ++n) {
      threads.emplace_back([&] {
        Segmentation result;
        std::string notice;
        EXPECT_TRUE(network.segment(-1, Image(Grid{{10, 10, 10}}), {}, result, notice));
      });
    }
    for (auto& thread : threads) thread.join();
  };
  std::mutex mutex;
  std::condition_variable both;
  int inside = 0;
  FakeNetwork::on_segment = [&] {
    std::unique_lock lock(mutex);
    ++inside;
    both.notify_all();
    EXPECT_TRUE(both.wait_for(lock, std::chrono::seconds(30), [&] { return inside == 2; }));
  };
  segment(2);

  std::atomic<int> now{0}, most{0};
  FakeNetwork::on_segment = [&] {
    if (++now > 2) most = 3;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --now;
  };
  segment(6);
  EXPECT_EQ(most, 0) << "more than two at once";
  FakeNetwork::on_segment = nullptr;
}

TEST_F(SharedNetworkTest, AnImageThatFellBackHalfWayGivesEveryRowOnce) {
  std::vector<int> times(100 * 100);
  NetworkOfOneImage image(network);
  image.run(nullptr, {100, 100, 100},
            [&](std::int64_t k, std::int64_t j, const float*, std::int64_t) {
              ++times[static_cast<std::size_t>(k * 100 + j)];
            });
  EXPECT_THAT(times, testing::Each(1));
}

TEST_F(SharedNetworkTest, AWholeImageThatDoesNotFitIsSegmentedOnTheCpuFromTheBeginning) {
  NetworkOfOneImage small(network);
  Segmentation result;
  EXPECT_TRUE(small.segment(Image(Grid{{10, 10, 10}}), {}, result));
  EXPECT_EQ(small.device(), "cuda:0");

  NetworkOfOneImage large(network);
  EXPECT_FALSE(large.segment(Image(Grid{{100, 100, 100}}), {}, result));
  EXPECT_EQ(result.intracranial_mm3, 0);
  large.run(nullptr, {10, 10, 10}, kNowhere);  // it would fit, but nothing is tried twice
  EXPECT_EQ(large.device(), "cpu");
  EXPECT_THAT(large.notice(), HasSubstr("on the CPU"));
}

}  // namespace
}  // namespace hypersynth
