#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <regex>
#include <sstream>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model/model_file.h"
#include "engine/training/checkpoint.h"
#include "engine/training/training.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

std::vector<nlohmann::json> log_of(const TrainingOptions& options) {
  std::ifstream stream(fs::path(options.output) / "training.jsonl");
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

std::vector<float> weights_of(const TrainingOptions& options, const std::string& file,
                              const std::string& tensor) {
  const auto stored = Safetensors::read(fs::path(options.output) / file);
  return stored.floats(tensor, stored.tensors().at(tensor).shape);
}

std::string message_of(const TrainingOptions& options) {
  try {
    train(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TrainingOptions learning(const fs::path& folder, const std::string& output) {
  auto options = small_training(folder, output);
  options.method = TrainingMethod::kLearn2Synth;
  options.augmentation = "noise-bias";
  options.theta_rate_unit = ThetaRateUnit::kOne;
  return options;
}

TEST(TrainTest, EveryMethodTrainsAndWritesItsFiles) {
  const TemporaryDir folder;
  for (const auto method : {TrainingMethod::kSynthSeg, TrainingMethod::kLearn2Synth,
                            TrainingMethod::kSupervised, TrainingMethod::kMixed}) {
    SCOPED_TRACE(word_of(method));
    auto options = small_training(folder.path(), word_of(method));
    options.method = method;
    options.augmentation = "noise";
    const auto result = train(options);
    EXPECT_EQ(result.steps, 8);
    EXPECT_EQ(result.stopped_by, "all steps done");
    EXPECT_EQ(log_of(options).size(), 8u);
    EXPECT_TRUE(fs::exists(fs::path(options.output) / "model.safetensors"));
  }
}

TEST(TrainTest, FineTuningStartsFromAModelFile) {
  const TemporaryDir folder;
  const auto first = small_training(folder.path(), "first");
  train(first);
  auto options = small_training(folder.path(), "second");
  options.method = TrainingMethod::kFineTune;
  EXPECT_NE(message_of(options).find("--initial-model"), std::string::npos);
  options.initial_model = (fs::path(first.output) / "model.safetensors").string();
  options.steps = 1;
  options.optimiser.learning_rate = 1e-12;
  train(options);
  const auto before = weights_of(first, "model.safetensors", "head.weight");
  const auto after = weights_of(options, "model.safetensors", "head.weight");
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i], 1e-9);
}

TEST(TrainTest, ThetaMovesAtEveryStep) {
  const TemporaryDir folder;
  const auto options = learning(folder.path(), "out");
  train(options);
  double last = 0.05;
  for (const auto& line : log_of(options)) {
    const double sigma = line.at("theta").at("sigma").get<double>();
    EXPECT_NE(sigma, last) << line.dump();
    last = sigma;
  }
}

TEST(TrainTest, TheModelHoldsTheWeightsOfTheBestOrOfTheLastStep) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "best");
  options.validation_every = 1;
  auto last = options;
  last.output = (folder.path() / "last").string();
  last.kept_weights = KeptWeights::kLast;
  train(options);
  train(last);
  const auto head = [](const TrainingOptions& run) {
    return weights_of(run, "model.safetensors", "head.weight");
  };
  // A run without validation ends at the same weights.
  auto plain = last;
  plain.output = (folder.path() / "plain").string();
  plain.validation_every = 0;
  train(plain);
  EXPECT_EQ(head(last), head(plain));
  EXPECT_NE(head(options), head(plain));
}

TEST(TrainTest, EveryHypergradientComesWithItsSignalToNoiseRatio) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "out");
  train(options);
  for (const auto& line : log_of(options))
    EXPECT_GE(line.at("signal_to_noise").at("sigma").get<double>(), 0);
}

