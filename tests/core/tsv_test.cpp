#include "core/tsv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;

TEST(TsvTest, LinesAreCutAtTabsAndKeepTheirNumbers) {
  const auto lines = split_tsv(
      "\xef\xbb\xbf\xef\xbb\xbf"
      "a\tb\r\n\r\n\n1\t\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0].cells, ElementsAre("a", "b"));
  EXPECT_EQ(lines[1].number, 4u);
  EXPECT_THAT(lines[1].cells, ElementsAre("1", ""));
}

TEST(TsvTest, LinesOfOldMacintoshSystemsEndWithACarriageReturn) {
  const auto lines = split_tsv("a\rb", '\r');
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1].cells, ElementsAre("b"));
}

TEST(TsvTest, TextWithoutALineHasNone) {
  EXPECT_TRUE(split_tsv("").empty());
  EXPECT_TRUE(split_tsv("\xef\xbb\xbf\n\r\n").empty());
}

TEST(TsvTest, WhatCannotStandInACellIsReplaced) {
  EXPECT_EQ(tsv_line({"a\tb\r\nc", "", "\xff"}), "a b  c\tn/a\t\xef\xbf\xbd\n");
}

TEST(TsvTest, WrittenCellsAreReadBack) {
  const std::string text = tsv_line({"name", "note"}) + tsv_line({"left x", "caf\xc3\xa9"});
  const TsvTable table(text, "t.tsv");
  ASSERT_EQ(table.row_count(), 1u);
  EXPECT_EQ(table.text(0, table.column("note")), "caf\xc3\xa9");
}

TEST(TsvTest, ATableThatIsMovedKeepsItsCells) {
  TsvTable first("a\n1\n", "t.tsv");  // short enough to lie inside its string
  const TsvTable second = std::move(first);
  EXPECT_EQ(second.text(0, 0), "1");
}

TEST(TsvTest, AFaultNamesPathLineAndColumn) {
  const TsvTable table("a\tb\n\n1\tx\n", "t.tsv");
  try {
    table.integer(0, 1);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "t.tsv: expected an integer in column 'b', line 3, found 'x'");
  }
}

}  // namespace
}  // namespace hypersynth
