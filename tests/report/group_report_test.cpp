#include "report/group_report.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "example_report.h"
#include "page_check.h"
#include "report/group_summary.h"
#include "report/page.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

nlohmann::json data_of(const ParsedPage& page) { return nlohmann::json::parse(page.scripts.at(0)); }

/// The values of a measure, which the page holds as floats in base64.
std::vector<float> values_of(const nlohmann::json& data, std::size_t measure) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : data.at("measures").at(measure).at("values").get<std::string>()) {
    if (c == '=') break;
    bits = (bits << 6 | static_cast<unsigned>(kDigits.find(c))) & 0xffff;
    if ((count += 6) >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 255);
  }
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), 4 * values.size());
  return values;
}

TEST(GroupReportTest, PagesOfAnySizeAreSoundAndHoldEveryRow) {
  for (const int rows : {0, 1, 2, 60}) {
    const ParsedPage page = parse_page(group_report_html(example_group(rows)));
    EXPECT_EQ(problems_of(page), std::vector<std::string>());
    EXPECT_EQ(data_of(page).at("images").size(), rows + 1u);  // and the failed one
    EXPECT_EQ(page.scripts.size(), 2u);
  }
}

TEST(GroupReportTest, TwoThousandImagesFitInAFewMegabytes) {
  EXPECT_LT(group_report_html(example_group(2000)).size(), 2u << 20);
}

TEST(GroupReportTest, ValuesComeBackToSevenDigitsAndWhatIsMissingIsNoNumber) {
  GroupReport group = example_group(3);
  group.rows[0].values[0] = 1234567.891;
  group.rows[1].values[0] = std::numeric_limits<double>::quiet_NaN();
  group.rows[2].values[0] = -1.2345678e-12;
  const auto values = values_of(data_of(parse_page(group_report_html(group))), 0);
  EXPECT_NEAR(values.at(0), 1234567.891, 0.5);
  EXPECT_TRUE(std::isnan(values.at(1)));
  EXPECT_NEAR(values.at(2), -1.2345678e-12, 1e-18);
}

TEST(GroupReportTest, RowsLinkToTheImageInTheSubjectsPage) {
  GroupReport group = example_group(1);
  group.rows[0].report = "sub-a b.html";
  const auto data = data_of(parse_page(group_report_html(group)));
  EXPECT_EQ(data.at("links").at(0), "sub-a%20b.html#" + image_anchor(group.rows[0].image));
}

TEST(GroupReportTest, VolumesAreSummarisedAlsoAsShareOfTheIcv) {
  GroupReport group = example_group(5);
  for (GroupRow& row : group.rows) row.values[4] = row.values[3] / 4;
  const auto measures = data_of(parse_page(group_report_html(group))).at("measures");
  EXPECT_DOUBLE_EQ(measures.at(4).at("icvSummary").at("median").get<double>(), 25);
  EXPECT_FALSE(measures.at(0).contains("icvSummary"));
  EXPECT_FALSE(measures.at(3).contains("icvSummary"));
}

TEST(GroupReportTest, NoNameBreaksThePage) {
  for (const std::string text : {"</script><script>alert(1)</script>", "<!--<script", "\"><b>",
                                 "\xE2\x80\xA8", "\xFF", "", "//host"}) {
    GroupReport group = example_group(2);
    group.dataset = group.suffix = group.tsv = text;
    for (GroupMeasure& m : group.measures) m.name = m.title = m.unit = m.meaning = text;
    for (GroupRow& row : group.rows) {
      row.image = row.subject = row.report = row.segmentation_digest = row.figures = text;
      row.verdict_reasons = {text};
      row.participant = {{text, text}};
    }
    group.failures = {{text, text, text, text, text}};
    group.other_groups = {{text, text}};
    group.summary = text;
    group.ratings = {{text, text, text, 0, "fail", {text}, text, text, text}};
    const ParsedPage page = parse_page(group_report_html(group));
    EXPECT_EQ(problems_of(page), std::vector<std::string>()) << text;
    EXPECT_EQ(data_of(page).at("images").size(), 3u);
  }
}