TEST(TrainTest, ThetaMovesAtEveryNthStepAlone) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "out");
  options.theta_delay = 2;
  options.theta_every = 3;
  train(options);
  std::vector<std::int64_t> moved;
  for (const auto& line : log_of(options)) {
    if (line.contains("hypergradient")) moved.push_back(line.at("step").get<std::int64_t>());
    EXPECT_EQ(line.contains("hypergradient"), line.contains("baseline_loss"));
  }
  EXPECT_EQ(moved, (std::vector<std::int64_t>{3, 6}));
  options.output = (folder.path() / "short").string();
  options.theta_until = 5;
  train(options);
  const auto lines = log_of(options);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.contains("hypergradient"); }),
            1);
  EXPECT_EQ(lines[4].at("theta"), lines.back().at("theta"));
}

TEST(TrainTest, ThetaGoesBackToItsBestOnceTheRealLossRisesAndStays) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "first");
  options.theta_patience = 1;
  options.batch_size = 1;
  options.steps = 110;
  train(options);
  const auto checkpoint_of = [](const TrainingOptions& run) {
    return (fs::path(run.output) / "checkpoint.safetensors").string();
  };
  auto state = *read_checkpoint(checkpoint_of(options), {options.fingerprint(), ""}, at::kCPU);
  EXPECT_EQ(state.progress.draws, 10);
  // As if the real images had been easy in the first hundred hypergradients.
  state.progress.best_loss = 0;
  state.progress.best_variance = 0;
  // Goes on in another folder, stopped after each of `stops`.
  const auto go_on = [&](const char* name, std::initializer_list<int> stops) {
    auto run = options;
    run.output = (folder.path() / name).string();
    run.steps = 230;
    fs::create_directories(run.output);
    write_checkpoint(checkpoint_of(run), state, {run.fingerprint(), ""});
    for (const int stop : stops) {
      int asked = 0;
      train(run, {}, [&] { return asked++ == stop; });
    }
    train(run);
    return run;
  };
  const auto whole = go_on("whole", {});
  const auto best = weights_of(whole, "checkpoint.safetensors", "progress.best_theta");
  EXPECT_EQ(weights_of(whole, "checkpoint.safetensors", "theta"), best);
  const auto lines = log_of(whole);
  for (const auto& line : lines) {
    const bool moves = line.at("step") <= 200;
    EXPECT_EQ(line.contains("hypergradient"), moves) << line;
    EXPECT_EQ(line.at("theta") == lines.back().at("theta"), line.at("step") >= 200) << line;
  }
  // Stopped inside a window, and while the parameters rest.
  const auto parts = go_on("parts", {40, 60});
  for (const char* tensor : {"phi", "theta", "progress.best_theta"}) {
    EXPECT_EQ(weights_of(whole, "checkpoint.safetensors", tensor),
              weights_of(parts, "checkpoint.safetensors", tensor))
        << tensor;
  }
}

TEST(TrainTest, AnIntensityPriorStartsFromTheStatisticsOfTheRealImages) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "real");
  options.augmentation = "intensity-prior";
  options.steps = 1;
  options.theta_delay = 1;
  auto own = options;
  own.output = (folder.path() / "own").string();
  own.theta_origin = ThetaOrigin::kPrior;
  train(options);
  train(own);
  const auto means = [](const TrainingOptions& run) {
    return log_of(run).front().at("theta").at("mean").get<std::vector<double>>();
  };
  EXPECT_EQ(means(own), std::vector<double>(5, 0.5));
  // The fixture's grey values are the rows of its table, of which the last is not segmented.
  for (std::size_t k = 1; k < 4; ++k)
    EXPECT_NEAR(means(options)[k], 0.25 * static_cast<double>(k), 1e-6) << k;
  EXPECT_EQ(means(options)[4], 0.5);
}

TEST(TrainTest, SingleElementsOfAParameterMayBeSet) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "out");
  options.augmentation = "intensity-prior";
  options.steps = 1;
  options.theta_delay = 1;
  options.theta_start = {{"mean", 0.25}, {"mean[2]", 0.75}};
  train(options);
  EXPECT_EQ(log_of(options).front().at("theta").at("mean").get<std::vector<double>>(),
            (std::vector<double>{0.25, 0.25, 0.75, 0.25, 0.25}));
  options.theta_start = {{"mean[5]", 0.75}};
  EXPECT_NE(message_of(options).find("mean has elements 0 to 4, not 5"), std::string::npos);
}

