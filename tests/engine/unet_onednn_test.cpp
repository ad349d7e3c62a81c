#include <array>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/inference/inference_network.h"
#include "engine/inference/onednn_layers.h"

namespace hypersynth {
namespace {

const std::filesystem::path kRoot = HYPERSYNTH_SOURCE_DIR;

/// The image of tests/golden/make_unet_golden.py.
std::vector<float> test_image(std::int64_t ni, std::int64_t nj, std::int64_t nk) {
  std::vector<float> image;
  const auto relative = [](std::int64_t at, std::int64_t extent) {
    return (static_cast<double>(at) - static_cast<double>(extent) / 2) /
           static_cast<double>(extent);
  };
  for (std::int64_t k = 0; k < nk; ++k) {
    for (std::int64_t j = 0; j < nj; ++j) {
      for (std::int64_t i = 0; i < ni; ++i) {
        const double r = std::hypot(relative(i, ni), relative(j, nj), relative(k, nk));
        const double wave =
            0.6 + 0.5 * std::sin(0.3 * static_cast<double>(i)) *
                      std::cos(0.2 * static_cast<double>(j) + 0.1 * static_cast<double>(k));
        image.push_back(r < 0.45 ? static_cast<float>(std::clamp(wave, 0.0, 1.2)) : 0.0F);
      }
    }
  }
  return image;
}

const InferenceOptions kExact{.precision = InferencePrecision::kFull};

class UnetOnednnTest : public testing::Test {
 protected:
  /// [classes][nk][nj][ni]
  std::vector<float> posteriors(const InferenceOptions& options) {
    std::vector<float> result(model_.manifest.labels.size() * image_.size());
    make_onednn_unet(model_, options)
        ->run(image_.data(), {kNk, kNj, kNi},
              [&](std::int64_t k, std::int64_t j, const float* values, std::int64_t stride) {
                for (std::size_t c = 0; c < model_.manifest.labels.size(); ++c) {
                  std::copy(values + c * stride, values + c * stride + kNi,
                            result.data() + c * image_.size() + (k * kNj + j) * kNi);
                }
              });
    return result;
  }