TEST(GroupReportTest, FailedImagesAreRowsAndReadersWithoutScriptsFindTheReports) {
  GroupReport group = example_group(2);
  group.rows[1].report.clear();
  const ParsedPage page = parse_page(group_report_html(group));
  const auto data = data_of(page);
  EXPECT_EQ(data.at("verdicts").at(2), "error");
  EXPECT_EQ(data.at("links").at(2), "sub-0007.html#failures");
  EXPECT_EQ(data.at("reasons").at(2).at(0),
            "expected voxels of at most 10 mm, found 12 mm along k");
  EXPECT_EQ(values_of(data, 0).size(), 2u);
  EXPECT_EQ(data.at("participants").at(1).at("name"), "sex");
  EXPECT_EQ(data.at("participants").at(1).at("values").at(1), "M");
  EXPECT_TRUE(data.at("participants").at(1).at("values").at(2).is_null());
  const auto links = std::count_if(page.elements.begin(), page.elements.end(), [](const auto& e) {
    return e.tag == "a" && e.attributes.at("href").rfind("sub-0001.html#", 0) == 0;
  });
  EXPECT_EQ(links, 1);
}

TEST(GroupReportTest, RatingsOfOtherSegmentationsAreNotOnThePage) {
  GroupReport group = example_group(2);
  const auto rating = [&](const std::string& digest) {
    Rating made;
    made.image = group.rows[1].image;
    made.rater = "AB";
    made.time = "2025-06-01T12:00:00Z";
    made.rating = "fail";
    made.reasons = {"head motion"};
    made.digest = digest;
    return made;
  };
  group.ratings = {rating("another"), rating(group.rows[1].segmentation_digest)};
  const auto ratings = data_of(parse_page(group_report_html(group))).at("ratings");
  ASSERT_EQ(ratings.size(), 1u);
  EXPECT_EQ(ratings[0].at("row"), 1);
  EXPECT_EQ(ratings[0].at("reasons").at(0), "head motion");
}

TEST(GroupSummaryTest, HoldsTheStatisticsOfEachMeasureAndNullWhereNoImageHasIt) {
  GroupReport group = example_group(5);
  const double values[] = {1, 2, 4, 8, std::numeric_limits<double>::quiet_NaN()};
  for (std::size_t i = 0; i < 5; ++i) group.rows[i].values[0] = values[i];
  const auto summary = group_summary(group);
  EXPECT_EQ(summary.at("Images"), 5);
  EXPECT_EQ(summary.at("Failed"), 1);
  EXPECT_EQ(summary.at("GeneratedBy").at("Version"), group.provenance.version);
  const auto& snr = summary.at("Measures").at("snr_total");
  EXPECT_EQ(snr.at("n"), 4);
  EXPECT_EQ(snr.at("median"), 3);
  EXPECT_EQ(snr.at("mad"), 1.5);
  EXPECT_EQ(snr.at("q1"), 1.75);
  EXPECT_EQ(snr.at("q3"), 5);
  EXPECT_EQ(snr.at("max"), 8);
  EXPECT_EQ(summary.at("Measures").at("qi_1").at("n"), 0);
  EXPECT_TRUE(summary.at("Measures").at("qi_1").at("median").is_null());
  EXPECT_EQ(summary.at("Measures").size(), group.measures.size());
}

TEST(GroupReportTest, RefusesRowsThatDoNotFitTheMeasures) {
  GroupReport group = example_group(2);
  group.rows[1].values.pop_back();
  EXPECT_THROW(group_report_html(group), std::invalid_argument);
  group = example_group(2);
  group.icv = group.measures.size();
  EXPECT_THROW(group_report_html(group), std::invalid_argument);
}

TEST(GroupReportTest, IsWrittenWhereItIsWanted) {
  const TemporaryFolder folder;
  write_group_report(folder.path() / "out" / "group_T1w.html", example_group(2));
  EXPECT_EQ(problems_of(parse_page(content_of(folder.path() / "out" / "group_T1w.html"))),
            std::vector<std::string>());
}

}  // namespace
}  // namespace hypersynth