TEST(TrainTest, ThePriorHoldsParametersWhereTheyStart) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "out");
  options.augmentation = "intensity-prior";
  options.theta_rate_unit = ThetaRateUnit::kPrior;
  options.theta_optimiser.learning_rate = 2e-2;
  options.theta_start = {{"mean", 0.25}};  // by default 0.5
  options.prior_weight = 1e3;
  options.steps = 40;
  train(options);
  for (const double mean : log_of(options).back().at("theta").at("mean"))
    EXPECT_NEAR(mean, 0.25, 0.03);
}

TEST(TrainTest, CheckpointsOfVersion010GoOnWhereHypergradientsPlayNoPart) {
  const TemporaryDir folder;
  const std::string path = folder.path() / "checkpoint.safetensors";
  const std::string then =
      R"({"method":"synthseg","network":"pool-unet","levels":5,"features":16,"norm":"batch",)"
      R"("patch":[128,128,128],"augmentation":"none","loss":"dice+0.2*cross-entropy",)"
      R"("optimiser":{"kind":"adam","learning_rate":0.001,"momentum":0,"nesterov":false,)"
      R"("weight_decay":0,"gradient_clip":0},)"
      R"("theta_optimiser":{"kind":"adam","learning_rate":0.001,"momentum":0,"nesterov":false,)"
      R"("weight_decay":0,"gradient_clip":0},)"
      R"("theta_rate_by_prior":false,"hypergradient":"central-difference","inner_steps":1,)"
      R"("synthetic_batches":1,"real_batches":1,"batch_size":1,"average_decay":0,"seed":"1"})";
  TrainingState state;
  state.step = 7;
  write_checkpoint(path, state, {then, ""});
  TrainingOptions options;
  EXPECT_EQ(read_checkpoint(path, {options.fingerprint(), ""}, at::kCPU)->step, 7);
  options.frozen_norm = true;
  EXPECT_THROW(
      {
        try {
          read_checkpoint(path, {options.fingerprint(), ""}, at::kCPU);
        } catch (const Error& error) {
          EXPECT_NE(std::string(error.what()).find("frozen_norm was false and is true"),
                    std::string::npos)
              << error.what();
          throw;
        }
      },
      Error);
  options.frozen_norm = false;
  options.method = TrainingMethod::kLearn2Synth;
  try {
    read_checkpoint(path, {options.fingerprint(), ""}, at::kCPU);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("baseline_batches was 0 and is 1"), std::string::npos)
        << error.what();
  }
}

TEST(TrainTest, RatesByPriorScaleEachParametersStepByItsPriorsDeviation) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "plain");
  options.steps = 1;
  auto scaled = options;
  scaled.output = (folder.path() / "scaled").string();
  scaled.theta_rate_unit = ThetaRateUnit::kPrior;
  train(options);
  train(scaled);
  const auto step_of = [](const TrainingOptions& run, const char* name, double start) {
    return log_of(run).front().at("theta").at(name).get<double>() - start;
  };
  // Adam's first step: of the length of the learning rate for every parameter.
  EXPECT_NEAR(step_of(scaled, "sigma", 0.05), 0.2 * step_of(options, "sigma", 0.05), 1e-7);
  EXPECT_NEAR(step_of(scaled, "weight_low", 0), 3 * step_of(options, "weight_low", 0), 1e-7);
}

