#include "report/report.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "example_report.h"
#include "page_check.h"
#include "report/mosaic_reportlets.h"
#include "report/page.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

const std::vector<std::string> kNoProblems;

int count_of(const ParsedPage& page, const std::string& tag, const std::string& attribute,
             const std::string& value) {
  int n = 0;
  for (const ParsedElement& element : page.elements) {
    const auto found = element.attributes.find(attribute);
    n += element.tag == tag && found != element.attributes.end() && found->second == value;
  }
  return n;
}

TEST(ReportTest, PagesOfAnyNumberOfImagesAreSoundAndReachEverything) {
  for (const auto& [images, failures] : {std::pair{0, 0}, {0, 1}, {1, 0}, {12, 3}}) {
    const SubjectReport report = example_subject("01", images, failures);
    const ParsedPage page = parse_page(subject_report_html(report, "."));
    EXPECT_EQ(problems_of(page), kNoProblems);
    EXPECT_EQ(count_of(page, "section", "class", "image"), images);
    EXPECT_EQ(count_of(page, "section", "id", "failures"), failures > 0);
    for (const FailedImage& failure : report.failures) {
      EXPECT_NE(page.text.find(failure.path), std::string::npos);
      EXPECT_NE(page.text.find(failure.expected), std::string::npos);
      EXPECT_NE(page.text.find(failure.found), std::string::npos);
    }
    EXPECT_EQ(nlohmann::json::parse(page.scripts.at(0)).at("images").size(),
              static_cast<std::size_t>(images));
  }
}

/// Every text of a report, made hostile.
SubjectReport hostile_report(const std::string& text) {
  SubjectReport report = example_subject(text, 2, 1);
  report.dataset = text;
  report.participant.push_back({text, text});
  for (ImageReport& image : report.images) {
    image.path = image.suffix = image.segmentation_digest = text;
    image.entities = image.scanner = {{text, text}};
    image.geometry.orientation = text;
    image.verdict_reasons = image.warnings = {text};
    image.reportlets = {{text, text, text, text, {{text, text}}, {{{}, text}}}};
    image.viewer_script = text;
    image.volumes = {{1, text, {1, 2, 3}, 1, 2}, {2, "left " + text, {1, 2, 3}, 1, 2}};
    image.measures = {{text, text, 1, text, text, Verdict::kFail}};
    image.timings = {{text, 1}};
    image.outputs = {{text, text}};
  }
  report.failures = {{text, text, text, text, text}};
  report.viewer_library = text;
  report.group_pages = {{text, text}};
  report.methods = {text + "\n\n" + text, {{text, text, "10.1/x", text}}};
  Provenance& p = report.provenance;
  p.version = p.code_url = p.model_name = p.model_digest = p.command_line = p.created = p.device =
      text;
  p.options = p.environment = {{text, text}};
  return report;
}

TEST(ReportTest, WarningsAndTheReasonsOfMissingMeasuresAreToldInFull) {
  SubjectReport report = example_subject("01", 1, 0);
  ImageReport& image = report.images[0];
  image.warnings = {"its sform is singular; the qform is used"};
  const double missing = std::nan("");
  image.measures = {{"cnr", "", missing, "", "", Verdict::kNone, "the air was set to zero"},
                    {"cjv", "", 0.5, "", "", Verdict::kNone, ""},
                    {"qi_1", "", missing, "", "", Verdict::kNone, "the air was set to zero"}};
  const ParsedPage page = parse_page(subject_report_html(report, "."));
  EXPECT_NE(page.text.find(image.warnings[0]), std::string::npos);
  EXPECT_NE(page.text.find("Not measured: cnr, qi_1. Reason: the air was set to zero."),
            std::string::npos);
  EXPECT_EQ(count_of(page, "div", "class", "warnings"), 1);
  image.warnings.clear();
  EXPECT_EQ(count_of(parse_page(subject_report_html(report, ".")), "div", "class", "warnings"), 0);
}

