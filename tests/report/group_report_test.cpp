#include "report/group_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "example_report.h"
#include "page_check.h"
#include "report/page.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

nlohmann::json data_of(const ParsedPage& page) { return nlohmann::json::parse(page.scripts.at(0)); }

TEST(GroupReportTest, PagesOfAnySizeAreSoundAndHoldEveryRow) {
  for (const int rows : {0, 1, 2, 60}) {
    const ParsedPage page = parse_page(group_report_html(example_group(rows)));
    EXPECT_EQ(problems_of(page), std::vector<std::string>());
    EXPECT_EQ(data_of(page).at("rows").size(), rows + 1u);  // and the failed one
    EXPECT_EQ(page.scripts.size(), 2u);
  }
}

TEST(GroupReportTest, TwoThousandImagesFitInAFewMegabytes) {
  EXPECT_LT(group_report_html(example_group(2000)).size(), 2u << 20);
}

TEST(GroupReportTest, ValuesComeBackToSevenDigitsAndWhatIsMissingIsNull) {
  GroupReport group = example_group(3);
  group.rows[0].values[0] = 1234567.891;
  group.rows[1].values[0] = std::numeric_limits<double>::quiet_NaN();
  group.rows[2].values[0] = -1.2345678e-12;
  const auto values =
      data_of(parse_page(group_report_html(group))).at("measures").at(0).at("values");
  EXPECT_NEAR(values.at(0).get<double>(), 1234567.891, 0.5);
  EXPECT_TRUE(values.at(1).is_null());
  EXPECT_NEAR(values.at(2).get<double>(), -1.2345678e-12, 1e-18);
}

TEST(GroupReportTest, RowsLinkToTheImageInTheSubjectsPage) {
  GroupReport group = example_group(1);
  group.rows[0].report = "sub-a b.html";
  const auto row = data_of(parse_page(group_report_html(group))).at("rows").at(0);
  EXPECT_EQ(row.at("link"), "sub-a%20b.html#" + image_anchor(group.rows[0].image));
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
      row.image = row.subject = row.report = row.segmentation_digest = text;
      row.verdict_reasons = {text};
      row.participant = {{text, text}};
    }
    group.failures = {{text, text, text, text, text}};
    group.other_groups = {{text, text}};
    const ParsedPage page = parse_page(group_report_html(group));
    EXPECT_EQ(problems_of(page), std::vector<std::string>()) << text;
    EXPECT_EQ(data_of(page).at("rows").size(), 3u);
  }
}

TEST(GroupReportTest, FailedImagesAreRowsAndReadersWithoutScriptsFindTheReports) {
  GroupReport group = example_group(2);
  group.rows[1].report.clear();
  const ParsedPage page = parse_page(group_report_html(group));
  const auto data = data_of(page);
  EXPECT_EQ(data.at("rows").at(2).at("verdict"), "error");
  EXPECT_EQ(data.at("rows").at(2).at("link"), "sub-0007.html#failures");
  EXPECT_EQ(data.at("rows").at(2).at("reasons").at(0),
            "expected voxels of at most 10 mm, found 12 mm along k");
  EXPECT_EQ(data.at("measures").at(0).at("values").size(), 2u);
  EXPECT_EQ(data.at("participants").at(1).at("name"), "sex");
  EXPECT_EQ(data.at("participants").at(1).at("values").at(1), "M");
  EXPECT_TRUE(data.at("participants").at(1).at("values").at(2).is_null());
  const auto links = std::count_if(page.elements.begin(), page.elements.end(), [](const auto& e) {
    return e.tag == "a" && e.attributes.at("href").rfind("sub-0001.html#", 0) == 0;
  });
  EXPECT_EQ(links, 1);
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
