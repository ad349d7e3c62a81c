#include "core/error.h"

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(InputErrorTest, SaysPathExpectedAndFoundInOneMessage) {
  const InputError error("sub-01_T1w.nii.gz", "a NIfTI image", "an empty file");
  EXPECT_STREQ(error.what(), "sub-01_T1w.nii.gz: expected a NIfTI image, found an empty file");
  EXPECT_EQ(error.code(), ExitCode::kSomeImagesFailed);
}

TEST(InputErrorTest, ControlCharactersOfAPathDoNotReachTheTerminal) {
  const InputError error("a\nb\x1b[31m", "x", "y");
  EXPECT_STREQ(error.what(), "a\\x0ab\\x1b[31m: expected x, found y");
}

}  // namespace
}  // namespace hypersynth
