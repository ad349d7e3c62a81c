#include "engine/data/label_table.h"

#include <random>

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/mutated_text.h"
#include "support/shared_data.h"

namespace hypersynth {
namespace {

const std::string kHeader = "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n";
const std::string kBackground = "0\tbackground\t0\t0\t0\n";

std::string message_of(const std::string& text) {
  try {
    parse_label_table(text, "labels.tsv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(LabelTableTest, SegmentedLabelsAreTheNetworksClassesInAscendingOrder) {
  const auto table = parse_label_table(kHeader + kBackground +
                                           "41\tright x\t2\t2\t41\n2\tleft x\t41\t1\t2\n"
                                           "30\tvessel\t30\t3\t0\n",
                                       "labels.tsv");
  EXPECT_EQ(table.segmentation_labels(), (std::vector<std::int32_t>{0, 2, 41}));
  EXPECT_EQ(table.class_of(41), 2);
  EXPECT_EQ(table.class_of(30), -1);
  EXPECT_EQ(table.intensity_class_count(), 4);
}

TEST(LabelTableTest, WhatIsWrittenIsReadBack) {
  const auto text = kHeader + kBackground + "14\t3rd ventricle\t14\t1\t14\n";
  EXPECT_EQ(format_label_table(parse_label_table(text, "labels.tsv")), text);
}

TEST(LabelTableTest, ColumnsMayComeInAnyOrderAndWithCarriageReturns) {
  const auto table = parse_label_table(
      "name\tindex\tsegmentation_index\tintensity_class\tcontralateral\r\n"
      "background\t0\t0\t0\t0\r\n",
      "labels.tsv");
  EXPECT_EQ(table.rows().front().name, "background");
}

TEST(LabelTableTest, EachFaultIsNamed) {
  EXPECT_NE(message_of("index\tname\n").find("column 'contralateral'"), std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "x\ta\t1\t1\t0\n").find("'x'"), std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + kBackground).find("0 twice"), std::string::npos);
  EXPECT_NE(message_of(kHeader + "2\ta\t2\t0\t2\n").find("background"), std::string::npos);
  EXPECT_NE(message_of(kHeader + "0\ta\t0\t1\t0\n2\tb\t2\t0\t2\n").find("class 1"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + "0\ta\t0\t0\t2\n2\tb\t2\t1\t2\n").find("segmented as 2"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "2\ta\t3\t1\t2\n").find("2 -> 3"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "2\ta\t2\t1\t9\n").find("found 9"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "2\ta\t2\t7\t2\n").find("the largest 7"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "2\ta\n").find("5 fields in line 3"),
            std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "1\ta\t1\t-1\t0\n").find("'-1'"), std::string::npos);
  EXPECT_NE(message_of(kHeader + kBackground + "1\ta\t2\t0\t0\n2\tb\t2\t0\t0\n").find("1 -> 2"),
            std::string::npos);
}

TEST(LabelTableTest, AnyTextGivesATableOrAnInputError) {
  const std::string text = kHeader + kBackground + "2\ta\t41\t1\t2\n41\tb\t2\t1\t41\n";
  std::mt19937 generator(11);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 10000; ++trial) {
    try {
      parse_label_table(mutated(text, generator), "labels.tsv");
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

TEST(LabelTableTest, TheTableOfTheSharedLabelMapsGives33ClassesAnd48IntensityClasses) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const auto table = read_label_table(shared_data_dir() / "data/label-maps/labels.tsv");
  EXPECT_EQ(table.segmentation_labels().size(), 33u);
  EXPECT_EQ(table.intensity_class_count(), 48);
}

}  // namespace
}  // namespace hypersynth
