#include "nodes/aseg_stats.h"

#include <map>
#include <sstream>

#include <gmock/gmock.h>

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<LabelVolume> kVolumes{{10, "left thalamus", 2.25, 3},
                                        {26, "left accumbens area", 0.5, 0},
                                        {3, "left cerebral cortex", 4, 4},
                                        {42, "right cerebral cortex", 6, 6}};

std::string stats(const std::vector<LabelVolume>& volumes = kVolumes) {
  Grid grid;
  grid.shape = {4, 1, 1};
  const Image image(grid, {7, 1, 2, 6});
  const LabelMap labels(grid, {0, 10, 10, 10});
  return format_aseg_stats(image, labels, volumes,
                           {"sub-01_T1w", "sub-01/anat/sub-01_T1w.nii.gz", "labels.nii.gz"});
}

/// As readers of FreeSurfer's tables do: rows are lines without "#", cut at white space; measures
/// are cut at commas.
struct Read {
  std::vector<std::vector<std::string>> rows;
  std::map<std::string, double> measures;
  std::vector<std::string> columns;
};

Read read(const std::string& text) {
  Read found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> cells{std::istream_iterator<std::string>(words), {}};
    if (line.find('#') == std::string::npos) {
      found.rows.push_back(cells);
    } else if (cells.size() > 2 && cells[1] == "ColHeaders") {
      found.columns.assign(cells.begin() + 2, cells.end());
    } else if (line.rfind("# Measure ", 0) == 0) {
      std::istringstream parts(line);
      std::vector<std::string> fields;
      for (std::string part; std::getline(parts, part, ',');) fields.push_back(part);
      EXPECT_EQ(fields.size(), 5U) << line;
      EXPECT_EQ(fields.back(), " mm^3");
      found.measures[fields.at(1).substr(1)] = std::stod(fields.at(3));
    }
  }
  return found;
}

TEST(AsegStatsTest, RowsHaveFreeSurfersNamesAndTheStatisticsOfTheImage) {
  const Read table = read(stats());
  EXPECT_THAT(table.columns,
              ElementsAre("Index", "SegId", "NVoxels", "Volume_mm3", "StructName", "normMean",
                          "normStdDev", "normMin", "normMax", "normRange"));
  ASSERT_EQ(table.rows.size(), 4U);
  EXPECT_THAT(table.rows[0], ElementsAre("1", "10", "3", "2.2", "Left-Thalamus", "3.0000", "2.6458",
                                         "1.0000", "6.0000", "5.0000"));
  EXPECT_THAT(table.rows[1], ElementsAre("2", "26", "0", "0.5", "Left-Accumbens-area", "0.0000",
                                         "0.0000", "0.0000", "0.0000", "0.0000"));
}

TEST(AsegStatsTest, MeasuresAreThoseThatFollowFromTheLabels) {
  const auto measures = read(stats()).measures;
  EXPECT_EQ(measures.at("lhCortexVol"), 4);
  EXPECT_EQ(measures.at("rhCortexVol"), 6);
  EXPECT_EQ(measures.at("CortexVol"), 10);
  EXPECT_EQ(measures.at("SubCortGrayVol"), 2.75);
  EXPECT_EQ(measures.at("SupraTentorialVolNotVent"), 12.75);
  EXPECT_EQ(measures.at("BrainSegVolNotVent"), 12.75);
  EXPECT_EQ(measures.at("TotalIntracranialVol"), 12.75);
  EXPECT_EQ(measures.count("eTIV"), 0U);
}

TEST(AsegStatsTest, AStructureThatFreeSurferDoesNotNameKeepsItsNameAndTakesTheSumsAway) {
  auto volumes = kVolumes;
  volumes.push_back({5001, "left new thing", 1, 1});
  const Read table = read(stats(volumes));
  EXPECT_EQ(table.rows.back().at(4), "left-new-thing");
  EXPECT_EQ(table.measures.size(), 1U);
  EXPECT_EQ(table.measures.at("TotalIntracranialVol"), 13.75);
}

}  // namespace
}  // namespace hypersynth
