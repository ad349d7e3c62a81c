#pragma once

#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/rating_table.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// The folder of the output dataset into which readers put the tables that the pages save.
inline constexpr const char* kRatingsFolder = "ratings";

/// Reads all tables (*.tsv) in the ratings folder of an output dataset and keeps of each rater's
/// ratings of one segmentation the newest. A file or line that is no rating becomes a problem that
/// names it. The tables are never written.
RatingTable read_reader_ratings(const fs::path& output_dir);

}  // namespace hypersynth