TEST(TrainTest, AResumedRunEqualsAnUninterruptedOneBitForBit) {
  const TemporaryDir folder;
  auto whole = learning(folder.path(), "whole");
  whole.average_decay = 0.9;
  whole.validation_every = 3;
  whole.optimiser.gradient_clip = 1;
  train(whole);
  auto parts = whole;
  parts.output = (folder.path() / "parts").string();
  int asked = 0;
  const auto stopped = train(parts, {}, [&] { return asked++ == 5; });
  EXPECT_EQ(stopped.stopped_by, "interrupted");
  EXPECT_EQ(stopped.steps, 5);
  train(parts);
  for (const char* tensor : {"phi", "buffers", "average_phi", "best_phi", "theta",
                             "phi_state.first", "phi_state.second", "theta_state.second",
                             "outer.sum", "hypergradients.mean_sum", "hypergradients.square_sum"}) {
    EXPECT_EQ(weights_of(whole, "checkpoint.safetensors", tensor),
              weights_of(parts, "checkpoint.safetensors", tensor))
        << tensor;
  }
  EXPECT_EQ(log_of(whole).size(), log_of(parts).size());
  double earlier = 0;
  for (const auto& line : log_of(parts)) {
    if (!line.contains("cpu_seconds")) continue;
    EXPECT_GE(line.at("cpu_seconds").get<double>(), earlier) << line;
    earlier = line.at("cpu_seconds").get<double>();
  }
  EXPECT_GT(earlier, 0);
}

/// Options of a run from a model whose running statistics are not those of fresh weights.
TrainingOptions from_a_model(const TemporaryDir& folder, const std::string& output) {
  auto first = learning(folder.path(), "first");
  first.steps = 3;
  if (!fs::exists(first.output)) train(first);
  auto options = learning(folder.path(), output);
  options.initial_model = (fs::path(first.output) / "model.safetensors").string();
  return options;
}

TEST(TrainTest, FrozenNormKeepsTheStatisticsOfTheInitialModelBitForBit) {
  const TemporaryDir folder;
  for (const auto method :
       {TrainingMethod::kSynthSeg, TrainingMethod::kLearn2Synth, TrainingMethod::kSupervised,
        TrainingMethod::kMixed, TrainingMethod::kFineTune}) {
    SCOPED_TRACE(word_of(method));
    auto options = from_a_model(folder, std::string("moving-") + word_of(method));
    options.method = method;
    options.steps = 4;
    options.average_decay = 0.9;
    options.validation_every = 2;
    auto frozen = options;
    frozen.output = (folder.path() / word_of(method)).string();
    frozen.frozen_norm = true;
    train(options);
    train(frozen);
    auto first = options;
    first.output = (folder.path() / "first").string();
    const auto statistics = weights_of(first, "checkpoint.safetensors", "buffers");
    for (const char* tensor : {"buffers", "average_buffers", "best_buffers"}) {
      EXPECT_EQ(weights_of(frozen, "checkpoint.safetensors", tensor), statistics) << tensor;
      EXPECT_NE(weights_of(options, "checkpoint.safetensors", tensor), statistics) << tensor;
    }
    EXPECT_NE(weights_of(frozen, "checkpoint.safetensors", "phi"),
              weights_of(first, "checkpoint.safetensors", "phi"));
  }
}

TEST(TrainTest, FrozenNormWithoutAnInitialModelIsRefused) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.frozen_norm = true;
  EXPECT_NE(message_of(options).find("frozen norm needs --initial-model"), std::string::npos);
}

TEST(TrainTest, ARunWithFrozenNormThatIsResumedEqualsAnUninterruptedOneBitForBit) {
  const TemporaryDir folder;
  auto whole = from_a_model(folder, "whole");
  whole.frozen_norm = true;
  whole.average_decay = 0.9;
  train(whole);
  auto parts = whole;
  parts.output = (folder.path() / "parts").string();
  int asked = 0;
  EXPECT_EQ(train(parts, {}, [&] { return asked++ == 3; }).steps, 3);
  auto other = parts;
  other.frozen_norm = false;
  EXPECT_NE(message_of(other).find("frozen_norm was true and is false"), std::string::npos);
  train(parts);
  for (const char* tensor :
       {"phi", "buffers", "average_phi", "average_buffers", "theta", "phi_state.second"}) {
    EXPECT_EQ(weights_of(whole, "checkpoint.safetensors", tensor),
              weights_of(parts, "checkpoint.safetensors", tensor))
        << tensor;
  }
}

