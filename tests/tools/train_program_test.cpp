#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

ProcessResult train(const Arguments& arguments) { return run_tool(HYPERSYNTH_TRAIN, arguments); }

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Packed data in a folder of its own.
class TrainProgramTest : public testing::Test {
 protected:
  Arguments good() const { return folder_.train_arguments(data_); }

  /// Training is refused and out/run is not even made.
  void expect_refused(const Arguments& arguments, int exit_code, const Arguments& parts) const {
    expect_failure(train(arguments), exit_code, parts);
    EXPECT_EQ(folder_.outputs(), std::vector<std::string>{"data.pack"});
  }

  ToolFolder folder_;
  std::string data_ = folder_.pack();
};

TEST_F(TrainProgramTest, EveryMethodTrainsAndWritesItsFiles) {
  const Arguments learned{"--augmentation", "noise-bias"};
  const std::string model = folder_ / "out/run/model.safetensors";
  for (const std::string method : {"synthseg", "learn2synth", "supervised", "mixed", "finetune"}) {
    SCOPED_TRACE(method);
    fs::remove(folder_ / "out/run/checkpoint.safetensors");
    auto arguments = good() + learned + Arguments{"--method", method};
    if (method == "finetune") arguments = arguments + Arguments{"--initial-model", model};
    const auto result = train(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out.rfind("steps\t6\nstopped_by\tall steps done\n", 0), 0u) << result.out;
    EXPECT_EQ(folder_.outputs(),
              (std::vector<std::string>{"data.pack", "run", "run/checkpoint.safetensors",
                                        "run/model.safetensors", "run/training.jsonl"}));
  }
}

/// The JSON header of a safetensors file.
std::string header_of(const std::string& path) {
  const std::string file = read_text(path);
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), sizeof size);
  return file.substr(sizeof size, size);
}

