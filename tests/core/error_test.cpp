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

TEST(PrintableTest, BytesThatAreNoUtf8AreShownAsNumbers) {
  EXPECT_EQ(printable("caf\xC3\xA9 \xFF\xC3 \xED\xA0\x80"),
            "caf\xC3\xA9 \\xff\\xc3 \\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xC2\x9B[1m\x7F"), "\\xc2\\x9b[1m\\x7f");
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
