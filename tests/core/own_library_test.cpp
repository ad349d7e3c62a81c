#include "core/own_library.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(OwnLibraryTest, AMissingLibraryIsNamedWithItsPurposeAndThePlacesThatWereLookedAt) {
  try {
    symbol_of({"libhypersynth_nowhere.so", "the engine of nowhere"}, "start");
    FAIL() << "there is no such library";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInternal);
    EXPECT_THAT(
        error.what(),
        AllOf(HasSubstr("the engine of nowhere (libhypersynth_nowhere.so) cannot be loaded"),
              HasSubstr("not found; looked for "), HasSubstr("/hypersynth/lib")));
  }
}

}  // namespace
}  // namespace hypersynth
