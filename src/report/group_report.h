#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A numeric column of group_<suffix>.tsv.
struct GroupMeasure {
  enum class Kind { kVolume, kQuality };

  std::string name;   ///< column header
  std::string title;  ///< for people; the name where empty
  std::string unit;
  std::string meaning;  ///< one sentence; may be empty
  Kind kind = Kind::kQuality;
};

/// One image: a row of group_<suffix>.tsv.
struct GroupRow {
  std::string image;    ///< source path relative to the dataset
  std::string subject;  ///< label
  std::string report;   ///< the subject's page, relative to the group page
  Verdict verdict = Verdict::kNone;
  std::vector<double> values;  ///< one per measure; NaN: n/a
};

/// Everything on the group page of one suffix.
struct GroupReport {
  std::string dataset;
  std::string suffix;
  std::vector<GroupMeasure> measures;
  std::vector<GroupRow> rows;
  std::optional<std::size_t> icv;  ///< which measure is the intracranial volume
  std::vector<FailedImage> failures;
  std::string tsv;  ///< path of the table, relative to the page
  std::vector<OutputFile> other_groups;
  Provenance provenance;
};

std::string group_report_html(const GroupReport& report);

/// Writes the page atomically. Throws std::invalid_argument where a row has not one value per
/// measure, Error where the page cannot be written.
void write_group_report(const fs::path& path, const GroupReport& report);

}  // namespace hypersynth
