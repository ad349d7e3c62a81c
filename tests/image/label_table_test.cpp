#include "image/label_table.h"

#include <functional>
#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti_builder.h"
#include "support/shared_data.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

void expect_error(const std::function<void()>& read, const std::string& expected,
                  const std::string& found) {
  try {
    read();
    ADD_FAILURE() << "was read; expected an error about " << expected;
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), "t.tsv");
    EXPECT_THAT(error.expected(), HasSubstr(expected));
    EXPECT_THAT(error.found(), HasSubstr(found));
  }
}

void expect_label_error(const std::string& text, const std::string& expected,
                        const std::string& found) {
  expect_error([&] { parse_label_table(text, "t.tsv"); }, expected, found);
}

void expect_synthesis_error(const std::string& rows, const std::string& expected,
                            const std::string& found) {
  const std::string header = "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n";
  expect_error([&] { parse_synthesis_labels(header + rows, "t.tsv"); }, expected, found);
}

TEST(LabelTableTest, EveryColumnIsRead) {
  const auto labels = parse_label_table(
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

TEST(LabelTableTest, IndexAndNameAreEnough) {
  const auto labels = parse_label_table("index\tname\n53\tright hippocampus\n", "t.tsv");
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].abbreviation, "R-Hip");
  EXPECT_EQ(labels[0].mapping, 9);
}

TEST(LabelTableTest, WindowsLineEndsByteOrderMarkAndBlankLinesAreTaken) {
  const auto labels =
      parse_label_table("\xef\xbb\xbfindex\tname\r\n\r\n2\tleft white matter\r\n\n", "t.tsv");
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].name, "left white matter");
}

TEST(LabelTableTest, LastLineNeedsNoLineEnd) {
  EXPECT_EQ(parse_label_table("index\tname\n2\ta", "t.tsv").size(), 1u);
}

TEST(LabelTableTest, FaultsNameTheLineAndTheColumn) {
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

TEST(LabelTableTest, WrittenTableReadsBackTheSame) {
  const TemporaryDir dir;
  std::vector<Label> labels = {describe_label(0, "background"),
                               describe_label(17, "left hippocampus"),
                               describe_label(-99, "tab\tand\nline")};
  write_label_table(dir / "t.tsv", labels);
  EXPECT_EQ(read_bytes(dir / "t.tsv"),
            "index\tname\tabbreviation\tcolor\tmapping\n"
            "0\tbackground\tBG\t#000000\t0\n"
            "17\tleft hippocampus\tL-Hip\t#dcd814\t9\n"
            "-99\ttab and line\tn/a\t#" +
                read_bytes(dir / "t.tsv").substr(read_bytes(dir / "t.tsv").size() - 11, 6) +
                "\tn/a\n");
  const auto back = read_label_table(dir / "t.tsv");
  ASSERT_EQ(back.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(back[i].index, labels[i].index);
    EXPECT_EQ(back[i].abbreviation, labels[i].abbreviation);
    EXPECT_EQ(back[i].color, labels[i].color);
    EXPECT_EQ(back[i].mapping, labels[i].mapping);
  }
}

TEST(LabelTableTest, AFileThatIsNoTableIsRefused) {
  const TemporaryDir dir;
  write_bytes(dir / "t.tsv", std::string((1 << 20) + 1, 'x'));
  EXPECT_THROW(read_label_table(dir / "t.tsv"), InputError);
  EXPECT_THROW(read_label_table(dir / "none.tsv"), InputError);
}

TEST(LabelTableTest, SidesOfAStructureShareColourAndMapping) {
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

TEST(SynthesisLabelsTest, WrittenTableReadsBackTheSame) {
  const TemporaryDir dir;
  write_synthesis_labels(dir / "t.tsv", {{0, "background", 0, 0, 0},
                                         {25, "left lesion", 57, 28, 2},
                                         {57, "right lesion", 25, 43, 41}});
  const auto labels = read_synthesis_labels(dir / "t.tsv");
  ASSERT_EQ(labels.size(), 3u);
  EXPECT_EQ(labels[1].index, 25);
  EXPECT_EQ(labels[1].name, "left lesion");
  EXPECT_EQ(labels[1].contralateral, 57);
  EXPECT_EQ(labels[1].intensity_class, 28);
  EXPECT_EQ(labels[1].segmentation_index, 2);
}

TEST(SynthesisLabelsTest, FaultsNameTheLineAndTheColumn) {
  expect_error([] { parse_synthesis_labels("index\tname\n", "t.tsv"); }, "a column 'contralateral'",
               "columns index, name");
  expect_synthesis_error("1\ta\t2\t0\t0\n", "contralateral is this row's in column 'contralateral'",
                         "'2'");
  expect_synthesis_error("1\ta\t2\t0\t0\n2\tb\t2\t0\t0\n", "line 2", "'2'");
  expect_synthesis_error("1\ta\t1\t-1\t0\n", "a class from 0 in column 'intensity_class'", "'-1'");
  expect_synthesis_error("1\ta\t1\t0\t0\n1\ta\t1\t0\t0\n", "an index that occurs once", "'1'");
}

TEST(SynthesisLabelsTest, TableOfTheSharedLabelMapsIsRead) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const auto labels =
      read_synthesis_labels((shared_data_dir() / "data/label-maps/labels.tsv").string());
  EXPECT_EQ(labels.size(), 54u);
}

/// Changes, inserts, removes or repeats a few bytes of `text`.
std::string mutated(std::string text, std::mt19937& generator) {
  const auto below = [&generator](std::size_t n) { return generator() % n; };
  static constexpr char kLikely[] = "\t\n\r-0129#n/a\xef\xbb\xbf";
  for (std::size_t edits = 1 + below(4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    const char byte =
        below(2) == 0 ? kLikely[below(sizeof kLikely)] : static_cast<char>(below(256));
    switch (below(4)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(40)));
    }
  }
  return text;
}

TEST(LabelTableFuzzTest, AnyTextGivesLabelsOrAnInputError) {
  const std::string bids =
      "index\tname\tabbreviation\tcolor\tmapping\n0\tbg\tBG\t#000000\t0\n2\tl\tn/a\tn/a\tn/a\n";
  const std::string synthesis =
      "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n2\ta\t41\t1\t2\n"
      "41\tb\t2\t1\t41\n";
  std::mt19937 generator(11);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    try {
      if (trial % 2 == 0) {
        parse_label_table(mutated(bids, generator), "t.tsv");
      } else {
        parse_synthesis_labels(mutated(synthesis, generator), "t.tsv");
      }
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
