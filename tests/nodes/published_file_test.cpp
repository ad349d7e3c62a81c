#include "nodes/published_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class PublishedFileTest : public testing::Test {
 protected:
  PublishedFileTest() { publisher.text("sub-01/table.tsv", "index\tname\n"); }

  const PublishedFile& published() const { return publisher.files().front(); }
  std::string damage() const { return damage_of(folder.path().string(), published()); }
  void write(const std::string& text) const { std::ofstream(path) << text; }

  TemporaryDir folder;
  Publisher publisher{folder.path().string()};
  std::string path = folder / "sub-01/table.tsv";
};

TEST_F(PublishedFileTest, AFileThatStaysIsWhole) { EXPECT_THAT(damage(), IsEmpty()); }

TEST_F(PublishedFileTest, AMissingFileIsTold) {
  std::filesystem::remove(path);
  EXPECT_EQ(damage(), "is missing");
}

TEST_F(PublishedFileTest, ACutFileIsToldWithBothSizes) {
  write("inde");
  EXPECT_THAT(damage(), HasSubstr("has 4 bytes, written were 11"));
}

TEST_F(PublishedFileTest, OtherBytesOfTheSameSizeAreNoticed) {
  write("index\tnamE\n");
  std::filesystem::last_write_time(path, std::chrono::file_clock::now() + std::chrono::hours(1));
  EXPECT_THAT(damage(), HasSubstr("is not what was written"));
}

TEST_F(PublishedFileTest, ACopyWithAnotherTimeIsWhole) {
  std::filesystem::last_write_time(path, std::chrono::file_clock::now() + std::chrono::hours(1));
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(PublishedFileTest, ACopiedFileIsThatOfItsSource) {
  publisher.copy("sub-01/copy.tsv", path);
  EXPECT_EQ(publisher.files().at(1).digest, published().digest);
  EXPECT_THAT(damage_of(folder.path().string(), publisher.files().at(1)), IsEmpty());
}

}  // namespace
}  // namespace hypersynth
