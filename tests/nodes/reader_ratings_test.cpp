// Tables of ratings that readers have put into the output folder.

#include "nodes/reader_ratings.h"

#include <boost/filesystem/operations.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHead = "image\trater\ttime\trating\treasons\tcomment\tsegmentation_digest\n";

class ReaderRatingsTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& lines) const {
    write_atomically(folder.path() / kRatingsFolder / name, kHead + lines);
  }
  std::string path(const std::string& name) const {
    return (folder.path() / kRatingsFolder / name).string();
  }

  TemporaryFolder folder;
};

TEST_F(ReaderRatingsTest, WithoutTheFolderThereIsNothingToRead) {
  const RatingTable table = read_reader_ratings(folder.path());
  EXPECT_THAT(table.ratings, IsEmpty());
  EXPECT_THAT(table.problems, IsEmpty());
}

TEST_F(ReaderRatingsTest, TablesAreMergedByTimeAndStayAsTheyAre) {
  put("a.tsv", "x\tAB\t2025-06-01T12:00:00Z\tfail\tn/a\tn/a\t1\n");
  put("b.tsv",
      "x\tAB\t2025-06-01T11:00:00Z\tpass\tn/a\tn/a\t1\n"
      "x\tCD\t2025-06-01T11:00:00Z\tpass\tn/a\tn/a\t1\n");
  put(".hidden.tsv", "nothing");
  put("a.json", "{}");
  const RatingTable table = read_reader_ratings(folder.path());
  EXPECT_THAT(table.problems, IsEmpty());
  ASSERT_EQ(table.ratings.size(), 2u);
  EXPECT_EQ(table.ratings[0].rating, "fail");
  EXPECT_EQ(table.ratings[1].rater, "CD");
  EXPECT_THAT(content_of(path("b.tsv")), HasSubstr("11:00:00Z\tpass"));
}

TEST_F(ReaderRatingsTest, AnOlderTableDoesNotBringBackARatingThatWasCleared) {
  put("first.tsv", "x\tAB\t2025-06-01T11:00:00Z\tpass\tn/a\tn/a\t1\n");
  put("second.tsv", "x\tAB\t2025-06-01T12:00:00Z\tcleared\tn/a\tn/a\t1\n");
  const RatingTable table = read_reader_ratings(folder.path());
  EXPECT_THAT(table.problems, IsEmpty());
  ASSERT_EQ(table.ratings.size(), 1u);
  EXPECT_EQ(table.ratings[0].rating, "cleared");
}

TEST_F(ReaderRatingsTest, WhatCannotBeReadIsNamedAndTheOthersAreRead) {
  put("a.tsv", "x\tAB\tyesterday\tfail\tn/a\tn/a\t1\n");
  put("b.tsv", "x\tAB\t2025-06-01T12:00:00Z\tfail\tn/a\tn/a\t1\n");
  fs::create_directory(path("c.tsv"));
  fs::create_symlink("gone", path("d.tsv"));
  const RatingTable table = read_reader_ratings(folder.path());
  EXPECT_EQ(table.ratings.size(), 1u);
  EXPECT_THAT(table.problems,
              ElementsAre(HasSubstr(path("a.tsv") + ", line 2: expected a time"),
                          HasSubstr(path("c.tsv") + ": expected a table of ratings, found"),
                          HasSubstr(path("d.tsv") + ": expected a table of ratings, found no")));
}

}  // namespace
}  // namespace hypersynth
