#include "nodes/mriqc_export.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hypersynth {
namespace {

ImageRecord example_record(double missing) {
  ImageRecord record;
  record.suffix = "T1w";
  record.entities = {{"subject", "01"}, {"acquisition", "fast"}};
  record.metadata = {{"EchoTime", 0.003}, {"subject", "01"}};
  record.recipe.version = "1.2";
  record.source.digest = "00ff";
  record.measures = {{"size_x", 181, ""},
                     {"cjv", 0.4, ""},
                     {"qc_brain_volume", 1200, ""},
                     {"snrd_wm", missing, "no air"},
                     {"fber", missing, "no air"},
                     {"qi_1", missing, "no air"},
                     {"qi_2", missing, "no air"},
                     {"cnr", missing, "no air"},
                     {"summary_bg_n", missing, "no air"}};
  return record;
}

TEST(MriqcExportTest, MissingValuesAreThoseThatMriqcWrites) {
  const auto json =
      nlohmann::json::parse(mriqc_json(example_record(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(json.at("cjv"), 0.4);
  EXPECT_EQ(json.at("size_x").dump(), "181");
  for (const char* name : {"snrd_wm", "fber", "qi_1"}) EXPECT_EQ(json.at(name).dump(), "-1.0");
  EXPECT_EQ(json.at("qi_2").dump(), "0.0");
  EXPECT_TRUE(json.at("cnr").is_null());
  EXPECT_EQ(json.at("provenance").at("warnings").at("small_air_mask"), true);
}

TEST(MriqcExportTest, TheLayoutIsMriqcs) {
  const auto json = nlohmann::json::parse(mriqc_json(example_record(7)));
  EXPECT_EQ(json.at("snrd_wm"), 7);
  EXPECT_FALSE(json.contains("qc_brain_volume")) << "not a measure of MRIQC";
  const auto& metadata = json.at("bids_meta");
  EXPECT_EQ(metadata.at("modality"), "T1w");
  EXPECT_EQ(metadata.at("subject_id"), "01");
  EXPECT_EQ(metadata.at("acq_id"), "fast");
  EXPECT_EQ(metadata.at("EchoTime"), 0.003);
  EXPECT_FALSE(metadata.contains("subject"));
  EXPECT_EQ(json.at("provenance").at("software"), "hypersynth");
  EXPECT_EQ(json.at("provenance").at("version"), "1.2");
}

}  // namespace
}  // namespace hypersynth
