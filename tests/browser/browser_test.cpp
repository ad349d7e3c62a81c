// The report pages in Chromium. The walks are written for node and playwright-core (*.mjs); each is
// a test here.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "example_pages.h"
#include "support/npm_packages.h"
#include "support/process.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

const std::string kSource = std::string(HYPERSYNTH_SOURCE_DIR) + "/tests/browser";

bool can_run(const std::string& program) {
  try {
    return run_process({program, "--version"}).exit_code == 0;
  } catch (const std::system_error&) {
    return false;
  }
}

/// Why there is no browser to test with; empty: there is one.
std::string absence() {
  for (const char* program : {"chromium", "node"}) {
    if (!can_run(program)) return std::string(program) + " is not installed";
  }
  if (!std::filesystem::exists(HYPERSYNTH_VIEWER_FILE))
    return "npm has not fetched the library of the viewer";
  return install_npm_packages(kSource, HYPERSYNTH_BROWSER_DIR);
}

class BrowserTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    absent = absence();
    if (!absent.empty()) return;
    pages.emplace();
    write_example_pages(pages->path().string());
  }
  static void TearDownTestSuite() { pages.reset(); }

  void SetUp() override {
    if (absent.empty()) return;
    // HYPERSYNTH_REQUIRE_BROWSER makes a failure of it, so that a run of all tests tests this too.
    if (std::getenv("HYPERSYNTH_REQUIRE_BROWSER") != nullptr) FAIL() << absent;
    GTEST_SKIP() << absent << ": the pages are not looked at in a browser";
  }

  static void walk(const std::string& script) {
    const auto result =
        run_process({"node", "--test", "--test-reporter=spec", kSource + "/" + script},
                    {{"HYPERSYNTH_PAGES", pages->path().string()},
                     {"HYPERSYNTH_NODE", HYPERSYNTH_BROWSER_DIR}});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }

  static inline std::string absent;
  static inline std::optional<TemporaryDir> pages;
};

TEST_F(BrowserTest, EveryPageIsSoundAccessibleAndOfflineAtEveryWidth) { walk("every_page.mjs"); }
TEST_F(BrowserTest, TheGroupPageIsFilteredAndSortedAndKeepsItsState) { walk("group_page.mjs"); }
TEST_F(BrowserTest, ImagesAreReviewedOneAfterTheOtherByKeysAlone) { walk("review.mjs"); }
TEST_F(BrowserTest, TheWallShowsThePicturesInViewAndTakesRatings) { walk("wall.mjs"); }
TEST_F(BrowserTest, RatingsAreGivenClearedSavedAndMerged) { walk("ratings.mjs"); }
TEST_F(BrowserTest, TheSubjectPageIsReadWithMouseAndKeyboard) { walk("subject_page.mjs"); }
TEST_F(BrowserTest, TheViewerShowsTheScanAndNamesWhatIsUnderThePointer) { walk("viewer.mjs"); }

}  // namespace
}  // namespace hypersynth
