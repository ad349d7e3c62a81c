#include "report/volume_section.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

#include "report/number.h"
#include "report/page.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kAsymmetryLimitPercent = 30;

enum class Side { kNone, kLeft, kRight };

struct SidedName {
  Side side = Side::kNone;
  std::string name;
};

bool starts_with_word(const std::string& name, std::string_view word) {
  if (name.size() <= word.size() + 1) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(name[i])) != word[i]) return false;
  }
  const char next = name[word.size()];
  return next == ' ' || next == '-' || next == '_';
}

/// "left thalamus", "Left-Thalamus", "ctx-lh-insula", "Precentral_L".
SidedName split_side(const std::string& name) {
  if (starts_with_word(name, "left")) return {Side::kLeft, name.substr(5)};
  if (starts_with_word(name, "right")) return {Side::kRight, name.substr(6)};
  if (starts_with_word(name, "ctx-lh")) return {Side::kLeft, "ctx-" + name.substr(7)};
  if (starts_with_word(name, "ctx-rh")) return {Side::kRight, "ctx-" + name.substr(7)};
  if (name.size() > 2 && name.substr(name.size() - 2) == "_L") {
    return {Side::kLeft, name.substr(0, name.size() - 2)};
  }
  if (name.size() > 2 && name.substr(name.size() - 2) == "_R") {
    return {Side::kRight, name.substr(0, name.size() - 2)};
  }
  return {Side::kNone, name};
}

double soft(const std::optional<StructureVolume>& side) { return side ? side->soft_mm3 : kNaN; }
double hard(const std::optional<StructureVolume>& side) { return side ? side->hard_mm3 : kNaN; }

/// Soft volume of the sides that are there.
double total(const StructureRow& row) {
  if (!row.left) return soft(row.right);
  return row.right ? soft(row.left) + soft(row.right) : soft(row.left);
}

void write_cell(HtmlWriter& html, double value, int decimals) {
  html.element(
      "td", fixed_number(value, decimals),
      {{"class", "number"}, {"data-value", std::isfinite(value) ? std::to_string(value) : ""}});
}

void write_name(HtmlWriter& html, const StructureRow& row) {
  html.open("th", {{"scope", "row"}});
  write_swatches(html, row);
  html.text(row.name).close();
}

void write_row(HtmlWriter& html, const StructureRow& row, std::optional<double> icv_mm3) {
  const auto label = [](const std::optional<StructureVolume>& side) {
    return side ? std::to_string(side->label) : "";
  };
  html.open("tr", {{"data-left", label(row.left)}, {"data-right", label(row.right)}});
  write_name(html, row);
  if (row.paired) {
    const double asymmetry = asymmetry_percent(soft(row.left), soft(row.right));
    write_cell(html, soft(row.left), 0);
    write_cell(html, soft(row.right), 0);
    write_cell(html, asymmetry, 1);
    html.open("td", {{"class", "chart"}})
        .trusted(asymmetry_bar_svg(asymmetry, kAsymmetryLimitPercent))
        .close();
  } else {
    html.element("td", fixed_number(soft(row.left), 0),
                 {{"class", "number whole"}, {"colspan", "2"}});
    html.element("td", "", {{"colspan", "2"}});
  }
  if (icv_mm3) write_cell(html, 100 * total(row) / *icv_mm3, 2);
  if (row.paired) {
    write_cell(html, hard(row.left), 0);
    write_cell(html, hard(row.right), 0);
  } else {
    html.element("td", fixed_number(hard(row.left), 0),
                 {{"class", "number whole"}, {"colspan", "2"}});
  }
  html.close();
}

void write_head(HtmlWriter& html, bool with_icv) {
  html.open("thead").open("tr");
  html.element("th", "Structure", {{"scope", "col"}, {"rowspan", "2"}});
  html.element("th", "Soft volume, mm\xC2\xB3", {{"scope", "colgroup"}, {"colspan", "2"}});
  html.element("th", "Asymmetry, %", {{"scope", "colgroup"}, {"colspan", "2"}, {"rowspan", "2"}});
  if (with_icv) html.element("th", "% of ICV", {{"scope", "col"}, {"rowspan", "2"}});
  html.element("th", "Hard volume, mm\xC2\xB3", {{"scope", "colgroup"}, {"colspan", "2"}});
  html.close().open("tr");
  for (const char* side : {"left", "right", "left", "right"}) {
    html.element("th", side, {{"scope", "col"}, {"class", "number"}});
  }
  html.close().close();
}

void write_chart(HtmlWriter& html, const std::vector<StructureRow>& rows) {
  std::vector<DotRow> dots;
  for (const StructureRow& row : rows) {
    DotRow dot{row.name, soft(row.left), soft(row.right), kNaN};
    if (!row.paired) std::swap(dot.left, dot.unpaired);
    dots.push_back(std::move(dot));
  }
  html.open("details", {{"class", "chart"}}).element("summary", "Chart of the volumes");
  html.open("p", {{"class", "legend"}})
      .text("\xE2\x97\x8F left \xC2\xA0 \xE2\x97\x8B right \xC2\xA0 \xE2\x97\x86 no sides")
      .close();
  html.trusted(dot_chart_svg(dots, "soft volume, mm\xC2\xB3 (logarithmic)",
                             "Volumes of the structures; the numbers are in the table"));
  html.close();
}

}  // namespace

std::vector<StructureRow> pair_sides(const std::vector<StructureVolume>& volumes) {
  std::vector<StructureRow> rows;
  for (const StructureVolume& volume : volumes) {
    const SidedName sided = split_side(volume.name);
    const bool paired = sided.side != Side::kNone;
    auto row = std::find_if(rows.begin(), rows.end(), [&](const StructureRow& r) {
      const auto& place = sided.side == Side::kRight ? r.right : r.left;
      return r.paired == paired && r.name == sided.name && !place;
    });
    if (row == rows.end()) row = rows.insert(row, {sided.name, paired, {}, {}});
    (sided.side == Side::kRight ? row->right : row->left) = volume;
  }
  return rows;
}

void write_swatches(HtmlWriter& html, const StructureRow& row) {
  const bool same = row.left && row.right && row.left->colour == row.right->colour;
  if (row.left) html.trusted(swatch_svg(css_colour(row.left->colour)));
  if (row.right && !same) html.trusted(swatch_svg(css_colour(row.right->colour)));
}

double asymmetry_percent(double left, double right) {
  const double sum = left + right;
  return sum > 0 ? 200 * (left - right) / sum : kNaN;
}

void write_volumes(HtmlWriter& html, const std::vector<StructureVolume>& volumes,
                   std::optional<double> icv_mm3) {
  const std::vector<StructureRow> rows = pair_sides(volumes);
  const bool with_icv = icv_mm3 && *icv_mm3 > 0;
  if (with_icv) {
    html.open("p").text("Intracranial volume (ICV): ");
    html.element("strong", fixed_number(*icv_mm3 / 1000, 1) + " cm\xC2\xB3").text(".").close();
  }
  html.element(
      "p",
      "Soft volumes are sums of posteriors, hard volumes count voxels of the final labels. "
      "Asymmetry = 100 (left \xE2\x88\x92 right) / mean(left, right), from soft volumes; the bar "
      "points to the larger side and ends at 30 %.",
      {{"class", "legend"}});
  open_scrolling(html, "Volumes");
  html.open("table", {{"class", "volumes"}});
  write_head(html, with_icv);
  html.open("tbody");
  for (const StructureRow& row : rows) write_row(html, row, with_icv ? icv_mm3 : std::nullopt);
  html.close().close().close();
  write_chart(html, rows);
}

}  // namespace hypersynth