TEST(TrainTest, EveryMethodTrainsOnReferencesThatLeaveStructuresUndrawn) {
  const TemporaryDir folder;
  for (const auto method : {TrainingMethod::kLearn2Synth, TrainingMethod::kSupervised,
                            TrainingMethod::kMixed, TrainingMethod::kFineTune}) {
    SCOPED_TRACE(word_of(method));
    auto options = from_a_model(folder, word_of(method));
    options.method = method;
    // The baseline's references are probabilities of all classes then.
    options.augmentation = "deformation";
    options.steps = 2;
    options.data = write_small_pack(folder.path(), {14}).string();
    EXPECT_EQ(message_of(options), "accepted");
  }
}

// A network that has learned a structure is not made to forget it by scans without its outline.
TEST(TrainTest, TuningOnReferencesWithoutAStructureKeepsItWhereTheyAreSaidToLackIt) {
  const TemporaryDir folder;
  auto teacher = small_training(folder.path(), "teacher");
  teacher.method = TrainingMethod::kSupervised;
  teacher.steps = 150;
  teacher.optimiser.learning_rate = 1e-2;
  train(teacher);
  const auto tuned = [&](const std::string& output, bool said) {
    auto options = small_training(folder.path(), output);
    options.method = TrainingMethod::kFineTune;
    options.initial_model = (fs::path(teacher.output) / "model.safetensors").string();
    options.steps = 60;
    options.optimiser.learning_rate = 3e-3;
    auto map = small_volume();
    std::vector<std::int32_t> unknown;
    auto reference = map;
    for (auto& label : reference.voxels) label = label == 14 ? 0 : label;
    const auto table = small_table();
    auto real = pack_real_image(image_of(map), reference, table, 1, "scan", unknown);
    auto whole = pack_real_image(image_of(map), map, table, 1, "whole", unknown);
    auto aside = whole.view();
    aside.validation = true;
    options.data = (folder.path() / "tuning.pack").string();
    write_packed_data(options.data, table, 1, {real.view(), aside},
                      said ? std::vector<std::int32_t>{14} : std::vector<std::int32_t>{});
    options.validation_every = 60;
    return train(options).validation_score;
  };
  const double forgot = tuned("forgot", false);
  const double kept = tuned("kept", true);
  EXPECT_GT(kept, forgot + 0.2) << "a third of the mean over three structures";
  EXPECT_GT(kept, 0.8);
}

TEST(TrainTest, ARunKilledAfterItsCheckpointRepeatsTheLostSteps) {
  const TemporaryDir folder;
  auto options = learning(folder.path(), "out");
  options.checkpoint_every = 3;
  int asked = 0;
  struct Killed {};
  EXPECT_THROW(train(options, {},
                     [&]() -> bool {
                       if (asked++ == 5) throw Killed();
                       return false;
                     }),
               Killed);
  // A line cut short by the kill.
  std::ofstream(fs::path(options.output) / "training.jsonl", std::ios::app) << "{\"step\": 9";
  EXPECT_EQ(train(options).steps, 8);
  const auto lines = log_of(options);
  ASSERT_EQ(lines.size(), 8u);
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(lines[i].at("step").get<std::int64_t>(), static_cast<std::int64_t>(i) + 1);
}

TEST(TrainTest, ACheckpointOfOtherOptionsIsRefusedByName) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  train(options);
  options.batch_size = 3;
  EXPECT_NE(message_of(options).find("batch_size was 2 and is 3"), std::string::npos)
      << message_of(options);
}

/// Writes a run's checkpoint again with one field of its metadata changed.
void change_checkpoint(const TrainingOptions& options, const std::string& field,
                       const std::function<std::string(std::string)>& change) {
  const std::string path = fs::path(options.output) / "checkpoint.safetensors";
  const auto file = Safetensors::read(path);
  auto metadata = file.metadata();
  metadata.at(field) = change(metadata.at(field));
  write_safetensors(path, file.tensors(), metadata);
}

