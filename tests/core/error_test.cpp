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

TEST(InputErrorTest, ItsMessageCanBeTakenApartAgain) {
  const InputError error("a, b: c.nii.gz", "voxels of at most 10 mm", "11 x 11 x 11 mm");
  const auto findings = parse_input_error(error.what());
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->expected, "voxels of at most 10 mm");
  EXPECT_EQ(findings->found, "11 x 11 x 11 mm");
  EXPECT_FALSE(parse_input_error("not enough memory for the network"));
  EXPECT_FALSE(parse_input_error("x: expected nothing else"));
}

}  // namespace
}  // namespace hypersynth
