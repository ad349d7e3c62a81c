// The pages of subjects and groups, from what an output folder holds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nodes/group_table.h"
#include "nodes/subject_report.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// An output folder in which the only image has failed.
class ReportPagesTest : public testing::Test {
 protected:
  ReportPagesTest() {
    const auto source = data_file_at("sub-01/anat/sub-01_T1w.nii.gz");
    write_failure(folder.path(), outputs_of(source),
                  failure_of(source, "", InputFindings{"x", "a NIfTI image", "an empty file"}));
  }

  std::string page(const char* name) const { return content_of(folder.path() / name); }

  TemporaryFolder folder;
  ReportContext context{folder.path(), "Study", {}, {}, {}};
};

TEST_F(ReportPagesTest, TheLinkToTheGroupLeadsSomewhereBeforeTheGroupLevelHasRun) {
  write_subject_page("01", context);
  EXPECT_THAT(page("sub-01.html"), HasSubstr("href=\"group_T1w.html\""));
  EXPECT_THAT(page("group_T1w.html"), HasSubstr("has not been made yet"));
}

TEST_F(ReportPagesTest, AGroupOfFailedImagesAloneListsThem) {
  const auto pages = write_group_pages(
      context, [](const std::string&) { return true; }, false);
  EXPECT_THAT(pages.problems, IsEmpty());
  EXPECT_THAT(page("group_T1w.html"), HasSubstr("href=\"sub-01.html#failures\""));
  EXPECT_THAT(page("group_T1w.html"), HasSubstr("expected a NIfTI image, found an empty file"));
  const std::string made = page("group_T1w.html");
  write_subject_page("01", context);
  EXPECT_EQ(page("group_T1w.html"), made);
}

}  // namespace
}  // namespace hypersynth
