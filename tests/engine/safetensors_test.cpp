#include "engine/model/safetensors.h"

#include <cmath>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes,
                               std::int64_t declared = -1) {
  const std::uint64_t length = declared < 0 ? header.size() : static_cast<std::uint64_t>(declared);
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

void expect_refused(const std::vector<std::byte>& bytes, const std::string& part_of_message) {
  try {
    Safetensors::parse(bytes, "m.safetensors");
    FAIL() << "accepted; expected: " << part_of_message;
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(part_of_message), std::string::npos) << error.what();
  }
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  const std::vector<float> weights = {1, -2.5F, 3e-8F, 4e30F, 5, 6};
  const std::vector<std::uint16_t> halves = {half_from_float(0.5F), half_from_float(-3)};
  const std::map<std::string, TensorView> tensors = {
      {"a.weight",
       {ElementType::kF32, {2, 3}, reinterpret_cast<const std::byte*>(weights.data()), 24}},
      {"b", {ElementType::kF16, {2}, reinterpret_cast<const std::byte*>(halves.data()), 4}},
      {"empty", {ElementType::kF32, {0, 7}, nullptr, 0}}};
  const auto file = Safetensors::parse(format_safetensors(tensors, {{"k", "v\"\n"}}), "m");
  EXPECT_EQ(file.metadata().at("k"), "v\"\n");
  EXPECT_EQ(file.floats("a.weight", {2, 3}), weights);
  EXPECT_EQ(file.floats("b", {2}), (std::vector<float>{0.5F, -3}));
  EXPECT_TRUE(file.floats("empty", {0, 7}).empty());
}

TEST(SafetensorsTest, DamagedFilesAreRefusedWithTheReason) {
  const std::string tensor = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  expect_refused({}, "at least 8 bytes");
  expect_refused(file_of(tensor, 8, 1'000'000'000'000), "header of at most");
  expect_refused(file_of(tensor, 8, 200'000'000), "header of at most");
  expect_refused(file_of(tensor, 4), "offsets of tensor \"a\"");
  expect_refused(file_of(tensor, 12), "8 data bytes");
  expect_refused(file_of(tensor.substr(0, 20), 8), "header in JSON");
  expect_refused(file_of("[]", 0), "header in JSON");
  expect_refused(file_of(R"({"a":{"dtype":"F7","shape":[2],"data_offsets":[0,8]}})", 8),
                 "found F7");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
                 "expected 12 bytes");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
                 "non-negative");
  expect_refused(
      file_of(R"({"a":{"dtype":"F32","shape":[9000000000,9000000000],"data_offsets":[0,8]}})", 8),
      "non-negative");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
                 "offsets");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0.5,8]}})", 8),
                 "header in JSON");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                         R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                         12),
                 "without overlap");
  expect_refused(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                         12),
                 "without overlap");
}

TEST(SafetensorsTest, HostileHeadersAreRefusedWithTheReason) {
  const std::string tensor = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const auto refuse = [](const std::string& header, const std::string& expected,
                         const std::string& found) {
    try {
      Safetensors::parse(file_of(header, 8), "m.safetensors");
      ADD_FAILURE() << "accepted: " << header.substr(0, 80);
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), "m.safetensors");
      EXPECT_NE(error.expected().find(expected), std::string::npos) << error.what();
      EXPECT_NE(error.found().find(found), std::string::npos) << error.what();
    }
  };
  refuse("{" + tensor + "," + tensor + "}", "every key once", "\"a\" again");
  refuse("{" + tensor + R"(,"__metadata__":{"k":"1","k":"2"}})", "every key once", "\"k\" again");
  refuse("{" + tensor + R"(,"__metadata__":[]})", "\"__metadata__\", an object", "a list of 0");
  refuse("{" + tensor + R"(,"__metadata__":{"k":1}})", "\"k\" of the metadata, text", "1");
  refuse("{\"a\":" + std::string(1000, '['), "at most 64 levels", "more");
  refuse(std::string(1000000, '['), "at most 64 levels", "more");
  refuse("{\"a\":7}", "an object with \"dtype\"", "7");
  refuse(R"({"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}})", "\"dtype\", text", "4");
  refuse(R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", "\"shape\", a list", "2");
  refuse(R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})", "an integer", "\"2\"");
  refuse(R"({"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}})", "an integer", "1e+300");
  refuse(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,8]}})", "JSON",
         "number overflow");
  refuse(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}})",
         "an integer", "1e+20");
  refuse(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", "offsets", "a list of 1");
  refuse(R"({"a":{"dtype":"F32","shape":[2]}})", "\"data_offsets\"", "no such key");
}

TEST(SafetensorsTest, AskingForTheWrongTensorSaysWhatIsThere) {
  const auto file = Safetensors::parse(
      file_of(R"({"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}})", 8), "m");
  EXPECT_THROW(file.floats("b", {2}), InputError);
  EXPECT_THROW(file.floats("a", {2}), InputError);
}

TEST(SafetensorsTest, RandomDamageNeverCrashes) {
  std::mt19937 generator(3);
  const std::vector<float> values(64, 1.5F);
  const auto data = reinterpret_cast<const std::byte*>(values.data());
  const auto good = format_safetensors(
      {{"x", {ElementType::kF32, {4, 8}, data, 128}}, {"y", {ElementType::kF64, {16}, data, 128}}},
      {{"format", "hypersynth-model"}});
  for (int trial = 0; trial < 20000; ++trial) {
    auto bytes = good;
    for (auto n = 1 + generator() % 4; n > 0; --n) {
      bytes[generator() % std::min<std::size_t>(bytes.size(), 260)] = std::byte(generator() % 256);
    }
    if (generator() % 4 == 0) bytes.resize(generator() % bytes.size());
    try {
      const auto file = Safetensors::parse(bytes, "m");
      for (const auto& [name, view] : file.tensors()) {
        if (view.type != ElementType::kU8) continue;
        EXPECT_LE(view.bytes, bytes.size());
      }
    } catch (const InputError&) {
    }
  }
}

TEST(HalfPrecisionTest, EveryHalfSurvivesTheWayToFloatAndBack) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = float_from_half(half);
    if (std::isnan(wide)) {
      EXPECT_EQ(half_from_float(wide) & 0x7c00, 0x7c00);
    } else {
      EXPECT_EQ(half_from_float(wide), half) << bits;
    }
  }
}

TEST(HalfPrecisionTest, RoundsToNearestEvenAndOverflowsToInfinity) {
  EXPECT_EQ(float_from_half(0x3c00), 1.0F);
  EXPECT_EQ(float_from_half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(half_from_float(1 + std::ldexp(1.0F, -11)), 0x3c00);
  EXPECT_EQ(half_from_float(1 + 3 * std::ldexp(1.0F, -11)), 0x3c02);
  EXPECT_EQ(half_from_float(65519.996F), 0x7bff);
  EXPECT_EQ(half_from_float(65520.0F), 0x7c00);
  EXPECT_EQ(half_from_float(-1e9F), 0xfc00);
}

}  // namespace
}  // namespace hypersynth