TEST_F(TrainProgramTest, AModelFileDescribesTheNetworkThatItHolds) {
  const std::string model = folder_ / "out/run/model.safetensors";
  // Of the network's parameters, in JSON that is text of the header's JSON.
  const std::map<std::string, std::string> words = {
      {"pool-unet",
       R"({\"name\":\"pool-unet\",\"dimensions\":2,\"levels\":2,\"base_features\":4,)"},
      {"resize-unet", R"({\"name\":\"resize-unet\",\"dimensions\":2,\"features\":[4,8],)"},
      {"dilated", R"({\"name\":\"dilated\",\"dimensions\":2,\"features\":4,)"}};
  for (const auto& [network, own] : words) {
    SCOPED_TRACE(network);
    fs::remove(folder_ / "out/run/checkpoint.safetensors");
    const auto result = train(good() + Arguments{"--network", network, "--norm", "none"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string header = header_of(model);
    for (const auto& [other, word] : words)
      EXPECT_EQ(header.find(word) != std::string::npos, other == network) << word;
  }
}

TEST_F(TrainProgramTest, RefusesDataThatIsMissingOrNoPack) {
  expect_refused(folder_.train_arguments(folder_ / "absent.pack"), 66, {folder_ / "absent.pack"});
  expect_refused(folder_.train_arguments(folder_ / "labels.tsv"), 65,
                 {folder_ / "labels.tsv", "hypersynth-pack"});
  expect_refused(folder_.train_arguments(folder_ / "out"), 66, {folder_ / "out"});
}

TEST_F(TrainProgramTest, RefusesAPackThatIsCutShortOrOfAnotherVersion) {
  const auto size = fs::file_size(data_);
  const auto copy = folder_ / "copy.pack";
  for (const auto bytes : {size - 1, size / 2, std::uintmax_t{100}, std::uintmax_t{3}}) {
    fs::copy_file(data_, copy, fs::copy_options::overwrite_existing);
    fs::resize_file(copy, bytes);
    expect_refused(folder_.train_arguments(copy), 65, {copy});
  }
  fs::copy_file(data_, copy, fs::copy_options::overwrite_existing);
  std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary) << "HSPACK01";
  expect_refused(folder_.train_arguments(copy), 65, {copy});
}

TEST_F(TrainProgramTest, RefusesDataWithoutWhatTheMethodNeeds) {
  const auto maps = folder_ / "maps.pack", scans = folder_ / "scans.pack";
  const Arguments table{"--label-table", folder_ / "labels.tsv"};
  run_tool(HYPERSYNTH_PACK, table + Arguments{"--label-maps", folder_ / "maps", "--output", maps});
  run_tool(HYPERSYNTH_PACK,
           table + Arguments{"--real-images", folder_ / "scan.nii.gz", "--real-references",
                             folder_ / "reference.nii.gz", "--output", scans});
  const Arguments learned{"--augmentation", "noise", "--method"};
  for (const std::string method : {"learn2synth", "supervised", "mixed"})
    expect_refused(folder_.train_arguments(maps) + learned + Arguments{method}, 65,
                   {maps, "real images"});
  for (const std::string method : {"synthseg", "learn2synth", "mixed"})
    expect_refused(folder_.train_arguments(scans) + learned + Arguments{method}, 65,
                   {scans, "label maps"});
}

TEST_F(TrainProgramTest, RefusesToValidateWithoutVolumesSetAside) {
  expect_refused(good() + Arguments{"--validation-every", "3"}, 65, {data_, "validation"});
}

TEST_F(TrainProgramTest, RefusesOptionsThatMakeNoSense) {
  const auto expect = [&](const Arguments& more, const Arguments& parts) {
    SCOPED_TRACE(more.back());
    expect_refused(good() + more, 64, parts);
  };
  expect({"--colour", "red"}, {"--colour"});
  expect({"--steps", "many"}, {"--steps", "many"});
  expect({"--steps", "0"}, {"steps"});
  expect({"--nesterov=no"}, {"--nesterov"});
  expect({"--method", "magic"}, {"magic", "synthseg"});
  expect({"--method", "finetune"}, {"--initial-model"});
  expect({"--patch", "17x16"}, {"multiples of 2", "17"});
  expect({"--patch", "16x16x16x16"}, {"patch"});
  expect({"--scaling", "1.5"}, {"scaling"});
  expect({"--precision", "half"}, {"half"});
  expect({"--precision", "fp16"}, {"fp16", "--device cuda"});
  expect({"--device", "tpu"}, {"tpu"});
  expect({"--alpha", "-1", "--patience", "3"}, {"alpha", "patience"});
  const Arguments learned{"--method", "learn2synth", "--augmentation", "noise"};
  expect(learned + Arguments{"--theta-start", "sigma=1"}, {"sigma", "bound"});
  expect(learned + Arguments{"--theta-start", "gain=1"}, {"gain", "sigma"});
  expect(learned + Arguments{"--theta-start", "sigma"}, {"NAME=NUMBER"});
  expect({"--method", "learn2synth", "--augmentation", "fog"}, {"fog"});
  expect({"--method", "learn2synth"}, {"--augmentation"});
}

TEST_F(TrainProgramTest, RefusesAnInitialModelThatDoesNotFit) {
  const Arguments finetune{"--method", "finetune", "--initial-model"};
  expect_refused(good() + finetune + Arguments{folder_ / "absent"}, 66, {folder_ / "absent"});
  expect_refused(good() + finetune + Arguments{folder_ / "labels.tsv"}, 65,
                 {folder_ / "labels.tsv"});
}

TEST_F(TrainProgramTest, RefusesOutputThatCannotBeCreated) {
  auto arguments = good();
  *(std::find(arguments.begin(), arguments.end(), "--output") + 1) = folder_ / "labels.tsv/run";
  expect_refused(arguments, 73, {folder_ / "labels.tsv/run"});
}

TEST_F(TrainProgramTest, RefusesADamagedCheckpointAndLeavesItAlone) {
  ASSERT_EQ(train(good()).exit_code, 0);
  const auto checkpoint = folder_ / "out/run/checkpoint.safetensors";
  const auto log = read_text(folder_ / "out/run/training.jsonl");
  for (const auto bytes : {fs::file_size(checkpoint) - 1, std::uintmax_t{40}, std::uintmax_t{0}}) {
    fs::resize_file(checkpoint, bytes);
    expect_failure(train(good()), 65, {checkpoint});
    EXPECT_EQ(fs::file_size(checkpoint), bytes);
  }
  fs::copy_file(folder_ / "out/run/model.safetensors", checkpoint,
                fs::copy_options::overwrite_existing);
  expect_failure(train(good()), 65, {checkpoint, "checkpoint"});
  EXPECT_EQ(read_text(folder_ / "out/run/training.jsonl"), log);
  EXPECT_EQ(train(good() + Arguments{"--restart"}).exit_code, 0);
}

TEST_F(TrainProgramTest, NamesTheOptionsInWhichACheckpointDiffers) {
  ASSERT_EQ(train(good()).exit_code, 0);
  expect_failure(train(good() + Arguments{"--features", "8"}), 64,
                 {folder_ / "out/run/checkpoint.safetensors", "features was 4 and is 8"});
}

TEST_F(TrainProgramTest, LeavesNoHalfWrittenFileOnAFullDisk) {
  expect_failure(run_tool_on_full_disk(HYPERSYNTH_TRAIN, good(), 4), 74, {folder_ / "out/run"});
  for (const auto& name : folder_.outputs())
    EXPECT_EQ(name.find("safetensors"), std::string::npos) << name;
}

TEST_F(TrainProgramTest, GoesOnWhereItWasStoppedByASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    auto arguments = good() + Arguments{"--steps", "100000"};
    arguments.insert(arguments.begin(), HYPERSYNTH_TRAIN);
    const auto log = folder_ / "out/run/training.jsonl";
    const auto before = read_text(log).size();
    Process process(arguments, {{"OMP_NUM_THREADS", "1"}});
    while (process.running() && read_text(log).size() < before + 500)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    process.send(signal);
    const auto result = process.wait();
    EXPECT_EQ(result.exit_code, 130) << result.err;
    EXPECT_NE(result.out.find("stopped_by\tinterrupted"), std::string::npos);
    EXPECT_TRUE(fs::exists(folder_ / "out/run/checkpoint.safetensors"));
    EXPECT_TRUE(fs::exists(folder_ / "out/run/model.safetensors"));
  }
  const auto result = train(good() + Arguments{"--steps", "100000", "--time-limit-s", "0.1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("going on from step"), std::string::npos) << result.err;
  EXPECT_NE(result.out.find("stopped_by\ttime limit"), std::string::npos) << result.out;
}

TEST(TrainHelpTest, NamesTheOptionsOfEveryPart) {
  const auto result = train({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* text : {"--method", "--patch", "[128x128x128]", "--bias-probability", "[0.95]",
                           "--background-low", "--isotropic-mm", "--augmentation", "--loss",
                           "--theta-learning-rate", "--time-limit-s", "--restart"})
    EXPECT_NE(result.out.find(text), std::string::npos) << text;
}

}  // namespace
}  // namespace hypersynth