TEST(ReportTest, MeasuresBeyondTheirLimitsComeFirstAndTheOthersAreFoldedByFamily) {
  SubjectReport report = example_subject("01", 1, 0);
  report.images[0].measures = {
      {"a", "A", 1, "", "", Verdict::kPass, "", "warning above 2", "lower", "noise"},
      {"b", "B", 3, "", "", Verdict::kWarning, "", "warning above 2", "lower", "noise"},
      {"c", "C", 1, "", "", Verdict::kNone, "", "", "higher", "contrast"},
      {"d", "D", 5, "", "", Verdict::kFail, "", "fail above 4", "lower", "contrast"}};
  const std::string html = subject_report_html(report, ".");
  const ParsedPage page = parse_page(html);
  EXPECT_EQ(count_of(page, "details", "class", "family"), 2);
  EXPECT_EQ(count_of(page, "table", "class", "measures"), 3);
  const auto at = [&](const char* text) { return html.find(text); };
  EXPECT_LT(at("<code>d</code>"), at("<code>b</code>")) << "failures first";
  EXPECT_LT(at("<code>b</code>"), at("<details class=\"family\">"));
  EXPECT_LT(at("Noise (1)"), at("<code>a</code>"));
  EXPECT_NE(at("warning above 2"), std::string::npos);
  report.images[0].measures.resize(1);
  EXPECT_NE(subject_report_html(report, ".").find("No measure is beyond its limits."),
            std::string::npos);
}

TEST(ReportTest, NoNameBreaksThePage) {
  for (const std::string text :
       {"</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='x",
        "<!-- <script>", "a\nb\tc", "Zo\xC3\xAB \xE8\x84\xB3", "\xFF\xFE", "javascript:alert(1)",
        "//host/x", "", "../../up", "&lt;b&gt;", "\xE2\x80\xA8"}) {
    const ParsedPage page = parse_page(subject_report_html(hostile_report(text), "."));
    EXPECT_EQ(problems_of(page), kNoProblems) << text;
    EXPECT_EQ(page.scripts.size(), 2u) << text;
    EXPECT_TRUE(nlohmann::json::accept(page.scripts.at(0))) << text;
  }
}

TEST(ReportTest, PicturesCarryTheirSizeAndOverlaysTheirName) {
  const TemporaryFolder folder;
  const ExampleHead head = example_head({30, 36, 30}, {6, 6, 6});
  const std::string stem = "sub-a #1_run-1";  // names that need escaping must still be found
  write_example_pictures(folder.path() / "sub-a" / "figures", stem, "T1w", head.view(),
                         example_colours());
  SubjectReport report = example_subject("a", 1, 0);
  report.images[0].reportlets = mosaic_reportlets("sub-a/figures", stem, "T1w");
  write_subject_report(folder.path() / "sub-a.html", report);
  const ParsedPage page = parse_page(content_of(folder.path() / "sub-a.html"));
  EXPECT_EQ(problems_of(page), kNoProblems);
  const std::string width = std::to_string(MosaicOptions().width_px);
  EXPECT_EQ(count_of(page, "img", "width", width), 16);
  EXPECT_EQ(count_of(page, "img", "data-layer", "Outlines"), 3);
  EXPECT_EQ(count_of(page, "img", "data-layer", "Filled"), 3);
  EXPECT_EQ(count_of(page, "img", "class", "overlay on"), 5);
  // The axial slices lie below the bias field, too.
  EXPECT_EQ(
      count_of(page, "img", "src", "sub-a/figures/sub-a%20%231_run-1_desc-axialAnatomy_T1w.png"),
      2);
  EXPECT_EQ(
      count_of(page, "img", "src", "sub-a/figures/sub-a%20%231_run-1_desc-intensities_T1w.svg"), 1);
}

