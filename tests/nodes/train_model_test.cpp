#include "nodes/train_model.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/error.h"
#include "engine/model/model_file.h"
#include "engine/training_fixture.h"
#include "nodes/small_training.h"
#include "support/process.h"
#include "support/temporary_dir.h"
#include "support/test_child.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
namespace stdfs = std::filesystem;

class TrainModelTest : public testing::Test {
 protected:
  TrainModelTest() {
    in.data = write_small_pack(folder.path()).string();
    in.options = small_words();
    in.checkpoints = folder / "runs/finetune of a site";  // a path with spaces
  }

  /// As the engine would run the node: an attempt has a folder of its own; the seed is the key.
  TrainModel::Outputs run(std::uint64_t key = 1, const std::stop_token& stop = {}) {
    pipeline::NodeContext context("train", fs::path(folder / ("work" + std::to_string(++attempt))),
                                  {}, key, stop);
    try {
      auto out = TrainModel{}.run(in, context);
      warnings = context.warnings();
      return out;
    } catch (...) {
      warnings = context.warnings();
      throw;
    }
  }

  /// Trains `steps` steps of a run, then is interrupted: what a killed run leaves.
  void leave_checkpoint(std::uint64_t key, const std::string& steps) {
    auto whole = in.options;
    in.options.insert(in.options.end(), {"--steps", steps});
    run(key);
    in.options = whole;
  }

  std::string checkpoint() const { return in.checkpoints + "/checkpoint.safetensors"; }

  TemporaryDir folder;
  TrainModel::Inputs in;
  std::vector<std::string> warnings;
  int attempt = 0;
};

TEST_F(TrainModelTest, AModelOfTwoDimensionsIsTrainedWithALogOfItsSteps) {
  const auto out = run();
  EXPECT_EQ(out.steps, 6);
  EXPECT_EQ(out.patch, "16x16");
  EXPECT_GT(out.wall_s, 0);
  EXPECT_GT(out.cpu_s, 0);
  EXPECT_GT(out.peak_memory_bytes, 1e6);
  EXPECT_THAT(warnings, testing::IsEmpty());
  const auto manifest = read_model(out.model.string()).manifest;
  EXPECT_EQ(dimensions_of(manifest.architecture), 2);
  const auto log = read_text(out.log.string());
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 6);
  EXPECT_THAT(log, HasSubstr("synthetic_loss"));
}

TEST_F(TrainModelTest, ARunThatWasStoppedGoesOnAndEndsAsOneThatWasNot) {
  const auto whole = read_text(run(7).model.string());
  in.checkpoints = folder / "stopped";
  leave_checkpoint(7, "3");
  const auto out = run(7);
  EXPECT_EQ(out.steps, 6);
  EXPECT_EQ(read_text(out.model.string()), whole);
  const auto log = read_text(out.log.string());
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 6);
}

TEST_F(TrainModelTest, ACancelledRunSaysSoAndKeepsItsCheckpoint) {
  const auto whole = read_text(run(7).model.string());
  in.checkpoints = folder / "cancelled";
  std::stop_source stop;
  stop.request_stop();
  try {
    run(7, stop.get_token());
    FAIL() << "a cancelled training has a result";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInterrupted);
    EXPECT_THAT(error.what(), HasSubstr("run again"));
  }
  EXPECT_TRUE(stdfs::exists(checkpoint()));
  EXPECT_EQ(read_text(run(7).model.string()), whole);
}

TEST_F(TrainModelTest, ACheckpointOfOtherInputsIsNotUsed) {
  const auto whole = read_text(run(1).model.string());
  in.checkpoints = folder / "others";
  leave_checkpoint(2, "3");
  // Of another network as well, which could not go on at all.
  const auto options = in.options;
  in.options.insert(in.options.end(), {"--features", "2"});
  leave_checkpoint(3, "3");
  in.options = options;
  EXPECT_EQ(read_text(run(1).model.string()), whole);
}

TEST_F(TrainModelTest, ACheckpointOfOtherInputsIsGoneBeforeTheFolderIsThisRuns) {
  leave_checkpoint(2, "3");
  in.data = folder / "absent.pack";  // so that the run ends before its first checkpoint
  EXPECT_THROW(run(1), InputError);
  EXPECT_FALSE(stdfs::exists(checkpoint()));
}

