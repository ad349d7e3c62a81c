#include "report/learning_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "example_report.h"
#include "page_check.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> kNoProblems;

ParsedPage page_of(const LearningReport& report) {
  return parse_page(learning_report_html(report, "nowhere"));
}

std::vector<std::string> sections_of(const ParsedPage& page) {
  std::vector<std::string> ids;
  for (const ParsedElement& element : page.elements) {
    if (element.tag == "section") ids.push_back(element.attributes.at("id"));
  }
  return ids;
}

long count(const ParsedPage& page, const std::string& tag, const std::string& attribute,
           const std::string& value) {
  return std::count_if(
      page.elements.begin(), page.elements.end(), [&](const ParsedElement& element) {
        const auto found = element.attributes.find(attribute);
        return element.tag == tag && found != element.attributes.end() && found->second == value;
      });
}

TEST(LearningReportTest, ThePageIsSoundAndHasItsSectionsInOrder) {
  LearningReport report = example_learning();
  report.synthetic = {{"Real", "one scan", "figures/real.png", "slices"}};
  const ParsedPage page = page_of(report);
  EXPECT_EQ(problems_of(page), kNoProblems);
  EXPECT_THAT(sections_of(page),
              testing::ElementsAre("summary", "candidates", "structures", "scans", "training",
                                   "parameters", "pictures", "warnings", "files", "provenance"));
}

TEST(LearningReportTest, EveryRowIsShown) {
  const LearningReport report = example_learning();
  const ParsedPage page = page_of(report);
  const auto expect = [&](const std::string& text) { EXPECT_THAT(page.text, HasSubstr(text)); };
  expect(report.verdict);
  for (const auto& fact : report.facts) expect(fact.name + fact.value);
  for (const auto& row : report.candidates) {
    expect(row.name + " " + row.explanation);
    if (!row.chosen) expect(row.why_not);
  }
  expect("SyntheticInverted");
  expect("finetune0.722 (\u22120.139)0.522 (\u22120.070)");
  for (const auto& row : report.structures) expect(row.name + std::to_string(row.scans));
  for (const auto& row : report.scans) expect(row.name);
  for (const auto& curve : report.curves) expect(curve.name);
  for (const auto& parameter : report.parameters) expect(parameter.name);
  for (const auto& row : report.learned) expect(row.name);
  for (const auto& warning : report.warnings) expect(warning);
  for (const auto& file : report.files) {
    expect(file.name);
    EXPECT_EQ(count(page, "a", "href", file.path), 1);
  }
  EXPECT_EQ(count(page, "tr", "class", "chosen"), 1);
  EXPECT_EQ(count(page, "span", "class", "badge pass"), 2);  // the verdict and the chosen one
  EXPECT_EQ(count(page, "a", "href", "sub-01.html"), 1);
}

TEST(LearningReportTest, WhatIsEmptyHasNoSection) {
  const ParsedPage page = page_of({});
  EXPECT_EQ(problems_of(page), kNoProblems);
  EXPECT_THAT(sections_of(page), testing::ElementsAre("summary", "provenance"));
  EXPECT_THAT(page.text, HasSubstr("initial model kept"));
  LearningReport report;
  report.curves = {{"finetune", {}, {}, {}}};
  EXPECT_THAT(sections_of(page_of(report)), testing::ElementsAre("summary", "provenance"));
}

TEST(LearningReportTest, NumbersThatAreNotKnownAreNotAvailable) {
  LearningReport report;
  report.candidates = {CandidateRow()};
  report.candidates[0].name = "initial";
  report.structures = {{"thalamus", 0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}};
  report.scans = {{"sub-01", "", kNaN, kNaN}};
  report.learner = "learn2synth";
  report.learned = {{"noise", kNaN, kNaN, kNaN, kNaN}};
  const ParsedPage page = page_of(report);
  EXPECT_EQ(problems_of(page), kNoProblems);
  for (const char* text :
       {"not chosenn/a0n/an/a", "thalamus0n/an/an/an/a", "sub-01n/an/an/a", "noisen/an/an/a"})
    EXPECT_THAT(page.text, HasSubstr(text));
  EXPECT_EQ(count(page, "circle", "class", "before"), 0);
  EXPECT_THAT(page.text, Not(HasSubstr("0.000")));
}

