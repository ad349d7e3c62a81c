#include <cstdio>

#include <boost/filesystem/operations.hpp>

#include "app/participant.h"
#include "app/runtime.h"
#include "nodes/group_table.h"

namespace hypersynth {

ExitCode run_group(const Options& options) {
  const auto layout = open_dataset(options);
  if (!fs::is_directory(options.output_dir)) {
    throw Error(ExitCode::kInputMissing,
                options.output_dir.string() +
                    ": expected the results of the participant level, found no folder");
  }
  const auto context = report_context(options, layout, recipe_of(options, model_path(options)));
  const auto written =
      options.dry_run ? planned_group_pages(options.output_dir) : write_group_pages(context);
  if (written.empty()) {
    throw Error(ExitCode::kNothingSelected,
                options.output_dir.string() + ": no results; run the participant level first");
  }
  for (const auto& file : written)
    std::printf("%s%s\n", options.dry_run ? "would write " : "", file.c_str());
  return ExitCode::kOk;
}

}  // namespace hypersynth
