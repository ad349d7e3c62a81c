#include "report/output_file.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "temporary_folder.h"

namespace hypersynth {
namespace {

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(OutputFileTest, MakesFoldersAndReplacesWhatIsThere) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "sub-01" / "figures" / "a.png";
  write_atomically(path, "old");
  write_atomically(path, std::string_view("n\0w", 3));
  EXPECT_EQ(file_contents(path), std::string("n\0w", 3));
  EXPECT_EQ(files_in(path.parent_path()), 1u);
}

TEST(OutputFileTest, TakesTheLongestNameAFileMayHave) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / (std::string(250, 'x') + ".html");
  write_atomically(path, "page");
  EXPECT_EQ(file_contents(path), "page");
}

TEST(OutputFileTest, SaysWhichFileItCannotWriteAndLeavesNothingBehind) {
  const TemporaryFolder folder;
  write_atomically(folder.path() / "file", "");
  fs::create_directories(folder.path() / "taken" / "inside");
  try {
    write_atomically(folder.path() / "file" / "page.html", "page");
    FAIL() << "wrote below a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kCannotCreateOutput);
  }
  try {
    write_atomically(folder.path() / "taken", "page");
    FAIL() << "replaced a folder";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kIo);
    EXPECT_NE(std::string(error.what()).find("taken"), std::string::npos);
  }
  EXPECT_EQ(files_in(folder.path()), 2u);
}

}  // namespace
}  // namespace hypersynth
