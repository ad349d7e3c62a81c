// Which failures of a step are the run's, not its image's.

#include "app/run_fault.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

const std::vector<fs::path> kWritten{"/out", "/scratch/work"};

TEST(RunFaultTest, AnOutputThatCannotBeWrittenIsTheRunsFault) {
  for (const int error : {ENOSPC, EDQUOT, EROFS, EFBIG, EIO}) {
    const std::string reason = std::generic_category().message(error);
    EXPECT_EQ(fault_of_run("/out/sub-01/x.nii.gz: cannot write: " + reason, false, kWritten),
              ExitCode::kIo);
    EXPECT_EQ(fault_of_run("/scratch/work/nodes/a/result.json: " + reason, false, kWritten),
              ExitCode::kIo);
  }
}

TEST(RunFaultTest, AnImageThatCannotBeReadIsItsOwnFault) {
  EXPECT_EQ(fault_of_run("Input/output error: /raw/sub-01_T1w.nii.gz", false, kWritten),
            std::nullopt);
  EXPECT_EQ(fault_of_run(InputError("/raw/a.nii", "readable bytes", "Input/output error").what(),
                         true, kWritten),
            std::nullopt);
  EXPECT_EQ(fault_of_run("no brain", false, kWritten), std::nullopt);
  EXPECT_EQ(fault_of_run("not enough memory", false, kWritten), std::nullopt);
}

TEST(RunFaultTest, WordsOfAnInputErrorInAnotherMessageDoNotHideAFullDisk) {
  const std::string message =
      "/out/a: expected b, found c.tsv: cannot write: " + std::generic_category().message(ENOSPC);
  EXPECT_EQ(fault_of_run(message, false, kWritten), ExitCode::kIo);
  EXPECT_EQ(fault_of_run(message, true, kWritten), std::nullopt);
}

TEST(RunFaultTest, AProcessThatGetsNothingMoreMayTryAgain) {
  EXPECT_EQ(fault_of_run("Resource temporarily unavailable", false, kWritten), ExitCode::kTryAgain);
  EXPECT_EQ(fault_of_run(InputError("/raw/a.nii", "a file", "Too many open files").what(), true,
                         kWritten),
            ExitCode::kTryAgain);
}

TEST(RunFaultTest, ErrorsOfTheSystemHaveExitCodesOfTheirOwn) {
  const auto code = [](int error) {
    return exit_code_of(std::error_code(error, std::generic_category()));
  };
  EXPECT_EQ(code(ENOSPC), ExitCode::kIo);
  EXPECT_EQ(code(EROFS), ExitCode::kCannotCreateOutput);
  EXPECT_EQ(code(EACCES), ExitCode::kCannotCreateOutput);
  EXPECT_EQ(code(ELOOP), ExitCode::kCannotCreateOutput);
  EXPECT_EQ(code(EMFILE), ExitCode::kTryAgain);
}

}  // namespace
}  // namespace hypersynth
