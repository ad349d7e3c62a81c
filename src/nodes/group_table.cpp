#include "nodes/group_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "core/atomic_file.h"
#include "nodes/measures.h"
#include "nodes/results.h"
#include "report/group_report.h"

namespace hypersynth {

namespace {

/// "left hippocampus" -> "left_hippocampus_mm3".
std::string volume_column(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name + "_mm3";
}

std::string cell(double value) {
  if (!std::isfinite(value)) return "";
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// The columns of a suffix: all measures that any of its images has, volumes last.
std::vector<GroupMeasure> columns_of(const std::vector<ImageResult>& results) {
  std::vector<GroupMeasure> columns;
  const auto add = [&](GroupMeasure column) {
    const auto same = [&](const GroupMeasure& other) { return other.name == column.name; };
    if (std::none_of(columns.begin(), columns.end(), same)) columns.push_back(std::move(column));
  };
  for (const auto& result : results) {
    for (const auto& measure : result.record.measures) add(group_measure(measure.name));
  }
  add({"icv_mm3", "Intracranial volume", "mm³", "Brain and CSF: the sum of all soft volumes",
       GroupMeasure::Kind::kVolume});
  for (const auto& result : results) {
    for (const auto& volume : result.volumes) {
      add({volume_column(volume.name), volume.name, "mm³", "Soft volume",
           GroupMeasure::Kind::kVolume});
    }
  }
  return columns;
}

std::vector<double> values_of(const ImageResult& result, const std::vector<GroupMeasure>& columns) {
  std::map<std::string, double> known;
  for (const auto& measure : result.record.measures) known[measure.name] = measure.value;
  known["icv_mm3"] = result.record.intracranial_mm3;
  for (const auto& volume : result.volumes) known[volume_column(volume.name)] = volume.soft_mm3;
  std::vector<double> values;
  for (const auto& column : columns) {
    const auto found = known.find(column.name);
    values.push_back(found == known.end() ? std::numeric_limits<double>::quiet_NaN()
                                          : found->second);
  }
  return values;
}

std::string format_table(const std::vector<ImageResult>& results,
                         const std::vector<GroupMeasure>& columns) {
  std::vector<std::string> header = {"bids_name", "participant_id", "session_id", "verdict"};
  for (const auto& column : columns) header.push_back(column.name);
  bids::Table table(header);
  for (const auto& result : results) {
    const auto& entities = result.record.entities;
    const std::string session = entities.value("session", std::string());
    std::vector<std::string> row = {result.stem + "_" + result.record.suffix,
                                    "sub-" + result.subject,
                                    session.empty() ? "" : "ses-" + session, result.record.verdict};
    for (const double value : values_of(result, columns)) row.push_back(cell(value));
    table.add_row(std::move(row));
  }
  return table.format();
}

std::map<std::string, std::vector<ImageResult>> results_by_suffix(const fs::path& output_dir) {
  std::map<std::string, std::vector<ImageResult>> by_suffix;
  for (const auto& subject : subjects_with_results(output_dir)) {
    for (auto& result : read_results(output_dir, subject))
      by_suffix[result.record.suffix].push_back(std::move(result));
  }
  return by_suffix;
}

}  // namespace

std::vector<fs::path> planned_group_pages(const fs::path& output_dir) {
  std::vector<fs::path> pages;
  for (const auto& [suffix, results] : results_by_suffix(output_dir)) {
    pages.push_back(output_dir / ("group_" + suffix + ".tsv"));
    pages.push_back(output_dir / ("group_" + suffix + ".html"));
  }
  return pages;
}

std::vector<fs::path> write_group_pages(const ReportContext& context) {
  const auto by_suffix = results_by_suffix(context.output_dir);
  const auto failures = read_failures(context.output_dir);
  std::vector<fs::path> written;
  for (const auto& [suffix, results] : by_suffix) {
    GroupReport page;
    page.dataset = context.dataset;
    page.suffix = suffix;
    page.measures = columns_of(results);
    page.tsv = "group_" + suffix + ".tsv";
    page.provenance = context.provenance;
    for (std::size_t i = 0; i < page.measures.size(); ++i) {
      if (page.measures[i].name == "icv_mm3") page.icv = i;
    }
    for (const auto& result : results) {
      page.rows.push_back({result.record.path, result.subject, "sub-" + result.subject + ".html",
                           verdict_from(result.record.verdict), values_of(result, page.measures)});
    }
    for (const auto& failure : failures) {
      if (failure.suffix != suffix) continue;
      page.failures.push_back({failure.path, failure.expected, failure.found, failure.subject,
                               "sub-" + failure.subject + ".html"});
    }
    for (const auto& other : by_suffix) {
      if (other.first != suffix) {
        page.other_groups.push_back({other.first, "group_" + other.first + ".html"});
      }
    }
    write_atomically(context.output_dir / page.tsv, format_table(results, page.measures));
    write_group_report(context.output_dir / ("group_" + suffix + ".html"), page);
    written.push_back(context.output_dir / page.tsv);
    written.push_back(context.output_dir / ("group_" + suffix + ".html"));
  }
  write_failure_table(context.output_dir);
  return written;
}

}  // namespace hypersynth
