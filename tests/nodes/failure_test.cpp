#include "nodes/failure.h"

#include <gtest/gtest.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

const std::string kScan = "sub-01/anat/sub-01_T1w.nii.gz";

TEST(FailureTest, WhatAnInputErrorSaysIsKeptInParts) {
  const InputFindings input{"/data/a: expected b.nii", "c, found d", "e: expected f, found g\n"};
  const Failure failure = failure_of(data_file_at(kScan), "any message", input);
  EXPECT_EQ(failure.path, kScan);
  EXPECT_EQ(failure.subject, "01");
  EXPECT_EQ(failure.suffix, "T1w");
  EXPECT_EQ(failure.expected, "c, found d");
  EXPECT_EQ(failure.found, "e: expected f, found g\\x0a");
}

TEST(FailureTest, AnyOtherMessageIsKeptWhole) {
  const Failure failure =
      failure_of(data_file_at(kScan), "step: a: expected b, found c", std::nullopt);
  EXPECT_EQ(failure.expected, "");
  EXPECT_EQ(failure.found, "step: a: expected b, found c");
}

TEST(FailureTest, ItIsReadBackAsItWasWritten) {
  const TemporaryDir output;
  const auto source = data_file_at(kScan);
  const fs::path folder = output.path().string();
  write_failure(folder, outputs_of(source),
                failure_of(source, "", InputFindings{"x", "a: expected b", "c, found d"}));
  const auto failures = read_failures(folder, "01");
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].expected, "a: expected b");
  EXPECT_EQ(failures[0].found, "c, found d");
  EXPECT_FALSE(failures[0].damaged);
}

}  // namespace
}  // namespace hypersynth