TEST(ReportTest, ASinglePageHoldsItsPicturesAndScriptsAndAsksForNoFile) {
  const TemporaryFolder folder;
  const ExampleHead head = example_head({30, 36, 30}, {6, 6, 6});
  write_example_pictures(folder.path() / "figures", "sub-a", "T1w", head.view(), example_colours());
  SubjectReport report = example_subject("a", 1, 0);
  report.images[0].reportlets = mosaic_reportlets("figures", "sub-a", "T1w");
  report.images[0].viewer_script = "figures/voxels.js";
  report.viewer_library = "niivue.js";
  const std::string library = "document.write('</script><!--');", voxels = "let \xC3\xA9 = 1;";
  write_atomically(folder.path() / "niivue.js", library);
  write_atomically(folder.path() / "figures/voxels.js", voxels);
  report.single = true;
  const std::string html = subject_report_html(report, folder.path());
  const ParsedPage page = parse_page(html);
  EXPECT_EQ(problems_of(page), kNoProblems);
  for (const ParsedElement& element : page.elements) {
    if (element.tag != "img") continue;
    EXPECT_EQ(element.attributes.at("src").substr(0, 11), "data:image/");
  }
  const auto files = nlohmann::json::parse(page.scripts.at(0));
  EXPECT_EQ(files.at("niivue.js"), library);
  EXPECT_EQ(files.at("figures/voxels.js"), voxels);
  EXPECT_EQ(html.find("script-src 'unsafe-inline' 'self' file:"), std::string::npos);
}

TEST(ReportTest, ColoursHaveALegendThatIsFoldedWhereItIsLong) {
  SubjectReport report = example_subject("01", 1, 0);
  report.images[0].reportlets = {{"Slices", "", "none.png", "", {}}};
  auto& volumes = report.images[0].volumes;
  const auto legend = [&] {
    const ParsedPage page = parse_page(subject_report_html(report, "."));
    for (const ParsedElement& element : page.elements) {
      const auto& a = element.attributes;
      if (element.tag == "details" && a.count("class") > 0 && a.at("class") == "colours")
        return element.attributes.count("open") > 0 ? "open" : "folded";
    }
    return "none";
  };
  EXPECT_STREQ(legend(), "folded");
  volumes.resize(4);
  EXPECT_STREQ(legend(), "open");
  volumes.clear();
  EXPECT_STREQ(legend(), "none");
}

TEST(ReportTest, AnImageHasAViewerWhereItsVoxelsAreAndThereIsALibrary) {
  const TemporaryFolder folder;
  SubjectReport report = example_subject("01", 2, 0);
  const auto tools = [&] {
    const ParsedPage page = parse_page(subject_report_html(report, folder.path()));
    EXPECT_EQ(problems_of(page), kNoProblems);
    const int buttons = count_of(page, "p", "class", "viewer-tool screen-only needs-script");
    // Scripts beside the page may be loaded by a page that has a viewer alone.
    EXPECT_EQ(count_of(page, "meta", "content",
                       "default-src 'none'; img-src 'self' file: data: blob:; style-src "
                       "'unsafe-inline'; script-src 'unsafe-inline' 'self' file:; base-uri 'none'; "
                       "form-action 'none'"),
              buttons);
    const auto data = nlohmann::json::parse(page.scripts.at(0));
    EXPECT_EQ(data.at("images").at(0).contains("viewer"), buttons > 0);
    EXPECT_FALSE(data.at("images").at(1).contains("viewer"));
    return buttons;
  };
  EXPECT_EQ(tools(), 0);
  report.images[0].viewer_script = "sub-01/figures/a #1.js";
  report.images[1].viewer_script = "sub-01/figures/missing.js";
  report.viewer_library = "assets/niivue.js";
  EXPECT_EQ(tools(), 0);
  write_atomically(folder.path() / report.images[0].viewer_script, "");
  EXPECT_EQ(tools(), 1);
  EXPECT_NE(subject_report_html(report, folder.path()).find("sub-01/figures/a%20%231.js"),
            std::string::npos);
  report.viewer_library.clear();
  EXPECT_EQ(tools(), 0);
}

