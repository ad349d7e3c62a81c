#include "app/absent_content.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "app/image_selection.h"
#include "app/progress.h"
#include "app/runtime.h"
#include "core/error.h"
#include "nodes/datalad.h"

namespace hypersynth {
namespace {

/// Names that fit into one command line.
constexpr std::size_t kFilesPerCall = 500;

/// `files`: relative to the dataset.
void fetch(const ParticipantOptions& options, const std::set<std::string>& files) {
  Progress progress(0, options.verbosity);
  std::vector<std::string> absent;
  for (const auto& file : files) {
    if (is_absent_from_annex((options.bids_dir / file).string())) absent.push_back(file);
  }
  for (std::size_t begin = 0; begin < absent.size(); begin += kFilesPerCall) {
    const std::size_t end = std::min(absent.size(), begin + kFilesPerCall);
    const std::vector<std::string> some(absent.begin() + static_cast<std::ptrdiff_t>(begin),
                                        absent.begin() + static_cast<std::ptrdiff_t>(end));
    progress.message(LogLevel::kInfo,
                     "datalad get: " + std::to_string(some.size()) + " descriptions and sidecars");
    const std::string said = run_datalad("get", options.bids_dir, some);
    for (const auto& file : some) {
      if (is_absent_from_annex((options.bids_dir / file).string()))
        progress.message(LogLevel::kWarning,
                         file + ": `datalad get` did not fetch its content: " + said);
    }
  }
}

}  // namespace

void fetch_descriptions(const ParticipantOptions& options) {
  if (!has_datalad())
    throw Error(ExitCode::kInputMissing,
                "--datalad-get: expected the command datalad in PATH, found none");
  fetch(options,
        {".bidsignore", "dataset_description.json", "participants.json", "participants.tsv"});
  const auto layout = open_dataset(options);
  std::set<std::string> files;
  for (const auto& image : select(layout, options)) {
    for (auto& file : described_by(layout, image.source)) files.insert(std::move(file));
  }
  fetch(options, files);
}

}  // namespace hypersynth