TEST(LearningReportTest, DifferencesHaveASignAndAnInterval) {
  LearningReport report;
  report.structures = {{"a", 3, 0.5, 0.6, 0.1, 0.05, 0.15, 0.25},
                       {"b", 3, 0.6, 0.5, -0.1, kNaN, kNaN, 1}};
  const std::string text = page_of(report).text;
  EXPECT_THAT(text, HasSubstr("+0.100 (0.050 to 0.150)0.25"));
  EXPECT_THAT(text, HasSubstr("\xE2\x88\x92"
                              "0.100 (n/a)1"));
}

TEST(LearningReportTest, ThinnedLinesAndLostValuesAreTold) {
  LearningReport report;
  TrainingCurve curve{"finetune", {}, {}, {}};
  for (int step = 0; step < 10000; ++step)
    curve.real_loss.push_back({static_cast<double>(step), step == 5000 ? kNaN : 0.5});
  report.curves = {curve};
  const std::string text = page_of(report).text;
  EXPECT_THAT(text, HasSubstr("000 values, drawn as means of about 50."));
  EXPECT_THAT(text, HasSubstr("1 value is not a finite number"));
  report.curves[0].real_loss.resize(200);
  EXPECT_THAT(page_of(report).text, Not(HasSubstr("drawn as means")));
}

TEST(LearningReportTest, ParametersOfAMethodThatWasNotChosenAreNotTakenForThoseOfTheModel) {
  LearningReport report = example_learning();
  EXPECT_THAT(page_of(report).text, HasSubstr("What was chosen, mixed, learns none of them."));
  report.learner = "mixed";
  EXPECT_THAT(page_of(report).text, Not(HasSubstr("learns none")));
}

TEST(LearningReportTest, DiceOfACandidateThatWasNotChosenIsNotTakenForThatOfTheModel) {
  LearningReport report = example_learning();
  EXPECT_THAT(page_of(report).text, HasSubstr("the dot the model that is handed out"));
  report.compared = "finetune";
  EXPECT_THAT(page_of(report).text, HasSubstr("the dot the model of the method finetune"));
}

TEST(LearningReportTest, APictureThatIsNotThereIsNamed) {
  LearningReport report;
  report.synthetic = {{"Real", "", "figures/no <name>.png", "slices"}};
  const ParsedPage page = page_of(report);
  EXPECT_EQ(problems_of(page), kNoProblems);
  EXPECT_THAT(page.text, HasSubstr("The picture is missing: figures/no <name>.png"));
}

TEST(LearningReportTest, NoNameBreaksThePage) {
  for (const std::string text :
       {"</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "<!-- <script>",
        "a\nb\tc", "\xE8\x84\xB3", "\xFF\xFE", "", "../../up", "&lt;b&gt;",
        "javascript:alert(1)"}) {
    LearningReport report = example_learning();
    report.dataset = report.model = report.verdict = report.learner = report.compared = text;
    report.facts = {{text, text}};
    report.warnings = {text};
    report.files = {{text, text}};
    report.synthetic = {{text, text, text, text}};
    for (auto& row : report.candidates) row.name = row.explanation = row.why_not = text;
    for (auto& row : report.structures) row.name = text;
    for (auto& row : report.scans) row.name = text;
    for (auto& curve : report.curves) curve.name = text;
    for (auto& parameter : report.parameters) parameter.name = text;
    for (auto& row : report.learned) row.name = text;
    const ParsedPage page = page_of(report);
    EXPECT_EQ(problems_of(page), kNoProblems) << text;
    EXPECT_EQ(page.scripts.size(), 2u) << text;
    EXPECT_TRUE(nlohmann::json::accept(page.scripts.at(0))) << text;
  }
}

TEST(LearningReportTest, ManyParametersAndLongTrainingsStayASmallPage) {
  LearningReport report = example_learning();
  while (report.parameters.size() < 40) report.parameters.push_back(report.parameters[0]);
  EXPECT_LT(learning_report_html(report, ".").size(), 400000u);
}

}  // namespace
}  // namespace hypersynth