  static constexpr std::int64_t kNi = 48;
  static constexpr std::int64_t kNj = 32;
  static constexpr std::int64_t kNk = 64;
  const Model model_ = read_model(kRoot / "models" / "brain33-unet16.safetensors");
  const std::vector<float> image_ = test_image(kNi, kNj, kNk);
};

TEST_F(UnetOnednnTest, AgreesWithPyTorchTo1e4) {
  std::ifstream stream(kRoot / "tests" / "golden" / "unet_golden.json");
  const auto golden = nlohmann::json::parse(stream);
  const auto result = posteriors(kExact);
  const auto& points = golden.at("points");
  for (std::size_t n = 0; n < points.size(); ++n) {
    const auto point = points[n].get<std::array<std::int64_t, 3>>();
    for (std::size_t c = 0; c < model_.manifest.labels.size(); ++c) {
      const auto at = c * image_.size() +
                      static_cast<std::size_t>((point[2] * kNj + point[1]) * kNi + point[0]);
      EXPECT_NEAR(result[at], golden.at("posteriors")[n][c].get<float>(), 1e-4)
          << points[n] << " class " << c;
    }
  }
  for (std::size_t c = 0; c < model_.manifest.labels.size(); ++c) {
    double sum = 0;
    for (std::size_t v = 0; v < image_.size(); ++v) sum += result[c * image_.size() + v];
    EXPECT_NEAR(sum, golden.at("channel_sums")[c].get<double>(), 1e-4 * sum + 0.01);
  }
}

TEST_F(UnetOnednnTest, TheSizeOfSlabsDoesNotChangeTheResult) {
  const auto whole = posteriors(kExact);
  for (const std::int64_t bytes : {1, 1 << 20, 5 << 20}) {
    InferenceOptions options = kExact;
    options.slab_bytes = bytes;
    const auto pieces = posteriors(options);
    float largest = 0;
    for (std::size_t v = 0; v < whole.size(); ++v) {
      largest = std::max(largest, std::abs(whole[v] - pieces[v]));
    }
    EXPECT_LT(largest, 1e-5) << bytes;
  }
}

TEST_F(UnetOnednnTest, WithBfloat16PosteriorsAreNearThoseOfFloat32) {
  InferenceOptions options;
  options.precision = InferencePrecision::kBfloat16;
  if (!has_bfloat16()) {
    try {
      make_onednn_unet(model_, options);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
    }
    return;
  }
  EXPECT_EQ(make_onednn_unet(model_, options)->precision(), "bfloat16");
  const auto rounded = posteriors(options);
  const auto exact = posteriors(kExact);
  EXPECT_NE(rounded, exact);
  double sum = 0;
  double difference = 0;
  for (std::size_t v = 0; v < exact.size(); ++v) {
    sum += exact[v];
    difference += std::abs(rounded[v] - exact[v]);
  }
  EXPECT_LT(difference, 0.01 * sum);
  EXPECT_EQ(make_onednn_unet(model_, kExact)->precision(), "float32");
  EXPECT_EQ(make_onednn_unet(model_, {})->precision(),
            bfloat16_is_faster() ? "bfloat16" : "float32");
  options.slab_bytes = 1 << 20;
  EXPECT_EQ(posteriors(options), rounded);
}

TEST_F(UnetOnednnTest, PoolingOfBfloat16KeepsTheLargestOfAnySign) {
  if (!has_bfloat16()) GTEST_SKIP() << "this processor has no bfloat16";
  const Extent extent{2, 2, 6};
  Buffer slab;
  slab.resize(16, extent, FeatureType::kBfloat16);
  auto* values = reinterpret_cast<std::int16_t*>(slab.data());
  // 0x3f80 = 1, 0xbf80 = -1, 0xc000 = -2, 0x8000 = -0: the sign bit, then larger is further from 0.
  const auto fill = [&](std::int64_t i, int value) {
    for (std::int64_t row = 0; row < 4; ++row) {
      for (std::int64_t at = 2 * i; at < 2 * i + 2; ++at)
        std::fill_n(values + (row * 6 + at) * 16, 16, static_cast<std::int16_t>(value));
    }
  };
  fill(0, 0xc000), fill(1, 0xbf80), fill(2, 0x3f80);
  values[(3 * 6 + 1) * 16 + 5] = static_cast<std::int16_t>(0xbf80);  // -1 among -2
  values[(1 * 6 + 2) * 16 + 3] = 0x3f80;                             // 1 among -1
  Features pooled(FeatureLayout::of(FeatureType::kBfloat16));
  pooled.allocate(16, extent.halved());
  pooled.store_pooled(slab, 0, 2, extent);
  Buffer found;
  pooled.load(0, 1, found);
  const auto at = [&](std::int64_t i, int c) {
    return static_cast<std::uint16_t>(
        reinterpret_cast<const std::int16_t*>(found.data())[i * 16 + c]);
  };
  for (int c = 0; c < 16; ++c) {
    EXPECT_EQ(at(0, c), c == 5 ? 0xbf80 : 0xc000) << c;
    EXPECT_EQ(at(1, c), c == 3 ? 0x3f80 : 0xbf80) << c;
    EXPECT_EQ(at(2, c), 0x3f80) << c;
  }
}

TEST_F(UnetOnednnTest, PoolingTakesEveryChannelInEitherLayout) {
  constexpr int kChannels = 48;
  const Extent extent{2, 2, 4};
  for (const bool channels_last : {false, true}) {
    const FeatureLayout layout{FeatureType::kFloat32, channels_last};
    const int size = layout.block_size(kChannels);
    Buffer slab, found;
    slab.resize(kChannels, extent, layout.type);
    auto* values = reinterpret_cast<float*>(slab.data());
    const auto at = [&](const float* from, int channel, std::int64_t voxels, std::int64_t voxel) {
      return from + (channel / size * voxels + voxel) * size + channel % size;
    };
    for (int c = 0; c < kChannels; ++c) {
      for (std::int64_t v = 0; v < extent.voxels(); ++v)
        *const_cast<float*>(at(values, c, extent.voxels(), v)) =
            static_cast<float>(100 * c + (v * 7 + c) % 16);
    }
    Features pooled(layout);
    pooled.allocate(kChannels, extent.halved());
    pooled.store_pooled(slab, 0, 2, extent);
    pooled.load(0, 1, found);
    const auto* result = reinterpret_cast<const float*>(found.data());
    for (int c = 0; c < kChannels; ++c) {
      for (std::int64_t i = 0; i < 2; ++i) {
        float largest = 0;
        for (const std::int64_t v : {0, 1, 4, 5, 8, 9, 12, 13})
          largest = std::max(largest, *at(values, c, extent.voxels(), v + 2 * i));
        EXPECT_EQ(*at(result, c, 2, i), largest) << channels_last << " " << c << " " << i;
      }
    }
  }
}

TEST_F(UnetOnednnTest, NoLayerFallsBackOnAPlainLoop) {
  if (dnnl::get_effective_cpu_isa() < dnnl::cpu_isa::avx2)
    GTEST_SKIP() << "this processor has no AVX2";
  std::vector<FeatureType> types{FeatureType::kFloat32};
  if (has_bfloat16()) types.push_back(FeatureType::kBfloat16);
  const PoolUnetLayers network(std::get<PoolUnetOptions>(model_.manifest.architecture));
  const WeightReader reader(model_.weights, network.tensors);
  const Extent extent{6, 16, 16};
  for (const auto type : types) {
    OnednnLayers layers(FeatureLayout::of(type));
    Buffer first, second, fine;
    const auto plain = reader.convolution(network.encoder[0][0]);
    const auto blocked = reader.convolution(network.encoder[0][1]);
    const auto upsample = reader.upsample(network.decoder[0][0], 32);
    const auto head = reader.head(network.head);
    const std::vector<float> image(static_cast<std::size_t>(extent.voxels()));
    for (Buffer* buffer : {&first, &second, &fine})
      buffer->resize(64, {12, 32, 32}, FeatureType::kFloat32);
    layers.convolve_plain(plain, image.data(), extent, first);
    layers.convolve(blocked, first.data(), extent, second, false);
    layers.convolve(blocked, first.data(), extent, second, true);
    layers.upsample(upsample, first, extent, fine);
    layers.convolve(head, second.data(), extent, first, false);
    for (const auto& [encoder, decoder] :
         {std::pair{1, 1}, std::pair{2, 2}, std::pair{3, 3}}) {  // the coarser levels
      const auto deep = reader.convolution(network.encoder[encoder][1]);
      const auto up = reader.upsample(network.decoder[decoder][0], 32 << decoder);
      for (Buffer* buffer : {&first, &second, &fine})
        buffer->resize(32 << decoder, {12, 32, 32}, FeatureType::kFloat32);
      layers.convolve(deep, first.data(), extent, second, false);
      layers.upsample(up, first, extent, fine);
    }
    for (const auto& kernel : layers.kernels())  // "ref:any", "conv:any+ref:any"
      EXPECT_EQ(kernel.find("ref:"), std::string::npos) << kernel;
  }
}

TEST_F(UnetOnednnTest, AStopRequestEndsTheRun) {
  const std::atomic<bool> stop{true};
  InferenceOptions options;
  options.stop = &stop;
  try {
    posteriors(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInterrupted);
  }
}

}  // namespace
}  // namespace hypersynth
