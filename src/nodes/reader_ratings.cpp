#include "nodes/reader_ratings.h"

#include <system_error>

#include "core/error.h"
#include "nodes/failure.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

void append(RatingTable& all, RatingTable table) {
  for (auto& rating : table.ratings) all.ratings.push_back(std::move(rating));
  for (auto& problem : table.problems) all.problems.push_back(std::move(problem));
}

}  // namespace

RatingTable read_reader_ratings(const fs::path& output_dir) {
  const fs::path folder = output_dir / kRatingsFolder;
  RatingTable all;
  std::string unlisted;
  for (const auto& name : names_in(folder, unlisted)) {
    if (name.front() == '.' || fs::path(name).extension() != ".tsv") continue;
    const std::string path = (folder / name).string();
    try {
      const auto text = pipeline::real_file_system().read(path);
      if (text) {
        append(all, parse_ratings(*text, path));
      } else {
        all.problems.push_back(InputError(path, "a table of ratings", "no such file").what());
      }
    } catch (const std::system_error& error) {
      all.problems.push_back(InputError(path, "a table of ratings", error.code().message()).what());
    }
  }
  if (!unlisted.empty())
    all.problems.push_back(InputError(folder.string(), "a folder of ratings", unlisted).what());
  all.ratings = newest_ratings(all.ratings, all.problems);
  return all;
}

}  // namespace hypersynth
