#pragma once

#include <string>
#include <vector>

#include "report/html.h"
#include "report/page_files.h"
#include "report/reportlet.h"
#include "report/session_comparison.h"

namespace hypersynth {

/// One session in a comparison over sessions.
struct ComparedSession {
  std::string session;  ///< label, without "ses-"
  std::string image;    ///< path of the source, relative to its dataset
  std::string time;     ///< date or age; empty where it is not known
  double years = 0;     ///< since the first session; NaN where it is not known
  Verdict verdict = Verdict::kNone;
};

/// The volumes of one structure over the sessions. NaN: not known.
struct StructureCourse {
  std::string name;
  std::vector<double> volumes_mm3;  ///< one for each session
  double change_percent = 0;        ///< from the first to the last session
  double change_percent_per_year = 0;
  double limit_percent = 0;  ///< of what scanning twice alone brings about

  /// Whether the change is larger than what scanning twice alone brings about.
  bool is_notable() const;
};

/// The images of one kind over the sessions of a person. With less than two sessions only `notes`
/// are shown, which say why nothing is compared.
struct LongitudinalSeries {
  std::string name;       ///< "T1w"
  std::string made_with;  ///< model and version of the program
  std::vector<ComparedSession> sessions;
  std::vector<StructureCourse> structures;
  std::string limit_source;  ///< a sentence: where the limits are from, or why there are none
  std::vector<std::string> notes;
  std::vector<SessionComparison> comparisons{};  ///< of each later session with the first

  /// Whether left and right are swapped in a session.
  bool is_mirrored() const;
};

/// What a subject's page shows over sessions.
struct LongitudinalReport {
  std::vector<LongitudinalSeries> series;
  std::string table;  ///< path of the table with all volumes, relative to the page
};

/// A small line of the volumes over the years (or equal steps where years are not known), with a
/// band around the first volume as wide as scanning twice alone makes it.
std::string course_svg(const StructureCourse& course, const std::vector<double>& years);

/// Writes the section "Over sessions" with the id `id`.
void write_longitudinal(HtmlWriter& html, const LongitudinalReport& report, const std::string& id,
                        const PageFiles& files);

}  // namespace hypersynth
