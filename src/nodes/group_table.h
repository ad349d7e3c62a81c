#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nodes/subject_report.h"

namespace hypersynth {

/// What write_group_pages() did or, in a dry run, would do.
struct GroupPages {
  std::vector<fs::path> written;      ///< tables and pages, except group_failures.tsv
  std::vector<fs::path> removed;      ///< tables and pages of suffixes of which no image is left
  std::vector<std::string> left_out;  ///< paths of sources that are no longer in the dataset
  std::vector<std::string> problems;  ///< files that cannot be read or are not what was written
  std::vector<std::string> warnings;  ///< what else a reader should know, as sentences
  std::size_t ratings = 0;            ///< shown on the pages
  /// Files and lines of the readers' tables that are no ratings, or ratings of something else.
  std::vector<std::string> rating_problems;
};

/// Tells whether the source of an image, given by its path in its dataset, still exists.
using SourceExists = std::function<bool(const std::string& path)>;

/// Writes group_<suffix>.tsv, group_<suffix>.html and group_<suffix>_summary.json for every suffix
/// that has results or failures, group_<suffix>_merged_ratings.tsv with its sidecar where readers
/// have put tables of ratings into the folder `ratings`, group_volumes.csv with the volumes of all
/// images, and group_failures.tsv; then the pages of all subjects with results again, with their
/// positions in the group. The group level calls it; it reads only the output folder.
///
/// Each image with results gets a row. If its record or its volumes cannot be read, it has a row
/// without values in the table and is listed as a failure on the page. An image whose last run
/// failed has no row in the table and is listed as a failure on the page, also where no image of
/// its suffix has results. An image whose source no longer exists is left out.
///
/// If `dry_run` is true, nothing is written or removed.
GroupPages write_group_pages(const ReportContext& context, const SourceExists& source_exists,
                             bool dry_run);

}  // namespace hypersynth