TEST_F(TrainModelTest, AWordThatIsNoOptionOrNoValueIsNamed) {
  const auto options = in.options;
  for (const auto& [option, value] : {std::pair{"--learning-rte", "1"}, {"--steps", "many"}}) {
    in.options = options;
    in.options.insert(in.options.end(), {option, value});
    try {
      run();
      FAIL() << option << " " << value << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(option));
    }
    EXPECT_FALSE(stdfs::exists(in.checkpoints));
  }
}

TEST_F(TrainModelTest, OptionsThatContradictEachOtherAreRefusedBeforeAnythingIsWritten) {
  in.options.insert(in.options.end(), {"--method", "finetune"});
  try {
    run();
    FAIL() << "finetune needs an initial model";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--initial-model"));
  }
  EXPECT_FALSE(stdfs::exists(in.checkpoints));
}

TEST_F(TrainModelTest, TheDeviceAndFilesOfTheStepWinOverThoseOfTheOptions) {
  in.options.insert(in.options.end(), {"--device", "cuda:7", "--data", "other.pack", "--output",
                                       folder / "elsewhere"});
  EXPECT_EQ(run().steps, 6);
  EXPECT_FALSE(stdfs::exists(folder / "elsewhere"));
}

TEST_F(TrainModelTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder / "file") << "no folder";
  in.checkpoints = folder / "file/runs";
  try {
    run();
    FAIL() << "a checkpoint was written into a file";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr(in.checkpoints));
  }
}

/// Lets this process address `more` bytes besides those that it does; 0: as many as it likes.
void limit_memory(rlim_t more) {
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  limit.rlim_cur =
      more == 0 ? limit.rlim_max : static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + more;
  if (::setrlimit(RLIMIT_AS, &limit) != 0) throw std::runtime_error("no limit");
}

TEST_F(TrainModelTest, WhereMemoryIsShortPatchesAreHalvedAndARunThatGoesOnKeepsThem) {
  const int code = run_child([&] {
    const auto require = [&](bool holds, const std::string& what) {
      if (holds) return;
      std::fprintf(stderr, "not so: %s\n", what.c_str());
      for (const auto& warning : warnings) std::fprintf(stderr, "  %s\n", warning.c_str());
      ::_exit(3);
    };
    run();  // opens the libraries
    in.checkpoints = folder / "short";
    in.options.insert(in.options.end(), {"--patch", "1024x1024x1024", "--steps", "1"});
    limit_memory(rlim_t{1} << 30);
    const auto shrunk = run();
    require(shrunk.steps == 1, "a step is done");
    require(
        shrunk.patch == "32x32x32" || shrunk.patch == "64x64x64" || shrunk.patch == "128x128x128",
        "the patch is small enough: " + shrunk.patch);
    require(warnings.size() >= 3, "each halving is told");
    require(warnings[0].find("1024x1024x1024") != std::string::npos &&
                warnings[0].find("512x512x512") != std::string::npos,
            "with both patches");
    limit_memory(0);
    const auto again = run();
    require(again.patch == shrunk.patch, "the next run goes on with the patch of its checkpoint");
    require(warnings.size() == 1 && warnings[0].find(shrunk.patch) != std::string::npos,
            "and says so");
    require(read_text(again.model.string()) == read_text(shrunk.model.string()), "with its model");
  });
  EXPECT_EQ(code, 0);
}

TEST_F(TrainModelTest, APatchThatCannotBeHalvedAnyMoreFailsWithItsSides) {
  const int code = run_child([&] {
    run();
    in.checkpoints = folder / "short";
    in.options.insert(in.options.end(), {"--patch", "32x32x32", "--batch-size", "64"});
    limit_memory(rlim_t{4} << 20);
    try {
      run();
    } catch (const Error& error) {
      const std::string what = error.what();
      ::_exit(what.find("patches of 32x32x32 voxels need more memory") != std::string::npos ? 10
                                                                                            : 11);
    }
  });
  EXPECT_EQ(code, 10);
}

}  // namespace
}  // namespace hypersynth
