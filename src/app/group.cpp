#include "app/group.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include <boost/filesystem/operations.hpp>

#include "app/prune.h"
#include "app/runtime.h"
#include "core/error.h"
#include "nodes/group_table.h"
#include "nodes/results.h"

namespace hypersynth {

namespace {

void warn(const std::string& text) {
  std::fprintf(stderr, "hypersynth: warning: %s\n", printable(text).c_str());
}

void tell_of_left_out(const GroupPages& pages) {
  if (pages.left_out.empty()) return;
  for (const auto& path : pages.left_out)
    warn(path + ": the image is no longer in the dataset; its results are left out");
  warn("--prune removes the files of images that are no longer in the dataset");
}

/// Files of readers may have any number of lines that are no ratings.
void tell_of_ratings(const GroupPages& pages) {
  constexpr std::size_t kMost = 20;
  const auto& problems = pages.rating_problems;
  for (std::size_t i = 0; i < std::min(kMost, problems.size()); ++i) warn(problems[i]);
  if (problems.size() > kMost)
    warn("tables of ratings: " + std::to_string(problems.size() - kMost) + " more such lines");
}

ExitCode run_group(const GroupOptions& options) {
  if (!fs::is_directory(options.output_dir)) {
    throw Error(ExitCode::kInputMissing,
                options.output_dir.string() +
                    ": expected the results of the participant level, found no folder");
  }
  if (!options.participant_label.empty() || !options.exclude_participant_label.empty() ||
      !options.session_label.empty() || !options.modalities.empty())
    warn(
        "the group level gathers all results: participants, sessions and modalities are chosen at "
        "the participant level");
  const auto layout = source_dataset(options);
  if (!layout)
    warn(options.bids_dir.string() + ": no such folder; whether images still exist is not known");
  if (options.prune) prune(options, layout ? &*layout : nullptr);
  const auto exists = [&](const std::string& path) {
    return !layout || source_exists(layout->root(), path);
  };
  const auto context = report_context(options, layout ? &*layout : nullptr);
  const GroupPages pages = write_group_pages(context, exists, options.dry_run);
  tell_of_left_out(pages);
  for (const auto& problem : pages.problems) warn(problem);
  for (const auto& warning : pages.warnings) warn(warning);
  tell_of_ratings(pages);
  if (pages.written.empty() && !pages.left_out.empty()) {
    throw Error(ExitCode::kNothingSelected,
                options.output_dir.string() + ": expected results of images in " +
                    options.bids_dir.string() + ", found only results of others");
  }
  if (pages.written.empty()) {
    throw Error(ExitCode::kNothingSelected,
                options.output_dir.string() + ": no results; run the participant level first");
  }
  for (const auto& file : pages.written)
    std::printf("%s%s\n", options.dry_run ? "would write " : "", file.c_str());
  for (const auto& file : pages.removed)
    warn(file.string() + ": no image has this suffix any more, or none of them a rating; " +
         (options.dry_run ? "would be removed" : "removed"));
  if (pages.problems.empty()) return ExitCode::kOk;
  warn(
      "to make these files anew, run the level again that wrote them: evaluate for the files "
      "group_evaluation*, participant for all others");
  return ExitCode::kSomeImagesFailed;
}

}  // namespace

int run_group_level(const GroupOptions& options) { return static_cast<int>(run_group(options)); }

}  // namespace hypersynth
