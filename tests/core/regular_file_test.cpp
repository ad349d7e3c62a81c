#include "core/regular_file.h"

#include <fcntl.h>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

TEST(RegularFileTest, AFileIsOpenedWithItsSize) {
  const TemporaryDir dir;
  std::ofstream(dir / "file") << "12345";
  std::size_t size_bytes = 0;
  EXPECT_TRUE(open_regular_file(AT_FDCWD, dir / "file", &size_bytes));
  EXPECT_EQ(size_bytes, 5u);
}

TEST(RegularFileTest, AnythingElseIsRefusedWithoutWaitingAndNamed) {
  const TemporaryDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const auto& [path, kind] : {std::pair{dir / "pipe", "a named pipe"},
                                   {std::string("/dev/zero"), "a device"},
                                   {dir.path().string(), "a folder"}}) {
    try {
      open_regular_file(path);
      ADD_FAILURE() << path;
    } catch (const NotARegularFile& error) {
      EXPECT_EQ(error.what(), path + ": expected a regular file, found " + kind);
      EXPECT_EQ(error.code().message(), std::string(kind) + ", not a regular file");
      EXPECT_EQ(error.kind(), kind);
    }
  }
}

TEST(RegularFileTest, AFileThatIsAbsentIsASystemError) {
  const TemporaryDir dir;
  try {
    open_regular_file(dir / "none");
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
}

}  // namespace
}  // namespace hypersynth
