// Tables of ratings: what was read and written reads the same again.

#include "fuzz/fuzz_input.h"
#include "report/rating_table.h"

using namespace hypersynth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const RatingTable table = parse_ratings(fuzz_text(data, size), "x.tsv");
  std::vector<std::string> problems;
  const std::string text = format_ratings(newest_ratings(table.ratings, problems));
  const RatingTable again = parse_ratings(text, "x.tsv");
  HYPERSYNTH_FUZZ_CHECK(again.problems.empty());
  HYPERSYNTH_FUZZ_CHECK(again.ratings.size() <= table.ratings.size());
  HYPERSYNTH_FUZZ_CHECK(format_ratings(again.ratings) == text);
  return 0;
}
