#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/evaluation_section.h"
#include "report/rating_table.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A numeric column of group_<suffix>.tsv: a volume or an image quality measure.
struct GroupMeasure {
  enum class Kind { kVolume, kQuality };

  std::string name;   ///< column name in the table
  std::string title;  ///< name for readers; if empty, `name` is shown
  std::string unit;
  std::string meaning;  ///< one sentence; may be empty
  Kind kind = Kind::kQuality;
  bool main = false;  ///< shown first, and outliers are counted among these
};

/// One image: a row of group_<suffix>.tsv.
struct GroupRow {
  std::string image;    ///< path of the source, relative to its dataset
  std::string subject;  ///< label of the subject
  std::string report;   ///< path of the subject's page, relative to the group page
  Verdict verdict = Verdict::kNone;
  std::vector<double> values;  ///< one for each measure; NaN if there is none
  std::vector<std::string> verdict_reasons{};
  std::string segmentation_digest{};  ///< of the label map, to which ratings belong
  std::vector<Field> participant{};   ///< cells of participants.tsv; may be empty
  /// How the paths of its pictures begin, as in "sub-01/figures/sub-01_ses-1"; empty: it has none.
  std::string figures{};
  bool has_thumbnail = false;  ///< the picture of draw_thumbnail() is among them
};

/// Everything on the group page of one suffix.
struct GroupReport {
  std::string dataset;
  std::string suffix;
  std::vector<GroupMeasure> measures;
  std::vector<GroupRow> rows;
  std::optional<std::size_t> icv;             ///< which of the measures is the intracranial volume
  std::optional<AgreementSection> agreement;  ///< where the images were scored
  std::vector<FailedImage> failures;
  std::string tsv;      ///< path of the table, relative to the page
  std::string summary;  ///< path of the statistics of all measures; may be empty
  /// Of the raters' tables; those of other images or segmentations are passed over.
  std::vector<Rating> ratings;
  std::vector<OutputFile> other_groups;  ///< links to the group pages of other suffixes
  Provenance provenance;
};

/// Writes what stands in the place of the page of a suffix until the group level has made it.
/// Throws Error if it cannot be written.
void write_group_placeholder(const fs::path& path, const std::string& suffix,
                             const Provenance& provenance);

/// The page as one string. Throws std::invalid_argument if a row has not one value for each
/// measure, or `icv` is not one of them.
std::string group_report_html(const GroupReport& report);

/// Writes the page as an atomic file. Throws what group_report_html() throws, and Error if the page
/// cannot be written.
void write_group_report(const fs::path& path, const GroupReport& report);

}  // namespace hypersynth
