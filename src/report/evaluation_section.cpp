#include "report/evaluation_section.h"

#include "report/number.h"

namespace hypersynth {
namespace {

void open_section(HtmlWriter& html, const std::string& id, const std::string& title,
                  std::vector<NavEntry>& navigation) {
  hypersynth::open_section(html, id, title);
  navigation.push_back({id, title});
}

void write_head(HtmlWriter& html, const std::vector<const char*>& titles) {
  html.open("thead").open("tr");
  for (const char* title : titles) {
    html.element("th", title,
                 {{"scope", "col"}, {"class", title == titles.front() ? "name" : "number"}});
  }
  html.close().close();
}

void write_number(HtmlWriter& html, const std::string& text) {
  html.element("td", text, {{"class", "number"}});
}

void write_estimate(HtmlWriter& html, const EstimateCell& cell, int decimals) {
  write_number(html, with_interval(cell.value, cell.low, cell.high, decimals));
}

void write_table(HtmlWriter& html, const std::vector<AgreementRow>& rows) {
  open_scrolling(html, "Agreement by structure");
  html.open("table", {{"class", "agreement"}});
  write_head(html, {"Structure", "Images", "Reference only", "Segmentation only", "Dice",
                    "HD95, mm", "Mean surface distance, mm", "Volume difference, %"});
  html.open("tbody");
  for (const AgreementRow& row : rows) {
    html.open("tr").element("th", row.structure, {{"scope", "row"}});
    write_number(html, std::to_string(row.scored));
    write_number(html, std::to_string(row.reference_only));
    write_number(html, std::to_string(row.segmentation_only));
    write_estimate(html, row.dice, 3);
    write_estimate(html, row.hausdorff95_mm, 2);
    write_estimate(html, row.mean_surface_distance_mm, 2);
    write_estimate(html, row.volume_difference_percent, 1);
    html.close();
  }
  html.close().close().close();
}

void write_worst(HtmlWriter& html, const std::vector<WorstImage>& images) {
  open_scrolling(html, "Images that agree least");
  html.open("table");
  html.open("thead").open("tr").element("th", "Image", {{"scope", "col"}});
  html.element("th", "Mean Dice", {{"scope", "col"}, {"class", "number"}});
  html.element("th", "Structures that agree least", {{"scope", "col"}});
  html.close().close().open("tbody");
  for (const WorstImage& image : images) {
    html.open("tr").open("th", {{"scope", "row"}});
    if (image.link.empty()) {
      html.element("code", image.image);
    } else {
      html.open("a", {{"href", image.link}}).element("code", image.image).close();
    }
    html.close();
    write_number(html, fixed_number(image.dice, 3));
    html.element("td", image.structures).close();
  }
  html.close().close().close();
}

void write_unscored(HtmlWriter& html, const std::vector<UnscoredImage>& images) {
  open_scrolling(html, "Not scored");
  html.open("table", {{"class", "failures"}}).open("thead").open("tr");
  for (const char* title : {"File", "Why"}) html.element("th", title, {{"scope", "col"}});
  html.close().close().open("tbody");
  for (const UnscoredImage& image : images) {
    html.open("tr").open("th", {{"scope", "row"}}).element("code", image.path).close();
    html.element("td", image.reason).close();
  }
  html.close().close().close();
}

}  // namespace

void write_agreement(HtmlWriter& html, const AgreementSection& section,
                     std::vector<NavEntry>& navigation) {
  open_section(html, "agreement", "Agreement with the reference", navigation);
  html.open("p").text("Reference: ").element("b", section.reference).text(".").close();
  html.element(
      "p",
      "Means over images with 95 % confidence intervals (Student's t). A structure that "
      "only the reference or only the segmentation of an image has is counted and not "
      "scored. HD95: 95th percentile of the surface distances, the larger of both directions.",
      {{"class", "legend"}});
  write_table(html, section.rows);
  html.close();
  if (!section.dice.empty()) {
    open_section(html, "agreement-dice", "Dice by structure", navigation);
    html.element("p", "One dot per image, the bar is the median.", {{"class", "legend"}});
    html.trusted(strip_chart_svg(section.dice, "Dice", "Dice of each structure and image"));
    html.close();
  }
  if (!section.volumes.empty()) {
    open_section(html, "agreement-volumes", "Volumes (Bland and Altman)", navigation);
    html.element(
        "p",
        "One dot per structure and image: the difference of the volumes, segmentation less "
        "reference, in percent of their mean, against that mean. Lines: mean difference "
        "and limits of agreement (mean \xC2\xB1 1.96 standard deviations) of all dots; "
        "dots beyond the axis stand at its ends.",
        {{"class", "legend"}});
    html.trusted(bland_altman_svg(section.volumes, "Mean of both volumes, mm\xC2\xB3",
                                  "Difference, %", "Difference of volumes against their mean"));
    html.close();
  }
  if (!section.worst.empty()) {
    open_section(html, "agreement-worst", "Images that agree least", navigation);
    write_worst(html, section.worst);
    html.close();
  }
  if (section.unscored.empty()) return;
  open_section(html, "agreement-unscored", "Not scored", navigation);
  write_unscored(html, section.unscored);
  html.close();
}

}  // namespace hypersynth
