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
    EXPECT_EQ(fault_of_run("/out/sub-01/x.nii.gz: cannot write: " + reason, kWritten),
              ExitCode::kIo);
    EXPECT_EQ(fault_of_run("/scratch/work/nodes/a/result.json: " + reason, kWritten),
              ExitCode::kIo);
  }
}

TEST(RunFaultTest, AnImageThatCannotBeReadIsItsOwnFault) {
  EXPECT_EQ(fault_of_run("Input/output error: /raw/sub-01_T1w.nii.gz", kWritten), std::nullopt);
  EXPECT_EQ(fault_of_run(InputError("/raw/a.nii", "readable bytes", "Input/output error").what(),
                         kWritten),
            std::nullopt);
  EXPECT_EQ(fault_of_run("no brain", kWritten), std::nullopt);
  EXPECT_EQ(fault_of_run("not enough memory", kWritten), std::nullopt);
}

TEST(RunFaultTest, AProcessThatGetsNothingMoreMayTryAgain) {
  EXPECT_EQ(fault_of_run("Resource temporarily unavailable", kWritten), ExitCode::kTryAgain);
  EXPECT_EQ(
      fault_of_run(InputError("/raw/a.nii", "a file", "Too many open files").what(), kWritten),
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
