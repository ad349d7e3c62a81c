#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "page_check.h"
#include "report/volume_section.h"

namespace hypersynth {
namespace {

StructureVolume volume(const std::string& name, double mm3) {
  return {1, name, {1, 2, 3}, mm3, mm3};
}

TEST(VolumeTableTest, PairsTheSidesOfEveryNamingStyle) {
  const auto rows = pair_sides(
      {volume("left thalamus", 1), volume("Right-Putamen", 2), volume("ctx-lh-insula", 3),
       volume("brain-stem", 4), volume("right thalamus", 5), volume("Left-Putamen", 6),
       volume("ctx-rh-insula", 7), volume("Precentral_L", 8), volume("Precentral_R", 9)});
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].name, "thalamus");
  EXPECT_EQ(rows[0].left->soft_mm3, 1);
  EXPECT_EQ(rows[0].right->soft_mm3, 5);
  EXPECT_EQ(rows[1].name, "Putamen");
  EXPECT_EQ(rows[1].left->soft_mm3, 6);
  EXPECT_EQ(rows[2].name, "ctx-insula");
  EXPECT_EQ(rows[3].name, "brain-stem");
  EXPECT_FALSE(rows[3].paired);
  EXPECT_EQ(rows[4].name, "Precentral");
}

TEST(VolumeTableTest, ANameThatOnlyBeginsLikeASideHasNone) {
  const auto rows =
      pair_sides({volume("leftover", 1), volume("left", 2), volume("rightmost part", 3)});
  for (const StructureRow& row : rows) EXPECT_FALSE(row.paired) << row.name;
}

TEST(VolumeTableTest, NoStructureIsLostWhereNamesRepeat) {
  const auto rows =
      pair_sides({volume("left x", 1), volume("left x", 2), volume("y", 3), volume("y", 4)});
  EXPECT_EQ(rows.size(), 4u);
}

TEST(VolumeTableTest, AsymmetryIsPercentOfTheMeanAndPositiveToTheLeft) {
  EXPECT_DOUBLE_EQ(asymmetry_percent(110, 90), 20);
  EXPECT_DOUBLE_EQ(asymmetry_percent(0, 5), -200);
  EXPECT_TRUE(std::isnan(asymmetry_percent(0, 0)));
  EXPECT_TRUE(std::isnan(asymmetry_percent(std::numeric_limits<double>::quiet_NaN(), 5)));
}

std::string table_of(const std::vector<StructureVolume>& volumes, std::optional<double> icv) {
  HtmlWriter html;
  html.open("main");
  write_volumes(html, volumes, icv);
  html.close();
  return std::move(html).finish();
}

TEST(VolumeTableTest, AMissingSideIsNotAvailable) {
  const std::string table = table_of({volume("left thalamus", 12345)}, 1e6);
  EXPECT_NE(table.find("12\xE2\x80\xAF"
                       "345"),
            std::string::npos);
  EXPECT_NE(table.find("n/a"), std::string::npos);
  EXPECT_EQ(parse_page(table).problems, std::vector<std::string>());
}

TEST(VolumeTableTest, PercentOfIcvCountsBothSides) {
  const std::string table = table_of({volume("left x", 30000), volume("right x", 20000)}, 1e6);
  EXPECT_NE(table.find(">5.00<"), std::string::npos) << table;
}

TEST(VolumeTableTest, WithoutIcvThereIsNoSuchColumn) {
  EXPECT_EQ(table_of({volume("x", 1)}, std::nullopt).find("ICV"), std::string::npos);
  EXPECT_EQ(table_of({volume("x", 1)}, 0.).find("ICV"), std::string::npos);
}

TEST(VolumeTableTest, ChartsTakeEmptyAndUnmeasuredVolumes) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& volumes : {std::vector<StructureVolume>{},
                              {volume("x", 0)},
                              {volume("left x", nan), volume("right x", 0.2)}}) {
    const std::string table = table_of(volumes, 1000);
    EXPECT_EQ(table.find("nan"), std::string::npos);
    EXPECT_EQ(table.find("inf"), std::string::npos);
    EXPECT_EQ(parse_page(table).problems, std::vector<std::string>());
  }
}

}  // namespace
}  // namespace hypersynth
