#include "nodes/longitudinal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/filesystem/operations.hpp>

#include "bids/derivative.h"
#include "bids/table.h"
#include "core/atomic_file.h"
#include "core/number_text.h"
#include "nodes/measures.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// Changes a year are not given for sessions closer together; ages are often whole years.
constexpr double kShortestByDate_years = 0.25;
constexpr double kShortestByAge_years = 1;

std::string cell(double value, int digits = 6) {
  return std::isfinite(value) ? significant_digits(value, digits) : "";
}

/// None for CT, since all spreads are those of MRI.
auto retest_spread(const SessionSeries& series, const RetestTable& retest, std::int32_t label) {
  const Recipe& recipe = series.images.front()->record.recipe;
  auto spread = retest.find(recipe.model_digest, recipe.fast, series.suffix, label);
  return recipe.ct ? decltype(spread)() : spread;
}

StructureCourse course_of(const SessionSeries& series, const RetestTable& retest,
                          const std::string& name, std::int32_t label,
                          std::vector<double> volumes) {
  StructureCourse course;
  course.name = name;
  const auto change = volume_change(volumes, series.years,
                                    series.by_age ? kShortestByAge_years : kShortestByDate_years);
  course.volumes_mm3 = std::move(volumes);
  course.change_percent = change.percent;
  course.change_percent_per_year = change.percent_per_year;
  const auto spread = retest_spread(series, retest, label);
  course.limit_percent = spread ? spread->limit_percent() : kNaN;
  return course;
}

double volume_of(const ImageResult& result, std::int32_t label) {
  for (const auto& volume : result.volumes) {
    if (volume.index == label) return volume.soft_mm3;
  }
  return kNaN;
}

std::vector<StructureCourse> courses_of(const SessionSeries& series, const RetestTable& retest) {
  std::vector<double> volumes;
  for (const auto* image : series.images) volumes.push_back(image->record.intracranial_mm3);
  std::vector<StructureCourse> courses = {
      course_of(series, retest, "intracranial volume", kIntracranial, std::move(volumes))};
  for (const auto& structure : series.images.front()->volumes) {
    std::vector<double> values;
    for (const auto* image : series.images) values.push_back(volume_of(*image, structure.index));
    courses.push_back(
        course_of(series, retest, structure.name, structure.index, std::move(values)));
  }
  return courses;
}

std::string limit_source(const SessionSeries& series, const RetestTable& retest) {
  const Recipe& recipe = series.images.front()->record.recipe;
  const auto spread = retest_spread(series, retest, kIntracranial);
  const std::string model = recipe.model + (recipe.fast ? " with --fast" : "");
  if (!spread)
    return "There are no limits, and no change is marked: how much volumes of an unchanged person "
           "differ between two " +
           series.suffix + " scans has not been measured for the model " + model + ".";
  return "The limits were measured with the model " + model + " on " +
         std::to_string(spread->pairs) +
         " people who were scanned twice (models/README.md), on one scanner: with other scanners "
         "volumes may differ more.";
}

LongitudinalSeries series_of(const SessionSeries& from, const RetestTable& retest) {
  LongitudinalSeries series;
  series.name = from.name;
  series.notes = from.notes;
  const Recipe& recipe = from.images.front()->record.recipe;
  series.made_with = "the model " + recipe.model + (recipe.fast ? ", --fast" : "") +
                     (recipe.ct ? ", --ct" : "") + ", hypersynth " + recipe.version;
  for (std::size_t i = 0; i < from.images.size(); ++i) {
    const ImageResult& image = *from.images[i];
    series.sessions.push_back({session_of_image(image), image.record.path, time_of_image(image),
                               from.years.empty() ? kNaN : from.years[i],
                               verdict_from(image.record.verdict)});
  }
  if (from.images.size() < 2) return series;
  series.structures = courses_of(from, retest);
  series.limit_source = limit_source(from, retest);
  return series;
}

}  // namespace

LongitudinalReport longitudinal_report(const std::vector<SessionSeries>& series,
                                       const RetestTable& retest) {
  LongitudinalReport report;
  for (const auto& one : series) report.series.push_back(series_of(one, retest));
  return report;
}

std::string longitudinal_table(const LongitudinalReport& report) {
  bids::Table table({"series", "structure", "session_id", "image", "acq_time", "years",
                     "volume_soft_mm3", "change_percent", "change_percent_per_year",
                     "limit_percent", "beyond_limit"});
  for (const auto& series : report.series) {
    for (const auto& course : series.structures) {
      for (std::size_t i = 0; i < series.sessions.size(); ++i) {
        const auto& session = series.sessions[i];
        const bool is_last = i + 1 == series.sessions.size();
        const auto of_last = [&](std::string text) { return is_last ? std::move(text) : ""; };
        const bool has_limit =
            std::isfinite(course.limit_percent) && std::isfinite(course.change_percent);
        table.add_row({series.name, course.name, "ses-" + session.session, session.image,
                       session.time, cell(session.years), cell(course.volumes_mm3[i], 9),
                       of_last(cell(course.change_percent)),
                       of_last(cell(course.change_percent_per_year)),
                       of_last(cell(course.limit_percent)),
                       of_last(!has_limit            ? ""
                               : course.is_notable() ? "yes"
                                                     : "no")});
      }
    }
  }
  return table.format();
}

std::string longitudinal_sidecar() {
  const auto column = [](const char* text, const char* unit = nullptr) {
    nlohmann::json about = {{"Description", text}};
    if (unit != nullptr) about["Units"] = unit;
    return about;
  };
  return bids::format_sidecar(
      {{"series", column("Kind of the images that are compared: suffix, and entities other than "
                         "subject, session and run")},
       {"structure", column("Name of the structure, or intracranial volume")},
       {"session_id", column("Session, in the order of the times")},
       {"image", column("Path of the image in the raw dataset")},
       {"acq_time", column("Date of the scan as in the raw dataset, which may be shifted, or the "
                           "age in that session")},
       {"years", column("Time since the first session", "year")},
       {"volume_soft_mm3", column("Soft volume", "mm^3")},
       {"change_percent",
        column("In the row of the last session: 100 (last - first) / mean of both", "percent")},
       {"change_percent_per_year",
        column("In the row of the last session: slope of the least-squares line through all "
               "sessions in percent of their mean",
               "percent per year")},
       {"limit_percent",
        column("In the row of the last session: what 95 % of the changes between two scans of an "
               "unchanged person stay below",
               "percent")},
       {"beyond_limit", column("Whether the change is larger than the limit: yes or no")}});
}

RetestTable read_retest_table(const fs::path& path) {
  if (path.empty()) return {};
  const auto text = pipeline::real_file_system().read(path);
  return text ? RetestTable::parse(*text, path.string()) : RetestTable();
}

void publish_longitudinal(const fs::path& output_dir, const std::string& subject,
                          LongitudinalReport& report) {
  const std::string path = longitudinal_output(subject);
  const bool is_compared =
      std::any_of(report.series.begin(), report.series.end(),
                  [](const auto& series) { return !series.structures.empty(); });
  if (is_compared) {
    report.table = path;
    write_atomically(output_dir / path, longitudinal_table(report));
    write_atomically(output_dir / sidecar_of(path), longitudinal_sidecar());
    return;
  }
  boost::system::error_code ignored;
  fs::remove(output_dir / path, ignored);
  fs::remove(output_dir / sidecar_of(path), ignored);
}

}  // namespace hypersynth
