#include "report/longitudinal_section.h"

#include <algorithm>
#include <cmath>

#include "report/chart_axis.h"
#include "report/number.h"
#include "report/page.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

constexpr std::size_t kMostColumns = 4;  ///< sessions whose volumes all have a column

std::string signed_number(double value, int decimals) {
  const std::string text = fixed_number(value, decimals);
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  return std::isfinite(value) && value > 0 && !is_zero ? "+" + text : text;
}

std::vector<double> years_of(const LongitudinalSeries& series) {
  std::vector<double> years;
  for (const auto& session : series.sessions) years.push_back(session.years);
  return years;
}

/// The sessions whose volumes are shown: all, or the first and the last of many.
std::vector<std::size_t> shown_sessions(const LongitudinalSeries& series) {
  std::vector<std::size_t> shown;
  const std::size_t count = series.sessions.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (count <= kMostColumns || i == 0 || i + 1 == count) shown.push_back(i);
  }
  return shown;
}

void write_sessions(HtmlWriter& html, const LongitudinalSeries& series) {
  open_scrolling(html, "Sessions compared, " + series.name);
  html.open("table", {{"class", "sessions"}}).open("thead").open("tr");
  for (const char* title : {"Session", "Image", "Date or age", "Years since the first", "Verdict"})
    html.element("th", title, {{"scope", "col"}});
  html.close().close().open("tbody");
  for (const auto& session : series.sessions) {
    html.open("tr").element("th", "ses-" + session.session, {{"scope", "row"}});
    html.element("td", file_name_of(session.image));
    html.element("td", session.time.empty() ? "not known" : session.time);
    html.element("td", fixed_number(session.years, 2), {{"class", "number"}}).open("td");
    write_badge(html, session.verdict);
    html.close().close();
  }
  html.close().close().close();
}

void write_course_head(HtmlWriter& html, const LongitudinalSeries& series) {
  html.open("thead").open("tr").element("th", "Structure", {{"scope", "col"}});
  for (const std::size_t i : shown_sessions(series))
    html.element("th", "ses-" + series.sessions[i].session + ", mm\xC2\xB3",
                 {{"scope", "col"}, {"class", "number"}});
  for (const char* title : {"Change, %", "% a year", "Limit, %"})
    html.element("th", title, {{"scope", "col"}, {"class", "number"}});
  html.element("th", "Course", {{"scope", "col"}});
  html.element("th", "Remark", {{"scope", "col"}}).close().close();
}

void write_courses(HtmlWriter& html, const LongitudinalSeries& series) {
  open_scrolling(html, "Volumes over sessions, " + series.name);
  html.open("table", {{"class", "courses"}});
  write_course_head(html, series);
  html.open("tbody");
  for (const auto& course : series.structures) {
    html.open("tr").element("th", course.name, {{"scope", "row"}});
    const auto cell = [&](const std::string& text) {
      html.element("td", text, {{"class", "number"}});
    };
    for (const std::size_t i : shown_sessions(series)) cell(fixed_number(course.volumes_mm3[i], 0));
    cell(signed_number(course.change_percent, 1));
    cell(signed_number(course.change_percent_per_year, 1));
    cell(fixed_number(course.limit_percent, 1));
    html.open("td", {{"class", "chart"}}).trusted(course_svg(course, years_of(series))).close();
    html.open("td");
    if (course.is_notable()) html.element("span", "beyond limit", {{"class", "badge warning"}});
    html.close().close();
  }
  html.close().close().close();
}

std::string summary_of(const LongitudinalSeries& series) {
  std::size_t with_limit = 0, notable = 0;
  for (const auto& course : series.structures) {
    with_limit += std::isfinite(course.limit_percent);
    notable += course.is_notable();
  }
  if (with_limit == 0) return "";
  return "Beyond the limit: " + std::to_string(notable) + " of " + std::to_string(with_limit) +
         " volumes. By chance alone about 1 in 20 is.";
}