TEST(TrainTest, ACheckpointThatWritesItsOptionsWithOtherDigitsIsGoneOnFrom) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.average_decay = 0.9;
  train(options);
  // As other writers of JSON write the same numbers.
  change_checkpoint(options, "options", [](const std::string& text) {
    auto other = std::regex_replace(text, std::regex("0\\.90000000000000002,"), "0.9,");
    EXPECT_NE(other, text);
    return std::regex_replace(other, std::regex(":0,"), ":0.0,");
  });
  options.steps = 9;
  std::string said;
  const auto result = train(options, Log([&](LogLevel, std::string_view text) { said += text; }));
  EXPECT_EQ(result.steps, 9);
  EXPECT_NE(said.find("going on from step 8"), std::string::npos) << said;
}

TEST(TrainTest, ADamagedCheckpointIsRefusedByItsField) {
  const TemporaryDir folder;
  const auto options = small_training(folder.path(), "out");
  train(options);
  const auto file = Safetensors::read(fs::path(options.output) / "checkpoint.safetensors");
  const auto good = file.metadata();
  for (const auto& [field, text, part] :
       {std::tuple{"state", "{\"step\":-1}", "\"step\", an integer from 0"},
        std::tuple{"state", "{\"step\":1.5}", "found 1.5"},
        std::tuple{"state", "{\"step\":1,\"step\":2}", "every key once"},
        std::tuple{"state", "[", "whose \"state\" is JSON"},
        std::tuple{"state", "[]", "a list of 0"},
        std::tuple{"options", "{", "whose \"options\" is JSON"},
        std::tuple{"options", "7", "an object"}}) {
    change_checkpoint(options, field, [&, text = text](const std::string&) { return text; });
    const auto message = message_of(options);
    EXPECT_NE(message.find("checkpoint.safetensors"), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
    change_checkpoint(options, field,
                      [&, field = field](const std::string&) { return good.at(field); });
  }
  EXPECT_EQ(message_of(options), "accepted");
}

TEST(TrainTest, ALossThatIsNotFiniteStopsTheRunNamesTheStepAndKeepsTheCheckpoint) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.optimiser.kind = OptimiserKind::kSgd;
  options.optimiser.learning_rate = 1e30;
  options.steps = 40;
  options.checkpoint_every = 1;
  const auto message = message_of(options);
  EXPECT_NE(message.find("step "), std::string::npos) << message;
  EXPECT_NE(message.find("not finite"), std::string::npos) << message;
  for (const float weight : weights_of(options, "checkpoint.safetensors", "phi"))
    ASSERT_TRUE(std::isfinite(weight));
}

TEST(TrainTest, StopsWhenTheValidationScoreNoLongerRises) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.optimiser.learning_rate = 1e-12;
  options.norm = Norm::kNone;
  options.validation_every = 1;
  options.patience = 2;
  for (const char* time : {"first", "again"}) {  // as a job that is queued again
    const auto result = train(options);
    EXPECT_EQ(result.stopped_by, "no better score") << time;
    EXPECT_EQ(result.steps, 3) << time;
  }
}

TEST(TrainTest, StopsAtItsTimeLimit) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.steps = 1000000;
  options.time_limit_s = 0.3;
  EXPECT_EQ(train(options).stopped_by, "time limit");
}

TEST(TrainTest, SupervisedTrainingLearnsToSegmentTheImage) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.method = TrainingMethod::kSupervised;
  options.steps = 150;
  options.optimiser.learning_rate = 1e-2;
  options.validation_every = 150;
  EXPECT_GT(train(options).validation_score, 0.8);
}

