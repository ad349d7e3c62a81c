#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nodes/subject_report.h"

namespace hypersynth {

/// What write_group_pages() did, or would do.
struct GroupPages {
  std::vector<fs::path> written;
  std::vector<fs::path> removed;      ///< pages of suffixes that have no images any more
  std::vector<std::string> left_out;  ///< sources whose image is no longer in the dataset
  std::vector<std::string> problems;  ///< files that cannot be read or are not what was written
};

/// Whether the source of an image, given by its path in its dataset, still exists.
using SourceExists = std::function<bool(const std::string& path)>;

/// Writes group_<suffix>.tsv and group_<suffix>.html for every suffix with results, and
/// group_failures.tsv. An image whose record or volumes cannot be read has a row without values;
/// one whose last run failed is a failure and has none; one whose source is gone is left out.
/// With `dry_run` nothing is written or removed.
GroupPages write_group_pages(const ReportContext& context, const SourceExists& source_exists,
                             bool dry_run);

}  // namespace hypersynth
