// The tables of docs/quality-measures.md are those of the code. To write them anew after a change:
// HYPERSYNTH_UPDATE_DOCS=1 quality_test --gtest_filter='DocumentationTest.*'

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "quality/measure.h"
#include "quality/plausible_volume.h"
#include "quality/verdict.h"

namespace hypersynth {
namespace {

const std::string kPath = std::string(HYPERSYNTH_SOURCE_DIR) + "/docs/quality-measures.md";
const std::string kBegin = "<!-- tables: begin -->\n";
const std::string kEnd = "<!-- tables: end -->\n";

std::string number(double value) {
  if (std::isinf(value)) return "never";
  std::ostringstream text;
  text << value;
  return text.str();
}

std::string tables() {
  std::ostringstream text;
  text << "## Measures\n\n| name | title | unit | meaning | family | better | source |\n"
       << "|---|---|---|---|---|---|---|\n";
  for (const auto& info : measure_catalogue()) {
    text << "| `" << info.name << "` | " << info.title << " | " << info.unit << " | "
         << info.meaning << " | " << to_string(info.family) << " | " << to_string(info.better)
         << " | " << info.source << " |\n";
  }
  text << "\n## Verdict\n\n| measure | images | warning | fail | reason |\n|---|---|---|---|---|\n";
  for (const auto& threshold : default_quality_thresholds()) {
    const std::string side = threshold.upper ? "above " : "below ";
    text << "| `" << threshold.measure << "` | "
         << (threshold.suffix.empty() ? "all" : threshold.suffix) << " | " << side
         << number(threshold.warning) << " | " << (std::isinf(threshold.fail) ? "" : side)
         << number(threshold.fail) << " | " << threshold.reason << " |\n";
  }
  text << "\n## Volumes that count as plausible\n\nOf one side, but for the "
          "brain stem; of a structure without sides twice as much.\n\n| structure | from, mL | to, "
          "mL |\n"
       << "|---|---|---|\n";
  for (const auto& limit : adult_volumes())
    text << "| " << limit.stem << " | " << limit.low_ml << " | " << limit.high_ml << " |\n";
  return text.str();
}

TEST(DocumentationTest, TheTablesOfTheDocumentAreThoseOfTheCode) {
  std::ifstream file(kPath);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const auto begin = document.find(kBegin);
  const auto end = document.find(kEnd);
  ASSERT_NE(begin, std::string::npos) << kPath;
  ASSERT_NE(end, std::string::npos) << kPath;
  const auto first = begin + kBegin.size();
  if (std::getenv("HYPERSYNTH_UPDATE_DOCS") != nullptr) {
    std::ofstream(kPath) << document.substr(0, first) << tables() << document.substr(end);
    return;
  }
  EXPECT_EQ(document.substr(first, end - first), tables())
      << "run this test with HYPERSYNTH_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace hypersynth
