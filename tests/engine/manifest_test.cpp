#include "engine/model/manifest.h"

#include <functional>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model_support.h"

namespace hypersynth {
namespace {

int between(std::mt19937& random, int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(random);
}

Norm any_norm(std::mt19937& random) {
  return std::array{Norm::kNone, Norm::kInstance, Norm::kBatch}[random() % 3];
}

Architecture any_architecture(std::mt19937& random, std::int64_t classes) {
  const auto names = architecture_names();
  NetworkChoice choice;
  choice.dimensions = between(random, 2, 3);
  choice.classes = classes;
  choice.levels = between(random, 1, 8);
  choice.features = between(random, 1, 64);
  choice.norm = any_norm(random);
  const auto& name = names[random() % names.size()];
  if (name == PoolUnetOptions::kName && choice.norm == Norm::kInstance) choice.norm = Norm::kNone;
  return make_architecture(name, choice);
}

double any_number(std::mt19937& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

std::string any_text(std::mt19937& random) {
  std::string text;
  for (auto n = random() % 10; n > 0; --n) text += static_cast<char>(random() % 128);
  return random() % 4 == 0 ? text + "\xc3\xa9" : text;
}

ModelManifest any_manifest(std::mt19937& random) {
  ModelManifest manifest;
  manifest.labels.push_back({0, "background"});
  for (int n = between(random, 1, 40); n > 0; --n) {
    manifest.labels.push_back({static_cast<std::int32_t>(manifest.labels.size() * 7),
                               any_text(random), random() % 2 == 0});
  }
  std::shuffle(manifest.labels.begin(), manifest.labels.end(), random);
  manifest.architecture =
      any_architecture(random, static_cast<std::int64_t>(manifest.labels.size()));
  manifest.input.spacing_mm = any_number(random, 0.06, 19);
  manifest.input.low_percentile = any_number(random, 0, 40);
  manifest.input.high_percentile = any_number(random, 50, 100);
  manifest.input.clamp_min = any_number(random, -3, 0);
  manifest.input.clamp_max = any_number(random, 0.1, 3);
  manifest.training = {any_text(random), static_cast<std::int64_t>(random()), random() % 2 == 0,
                       any_text(random), static_cast<std::int64_t>(random() % 100)};
  for (auto n = random() % 3; n > 0; --n) {
    SynthesisParameter parameter{any_text(random), {}, {}};
    for (auto elements = random() % 4; elements > 0; --elements) {
      parameter.start.push_back(any_number(random, -1, 1));
      parameter.learned.push_back(any_number(random, -1, 1));
    }
    manifest.training.synthesis.push_back(std::move(parameter));
  }
  return manifest;
}

TEST(ManifestTest, ReadsWhatItWrites) {
  std::mt19937 random(11);
  for (int trial = 0; trial < 500; ++trial) {
    const auto manifest = any_manifest(random);
    const auto metadata = format_manifest(manifest);
    const auto back = parse_manifest(metadata, "m.st");
    EXPECT_TRUE(back == manifest) << metadata.at("architecture");
    EXPECT_EQ(format_manifest(back), metadata);
  }
}

TEST(ManifestTest, SaysInItsFieldsWhatTheModelIs) {
  const auto metadata = format_manifest(small_manifest());
  EXPECT_EQ(metadata.at("format"), "hypersynth-model");
  EXPECT_EQ(metadata.at("version"), "2");
  EXPECT_EQ(metadata.at("architecture"),
            R"({"name":"pool-unet","dimensions":3,"levels":2,"base_features":2,"norm":"batch"})");
  EXPECT_EQ(metadata.at("labels"),
            R"([{"index":0,"name":"background"},{"index":2,"name":"left x"},)"
            R"({"index":41,"name":"right x"},{"index":24,"name":"CSF","scattered":true}])");
  EXPECT_EQ(metadata.at("input"), R"({"orientation":"RAS","spacing_mm":1.0,"low_percentile":0.5,)"
                                  R"("high_percentile":99.5,"clamp_min":0.0,"clamp_max":1.2})");
  EXPECT_EQ(metadata.at("training"),
            R"({"method":"synthseg","steps":10,"learned_synthesis":false,"options":"{\"a\":1}"})");
}

TEST(ManifestTest, WhatTheSynthesisLearnedIsSaid) {
  auto manifest = small_manifest();
  manifest.training = {"learn2synth", 10, true, "", 12, {{"mean", {0.5, 1}, {0.25, 1}}}};
  EXPECT_EQ(format_manifest(manifest).at("training"),
            R"({"method":"learn2synth","steps":10,"learned_synthesis":true,"labelled_scans":12,)"
            R"("synthesis":[{"name":"mean","start":[0.5,1.0],"learned":[0.25,1.0]}]})");
  EXPECT_EQ(parse_manifest(format_manifest(manifest), "m.st"), manifest);
  auto mean = manifest;
  mean.training.tuned_share = 0.5;
  EXPECT_EQ(parse_manifest(format_manifest(mean), "m.st"), mean);
  const auto refused = [&](const std::string& from, const std::string& to) {
    auto metadata = format_manifest(manifest);
    auto& text = metadata.at("training");
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    try {
      parse_manifest(metadata, "m.st");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused("[0.25,1.0]", "[0.25]"),
            "m.st: expected metadata \"training\": as many elements in \"learned\" as in "
            "\"start\", 2, found 1");
  EXPECT_NE(refused("12", "-1").find("\"labelled_scans\", an integer from 0"), std::string::npos);
  EXPECT_NE(
      refused("\"labelled_scans\":12", "\"tuned_share\":1.5").find("\"tuned_share\", a number"),
      std::string::npos);
  EXPECT_NE(refused("1.0]", "\"a\"]").find("an element of \"start\""), std::string::npos);
}

/// What refuses the small manifest after `change`: expected and found.
InputFindings refusal(const std::function<void(ModelMetadata&)>& change) {
  auto metadata = format_manifest(small_manifest());
  change(metadata);
  try {
    parse_manifest(metadata, "m.st");
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), "m.st");
    return {error.path(), error.expected(), error.found()};
  }
  return {"m.st", "accepted", ""};
}

InputFindings refusal(const std::string& field, const std::string& from, const std::string& to) {
  return refusal([&](ModelMetadata& metadata) {
    auto& text = metadata.at(field);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  });
}

TEST(ManifestTest, EveryDamageIsNamed) {
  const auto expect = [](const std::string& field, const std::string& from, const std::string& to,
                         const std::string& expected, const std::string& found) {
    const auto findings = refusal(field, from, to);
    EXPECT_NE(findings.expected.find(expected), std::string::npos) << findings.expected;
    EXPECT_NE(findings.found.find(found), std::string::npos) << findings.found;
    if (field != "format" && field != "version") {
      EXPECT_EQ(findings.expected.rfind("metadata \"" + field + "\": ", 0), 0u)
          << findings.expected;
    }
  };
  expect("format", "hypersynth-model", "x", "format \"hypersynth-model\"", "\"x\"");
  expect("version", "2", "3", "version \"1\" or \"2\"", "\"3\"");
  expect("architecture", "pool-unet", "vit", "one of pool-unet, resize-unet, dilated", "vit");
  expect("architecture", "\"levels\":2", "\"levels\":9", "\"levels\", an integer from 1 to 8", "9");
  expect("architecture", "\"levels\":2", "\"levels\":\"2\"", "\"levels\", an integer", "\"2\"");
  expect("architecture", "\"dimensions\":3", "\"dimensions\":4", "from 2 to 3", "4");
  expect("architecture", "\"base_features\":2", "\"base_features\":0", "from 1 to 65536", "0");
  expect("architecture", "\"norm\":\"batch\"", "\"norm\":\"instance\"", "one of none, batch",
         "instance");
  expect("architecture", ",\"norm\":\"batch\"", "", "\"norm\"", "no such key");
  expect("architecture", "}", "", "JSON", "parse error");
  expect("labels", "\"index\":2", "\"index\":0", "every \"index\" once", "0 again");
  expect("labels", "\"index\":0", "\"index\":1", "a background, \"index\" 0", "none");
  expect("labels", "\"index\":2", "\"index\":3000000000", "an integer from 0", "3000000000");
  expect("labels", "true", "1", "\"scattered\", true or false", "1");
  expect("labels", "\"left x\"", "7", "\"name\", text", "7");
  expect("labels", "\"name\":\"left x\"", "\"index\":2", "every key once", "\"index\" again");
  expect("input", "RAS", "LPI", "\"orientation\", RAS", "LPI");
  expect("input", "\"spacing_mm\":1.0", "\"spacing_mm\":0.01", "between 0.05 and 20", "0.01");
  expect("input", "\"spacing_mm\":1.0", "\"spacing_mm\":[1]", "\"spacing_mm\", a number", "a list");
  expect("input", "\"spacing_mm\":1.0", "\"spacing_mm\":1e999", "JSON", "number overflow");
  expect("input", "99.5", "0.2", "a low and a higher percentile", "0.5");
  expect("input", "1.2", "-1", "in ascending order", "-1");
  expect("training", "\"steps\":10", "\"steps\":-1", "\"steps\", an integer from 0", "-1");
  expect("training", "false", "0", "\"learned_synthesis\", true or false", "0");
  for (const char* field : {"format", "version", "architecture", "labels", "input", "training"}) {
    const auto missing = refusal([&](ModelMetadata& metadata) { metadata.erase(field); });
    EXPECT_NE(missing.expected.find(field), std::string::npos) << missing.expected;
    EXPECT_EQ(missing.found, "none");
    for (const std::string& text : {std::string(), std::string(500, '['), std::string("null"),
                                    std::string("{}"), std::string("[[]]")}) {
      EXPECT_NE(refusal([&](ModelMetadata& metadata) { metadata[field] = text; }).expected,
                "accepted")
          << field << " " << text.substr(0, 10);
    }
  }
}

TEST(ManifestTest, RandomDamageNeverCrashes) {
  std::mt19937 random(4);
  for (int trial = 0; trial < 5000; ++trial) {
    auto metadata = format_manifest(small_manifest());
    auto field = std::next(metadata.begin(), static_cast<std::ptrdiff_t>(random() % 6));
    for (auto n = 1 + random() % 3; n > 0; --n)
      field->second[random() % field->second.size()] = static_cast<char>(random() % 256);
    try {
      parse_manifest(metadata, "m.st");
    } catch (const InputError&) {
    }
  }
}

TEST(ArchitectureTest, AnUnknownNetworkIsNamedWithThoseThereAre) {
  EXPECT_EQ(architecture_names(),
            (std::vector<std::string>{"pool-unet", "resize-unet", "dilated"}));
  try {
    make_architecture("vit", {});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "unknown network 'vit': choose from pool-unet, resize-unet, dilated");
  }
}

}  // namespace
}  // namespace hypersynth