void write_series(HtmlWriter& html, const LongitudinalSeries& series, const PageFiles& files) {
  html.element("h3", series.name + " over sessions");
  if (series.is_mirrored())
    html.element("p",
                 "Left and right seem to be swapped in the file of at least one session: see the "
                 "scans below the table.",
                 {{"class", "notice"}});
  if (!series.notes.empty()) {
    html.open("ul", {{"class", "reasons"}});
    for (const auto& note : series.notes) html.element("li", note);
    html.close();
  }
  if (series.sessions.size() < 2) return;
  html.element("p", "Made with " + series.made_with + ".", {{"class", "legend"}});
  write_sessions(html, series);
  html.element("p", series.limit_source + " " + summary_of(series), {{"class", "legend"}});
  write_courses(html, series);
  for (const auto& comparison : series.comparisons) {
    const bool is_last = &comparison == &series.comparisons.back();
    write_comparison(html, comparison, files, is_last || comparison.mirrored);
  }
}

}  // namespace

bool StructureCourse::is_notable() const {
  return std::isfinite(limit_percent) && std::abs(change_percent) > limit_percent;
}

bool LongitudinalSeries::is_mirrored() const {
  return std::any_of(comparisons.begin(), comparisons.end(),
                     [](const SessionComparison& comparison) { return comparison.mirrored; });
}

std::string course_svg(const StructureCourse& course, const std::vector<double>& years) {
  constexpr double kWidth = 130, kHeight = 34, kEdge = 5;
  double low = INFINITY, high = -INFINITY;
  const auto include = [&](double value) {
    if (!can_be_drawn(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const double volume : course.volumes_mm3) include(volume);
  if (!(low <= high)) return "";
  // At least 10 % of the volume, so that noise does not look like a trend.
  const double middle = (low + high) / 2;
  include(middle * 0.95);
  include(middle * 1.05);
  const double first = course.volumes_mm3.front();
  const double band =
      std::isfinite(course.limit_percent) ? first * course.limit_percent / 100 : NAN;
  include(first - band);
  include(first + band);
  const auto range = widened_range(low, high);
  const LinearAxis y{range.low, range.high, kHeight - kEdge, 2 * kEdge - kHeight};
  const bool timed = years.size() == course.volumes_mm3.size() && std::isfinite(years.back()) &&
                     years.back() > years.front();
  const double steps = static_cast<double>(course.volumes_mm3.size()) - 1;
  const LinearAxis x{0, timed ? years.back() : std::max(steps, 1.0), kEdge, kWidth - 2 * kEdge};
  HtmlWriter svg;
  svg.open("svg", {{"class", "curve course"},
                   {"viewBox", "0 0 " + svg_px(kWidth) + " " + svg_px(kHeight)},
                   {"aria-hidden", "true"}});
  if (can_be_drawn(band) && can_be_drawn(first)) {
    svg.empty("rect", {{"class", "band"},
                       {"x", svg_px(kEdge)},
                       {"y", svg_px(y.at(first + band))},
                       {"width", svg_px(kWidth - 2 * kEdge)},
                       {"height", svg_px(y.at(first - band) - y.at(first + band))}});
  }
  std::string line;
  HtmlWriter marks;
  for (std::size_t i = 0; i < course.volumes_mm3.size(); ++i) {
    if (!can_be_drawn(course.volumes_mm3[i])) continue;
    const std::string px = svg_px(x.at(timed ? years[i] : static_cast<double>(i)));
    const std::string py = svg_px(y.at(course.volumes_mm3[i]));
    line += (line.empty() ? "M" : "L") + px + " " + py;
    marks.empty("circle", {{"class", "dot"}, {"cx", px}, {"cy", py}, {"r", "2.6"}});
  }
  svg.empty("path", {{"class", "line"}, {"d", line}});
  svg.trusted(std::move(marks).finish()).close();
  return std::move(svg).finish();
}

void write_longitudinal(HtmlWriter& html, const LongitudinalReport& report, const std::string& id,
                        const PageFiles& files) {
  open_section(html, id, "Over sessions");
  html.element(
      "p",
      "Soft volumes of the sessions of this person. Change = 100 (last \xE2\x88\x92 first) "
      "/ mean of both; % a year is the slope of a straight line through all sessions, in "
      "percent of their mean, where they span long enough (3 months, or one year by age). "
      "The limit is what 95 % of changes between two scans of an unchanged person stay "
      "below; the grey band in the course shows it around the first session. Course: the "
      "volume over time, or in equal steps where times are not known.",
      {{"class", "legend"}});
  for (const auto& series : report.series) write_series(html, series, files);
  if (!report.table.empty()) {
    html.open("p", {{"class", "outputs"}}).text("File: ");
    write_link(html, {"Volumes over sessions", report.table});
    html.close();
  }
  html.close();
}

}  // namespace hypersynth