TEST(ReportTest, APictureThatIsNotThereIsNamed) {
  SubjectReport report = example_subject("01", 1, 0);
  report.images[0].reportlets = mosaic_reportlets("sub-01/figures", "sub-01", "T1w");
  const ParsedPage page = parse_page(subject_report_html(report, "nowhere"));
  EXPECT_EQ(problems_of(page), kNoProblems);
  EXPECT_NE(page.text.find("sub-01/figures/sub-01_desc-axialAnatomy_T1w.png"), std::string::npos);
}

TEST(ReportTest, TheGroupPageFindsAnImageUnderItsAnchor) {
  const SubjectReport report = example_subject("01", 3, 0);
  const ParsedPage page = parse_page(subject_report_html(report, "."));
  for (const ImageReport& image : report.images) {
    EXPECT_EQ(count_of(page, "section", "id", image_anchor(image.path)), 1) << image.path;
  }
}

TEST(ReportTest, ImagesOfOneNameInTwoFoldersAreKeptApart) {
  SubjectReport report = example_subject("01", 2, 0);
  report.images[1].path = "other/" + std::string(file_name_of(report.images[0].path));
  EXPECT_EQ(problems_of(parse_page(subject_report_html(report, "."))), kNoProblems);
}

TEST(ReportTest, MethodsTellOnlyWhatWasDone) {
  const Provenance provenance = example_provenance();
  const Methods fast = methods_of({{"T1w", "T2w", "FLAIR"}, 32, 3, 0}, provenance);
  EXPECT_NE(fast.text.find("T1w, T2w and FLAIR"), std::string::npos);
  EXPECT_EQ(fast.text.find("mirror"), std::string::npos);
  EXPECT_NE(fast.text.find(provenance.model_digest), std::string::npos);
  const Methods tuned = methods_of({{"T1w"}, 32, 1, 1, {{"learn2synth", true}}}, provenance);
  EXPECT_NE(tuned.text.find("mirror"), std::string::npos);
  EXPECT_NE(tuned.text.find("labelled scans"), std::string::npos);
  for (const Reference& reference : tuned.references) {
    EXPECT_NE(tuned.text.find(reference.key), std::string::npos) << reference.key;
  }
  EXPECT_EQ(tuned.references.size(), 4u);
}

TEST(ReportTest, MethodsNameTheMethodThatTrainedTheModel) {
  const auto trained = [](const ModelTraining& training) {
    return methods_of({{"T1w"}, 3, 1, 1, {training}}, example_provenance());
  };
  EXPECT_EQ(trained({"synthseg"}).text.find("Learn2Synth"), std::string::npos);
  const auto learned = trained({"learn2synth", false, 12});
  EXPECT_NE(learned.text.find("a synthesis tuned by hypergradients on 12 labelled scans"),
            std::string::npos);
  const auto supervised = trained({"supervised", false, 12});
  EXPECT_NE(supervised.text.find("trained on 12 labelled scans"), std::string::npos);
  EXPECT_EQ(supervised.text.find("synthetic"), std::string::npos);
  EXPECT_EQ(supervised.references.size(), 3u);
  EXPECT_NE(trained({"mixed", false, 1}).text.find("in equal parts, on 1 labelled scan."),
            std::string::npos);
  ModelTraining mean{"finetune", false, 12};
  EXPECT_EQ(trained(mean).text.find("its weights are the mean"), std::string::npos);
  mean.tuned_share = 0.5;
  EXPECT_NE(trained(mean).text.find("the mean of those so tuned (50 %) and of those that the "
                                    "training began with."),
            std::string::npos);
  EXPECT_NE(trained({"finetune", false, 0}).text.find("trained further on labelled scans from"),
            std::string::npos);
}

}  // namespace
}  // namespace hypersynth
