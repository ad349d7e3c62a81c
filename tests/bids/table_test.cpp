#include "bids/table.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace hypersynth::bids {
namespace {

TEST(TableTest, ReadsByteOrderMarkWindowsLinesAndMissingLastNewline) {
  Issues issues;
  const auto table = Table::parse(
      "\xEF\xBB\xBFparticipant_id\tage\tsex\r\nsub-01\t20\tn/a\r\n\r\nsub-02\t\tF", "x", issues);
  EXPECT_TRUE(issues.empty());
  ASSERT_EQ(table.row_count(), 2u);
  EXPECT_EQ(table.cell(0, "participant_id"), "sub-01");
  EXPECT_EQ(table.cell(0, "sex"), std::nullopt);
  EXPECT_EQ(table.cell(1, "age"), std::nullopt);
  EXPECT_EQ(table.cell(1, "sex"), "F");
  EXPECT_EQ(table.cell(1, "height"), std::nullopt);
}

TEST(TableTest, LinesThatEndWithACarriageReturnAloneAreReadAndReported) {
  Issues issues;
  const auto table = Table::parse("participant_id\tage\rsub-01\t20\rsub-02\t30\r", "x.tsv", issues);
  ASSERT_EQ(table.row_count(), 2u);
  EXPECT_EQ(table.cell(1, "age"), "30");
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].code, IssueCode::kTableInvalid);
}

TEST(TableTest, EveryByteOrderMarkBeforeTheHeaderIsLeftOut) {
  Issues issues;
  const auto table = Table::parse(
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "a\tb\n1\t2\n",
      "x.tsv", issues);
  EXPECT_EQ(table.columns()[0], "a");
}

TEST(TableTest, RowsOfAnotherLengthAreReportedByLineAndKept) {
  Issues issues;
  const auto table = Table::parse("a\tb\n1\n1\t2\t3\n", "x.tsv", issues);
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].message, "line 2 has 1 cells, the header 2");
  EXPECT_EQ(table.cell(0, "b"), std::nullopt);
  EXPECT_EQ(table.cell(1, "b"), "2");
}

TEST(TableTest, TwoColumnsOfOneNameAreReported) {
  Issues issues;
  EXPECT_EQ(Table::parse("a\ta\n1\t2\n", "x.tsv", issues).cell(0, "a"), "1");
  EXPECT_EQ(issues.size(), 1u);
}

TEST(TableTest, WritesWhatItReads) {
  Table table({"a", "b"});
  table.add_row({"tab\there", ""});
  table.add_row({"line\nbreak", "caf\xC3\xA9\xFF"});
  const std::string text = table.format();
  EXPECT_EQ(text, "a\tb\ntab here\tn/a\nline break\tcaf\xC3\xA9\xEF\xBF\xBD\n");
  Issues issues;
  EXPECT_EQ(Table::parse(text, "x", issues).format(), text);
  EXPECT_TRUE(issues.empty());
}

TEST(TableTest, ARowNeedsACellForEachColumn) {
  Table table({"a", "b"});
  EXPECT_THROW(table.add_row({"1"}), std::invalid_argument);
}

TEST(TableTest, AnEmptyTextIsATableWithoutRows) {
  Issues issues;
  EXPECT_EQ(Table::parse("", "x", issues).row_count(), 0u);
}

}  // namespace
}  // namespace hypersynth::bids
