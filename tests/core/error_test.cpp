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

TEST(InputErrorTest, ItsFindingsAreTheValuesThatWereGiven) {
  const InputError error("a: expected b.nii", "c, found d", "e\n");
  EXPECT_EQ(error.findings(), (InputFindings{"a: expected b.nii", "c, found d", "e\n"}));
}

}  // namespace
}  // namespace hypersynth
