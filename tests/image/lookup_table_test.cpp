#include "image/lookup_table.h"

#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti_builder.h"
#include "support/mutated_text.h"
#include "support/table_error.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

void expect_label_error(const std::string& text, const std::string& expected,
                        const std::string& found) {
  expect_table_error([&] { parse_lookup_table(text, "t.tsv"); }, expected, found);
}

TEST(LookupTableTest, EveryColumnIsRead) {
  const auto labels = parse_lookup_table(
      "mapping\tindex\tname\tnote\tcolor\tabbreviation\n"
      "9\t17\tleft hippocampus\tx\t#dcD814\tHIP\n"
      "n/a\t-3\todd\t\tn/a\tn/a\n",
      "t.tsv");
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].index, 17);
  EXPECT_EQ(labels[0].name, "left hippocampus");
  EXPECT_EQ(labels[0].abbreviation, "HIP");
  EXPECT_EQ(labels[0].color, (std::array<std::uint8_t, 3>{0xdc, 0xd8, 0x14}));
  EXPECT_EQ(labels[0].mapping, 9);
  EXPECT_EQ(labels[1].index, -3);
  EXPECT_EQ(labels[1].abbreviation, "");
  EXPECT_FALSE(labels[1].mapping.has_value());
}

TEST(LookupTableTest, IndexAndNameAreEnough) {
  const auto labels = parse_lookup_table("index\tname\n53\tright hippocampus\n", "t.tsv");
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].abbreviation, "R-Hip");
  EXPECT_EQ(labels[0].mapping, 9);
}

TEST(LookupTableTest, WindowsLineEndsByteOrderMarkAndBlankLinesAreTaken) {
  const auto labels =
      parse_lookup_table("\xef\xbb\xbfindex\tname\r\n\r\n2\tleft white matter\r\n\n", "t.tsv");
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].name, "left white matter");
}

TEST(LookupTableTest, LastLineNeedsNoLineEnd) {
  EXPECT_EQ(parse_lookup_table("index\tname\n2\ta", "t.tsv").size(), 1u);
}

TEST(LookupTableTest, FaultsNameTheLineAndTheColumn) {
  expect_label_error("", "a line of column names", "an empty file");
  expect_label_error("\xef\xbb\xbf\r\n\n", "a line of column names", "an empty file");
  expect_label_error("index\tlabel\n2\ta\n", "a column 'name'", "columns index, label");
  expect_label_error("name\n", "a column 'index'", "columns name");
  expect_label_error("index\tname\tname\n", "column names that differ", "twice 'name'");
  expect_label_error("index\tname\n\n2\ta\tb\n", "2 fields in line 3", "3");
  expect_label_error("index\tname\n2\n", "2 fields in line 2", "1");
  for (const char* text : {"x", "1.5", "", "2147483648", "7 ", "0x7"}) {
    expect_label_error("index\tname\n1\ta\n" + std::string(text) + "\tb\n",
                       "an integer in column 'index', line 3", "'" + std::string(text) + "'");
  }
  expect_label_error("index\tname\n4\ta\n4\tb\n",
                     "an index that occurs once in column 'index', line 3", "'4'");
  for (const char* text : {"red", "#12345", "#12345g", "#1234567", "#-1-1-1"}) {
    expect_label_error("index\tname\tcolor\n1\ta\t" + std::string(text) + "\n",
                       "a colour #rrggbb in column 'color', line 2", text);
  }
  expect_label_error("index\tname\tmapping\n1\ta\tb\n", "an integer in column 'mapping'", "'b'");
}

TEST(LookupTableTest, WrittenTableReadsBackTheSame) {
  const TemporaryDir dir;
  std::vector<Label> labels = {describe_label(0, "background"),
                               describe_label(17, "left hippocampus"),
                               describe_label(-99, "tab\tand\nline")};
  write_lookup_table(dir / "t.tsv", labels);
  EXPECT_EQ(read_bytes(dir / "t.tsv"),
            "index\tname\tabbreviation\tcolor\tmapping\n"
            "0\tbackground\tBG\t#000000\t0\n"
            "17\tleft hippocampus\tL-Hip\t#dcd814\t9\n"
            "-99\ttab and line\tn/a\t#" +
                read_bytes(dir / "t.tsv").substr(read_bytes(dir / "t.tsv").size() - 11, 6) +
                "\tn/a\n");
  const auto back = read_lookup_table(dir / "t.tsv");
  ASSERT_EQ(back.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(back[i].index, labels[i].index);
    EXPECT_EQ(back[i].abbreviation, labels[i].abbreviation);
    EXPECT_EQ(back[i].color, labels[i].color);
    EXPECT_EQ(back[i].mapping, labels[i].mapping);
  }
}

TEST(LookupTableTest, AFileThatIsNoTableIsRefused) {
  const TemporaryDir dir;
  write_bytes(dir / "t.tsv", std::string((1 << 20) + 1, 'x'));
  EXPECT_THROW(read_lookup_table(dir / "t.tsv"), InputError);
  EXPECT_THROW(read_lookup_table(dir / "none.tsv"), InputError);
}

TEST(LookupTableTest, SidesOfAStructureShareColourAndMapping) {
  const std::pair<int, int> sides[] = {{3, 42},  {4, 43},  {5, 44},  {7, 46},  {8, 47},
                                       {10, 49}, {11, 50}, {12, 51}, {13, 52}, {17, 53},
                                       {18, 54}, {26, 58}, {28, 60}};
  std::set<std::array<std::uint8_t, 3>> colors;
  for (const auto& [left, right] : sides) {
    const Label a = describe_label(left, "");
    const Label b = describe_label(right, "");
    EXPECT_EQ(a.color, b.color);
    EXPECT_EQ(a.mapping, b.mapping);
    EXPECT_EQ("R" + a.abbreviation.substr(1), b.abbreviation);
    colors.insert(a.color);
  }
  EXPECT_EQ(colors.size(), std::size(sides));
}

TEST(LookupTableFuzzTest, AnyTextGivesLabelsOrAnInputError) {
  const std::string bids =
      "index\tname\tabbreviation\tcolor\tmapping\n0\tbg\tBG\t#000000\t0\n2\tl\tn/a\tn/a\tn/a\n";
  std::mt19937 generator(11);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    try {
      parse_lookup_table(mutated(bids, generator), "t.tsv");
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace hypersynth