TEST(TrainTest, EveryFaultIsReportedBeforeTraining) {
  const TemporaryDir folder;
  const auto good = learning(folder.path(), "out");
  const auto with = [&](auto change) {
    auto options = good;
    change(options);
    return message_of(options);
  };
  const auto expect = [](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(with([](auto& o) { o.theta_start["sigma"] = 1; }), "bound");
  expect(with([](auto& o) { o.simulated_theta["gain"] = 1; }), "no parameter 'gain'");
  expect(with([](auto& o) { o.theta_start["gain"] = 1; }), "no parameter 'gain'; it has sigma");
  expect(with([](auto& o) { o.augmentation = "fog"; }), "'fog'");
  expect(with([](auto& o) { o.loss = LossFormula("-1*dice"); }), "weight of a loss term");
  expect(with([](auto& o) { o.precision = Precision::kFloat16; }), "fp16 needs");
  expect(with([](auto& o) { o.synthesis.patch = {18, 17}; }), "multiples of 2");
  expect(with([](auto& o) { o.device = ComputeDevice{}; }), "found auto");
  expect(with([](auto& o) { o.data = "absent.pack"; }), "absent.pack");
  const auto both = with([](auto& o) { o.alpha = 0, o.inner_steps = 0; });
  expect(both, "alpha");
  expect(both, "inner_steps");
  EXPECT_TRUE(log_of(good).empty());
}

TEST(TrainTest, ModelsOf3DPoolUnetsAreModelFiles) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.synthesis.patch = {8, 8, 8};
  options.steps = 1;
  options.augmentation = "intensity-prior";
  train(options);
  const auto model = read_model(fs::path(options.output) / "model.safetensors");
  EXPECT_EQ(model.weights.metadata().at("format"), "hypersynth-model");
  EXPECT_EQ(model.weights.metadata().at("version"), "2");
  EXPECT_TRUE(std::holds_alternative<PoolUnetOptions>(model.manifest.architecture));
  EXPECT_EQ(model.manifest.training.method, "synthseg");
  EXPECT_EQ(model.manifest.training.steps, 1);
  EXPECT_EQ(model.manifest.training.options, options.fingerprint());
  EXPECT_FALSE(model.manifest.training.learned_synthesis);
  EXPECT_EQ(model.manifest.training.labelled_scans, 0);
}

/// What the model file of a short run says of its training.
TrainingFacts facts_after(const TemporaryDir& folder, const std::string& output,
                          const std::function<void(TrainingOptions&)>& change) {
  auto options = small_training(folder.path(), output);
  options.steps = 2;
  change(options);
  train(options);
  return read_model(fs::path(options.output) / "model.safetensors").manifest.training;
}

TEST(TrainTest, TheModelFileSaysWhatTheSynthesisLearned) {
  const TemporaryDir folder;
  const auto learn = [](TrainingOptions& options) {
    options.method = TrainingMethod::kLearn2Synth;
    options.augmentation = "noise";
    options.theta_start = {{"sigma", 0.125}};
  };
  const auto learned = facts_after(folder, "learned", learn);
  EXPECT_EQ(learned.method, "learn2synth");
  EXPECT_EQ(learned.labelled_scans, 1);
  EXPECT_TRUE(learned.learned_synthesis);
  ASSERT_EQ(learned.synthesis.size(), 1u);
  EXPECT_EQ(learned.synthesis[0].name, "sigma");
  EXPECT_EQ(learned.synthesis[0].start, std::vector<double>{0.125});
  ASSERT_EQ(learned.synthesis[0].learned.size(), 1u);
  EXPECT_NE(learned.synthesis[0].learned[0], 0.125);
  const auto resumed = facts_after(folder, "learned", [&](TrainingOptions& options) {
    learn(options);
    options.steps = 3;
  });
  EXPECT_EQ(resumed.synthesis[0].start, learned.synthesis[0].start);
  const auto waiting = facts_after(folder, "waiting", [&](TrainingOptions& options) {
    learn(options);
    options.theta_delay = 100;
  });
  EXPECT_FALSE(waiting.learned_synthesis);
  EXPECT_EQ(waiting.synthesis[0].learned, waiting.synthesis[0].start);
  const auto large = facts_after(folder, "large", [&](TrainingOptions& options) {
    learn(options);
    options.augmentation = "unet";
    options.theta_start.clear();
  });
  ASSERT_FALSE(large.synthesis.empty());
  EXPECT_TRUE(large.synthesis[0].start.empty());
}

}  // namespace
}  // namespace hypersynth
