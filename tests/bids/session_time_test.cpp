// When an image was acquired, by the tables of its dataset.

#include "bids/session_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;

const std::string kImage = "sub-01/ses-a/anat/sub-01_ses-a_T1w.nii";

SessionTime time_in(const Layout& layout, const std::string& image = kImage) {
  SessionTimes times(layout);
  return times.of(*layout.find(std::string_view(image)));
}

TEST(DaysOfTimeTest, DifferencesOfDatesHoldInEveryCentury) {
  EXPECT_EQ(days_of_time("1970-01-02"), 1);
  EXPECT_EQ(days_of_time("1970-01-02T12:00:00"), 1.5);
  EXPECT_EQ(days_of_time("1970-01-02T18:00:00.123456Z"), 1.75);
  EXPECT_EQ(*days_of_time("1892-03-01") - *days_of_time("1892-02-28"), 2);  // a leap year
  EXPECT_EQ(*days_of_time("1900-03-01") - *days_of_time("1900-02-28"), 1);  // none
}

TEST(DaysOfTimeTest, WhatIsNoTimeIsNotTakenForOne) {
  for (const char* text :
       {"", "n/a", "2009", "2009-13-01", "2009-02-30", "2009-06-15T", "15:30:00",
        "2009-06-15 13:45:30", "2009-06-15T25:00:00", "-009-06-15", "+009-06-15"})
    EXPECT_EQ(days_of_time(text), std::nullopt) << text;
}

TEST(SessionTimesTest, TheTimeOfTheScanComesBeforeThatOfItsSession) {
  const auto layout = memory_layout(
      {kImage, "sub-01/ses-b/anat/sub-01_ses-b_T1w.nii"},
      {{"sub-01/ses-a/sub-01_ses-a_scans.tsv",
        "filename\tacq_time\nanat/sub-01_ses-a_T1w.nii\t2001-02-03T04:05:06\n"},
       {"sub-01/sub-01_sessions.tsv",
        "session_id\tacq_time\tage\nses-a\t1999-01-01\t20.5\nses-b\t2003-01-01\tn/a\n"}});
  EXPECT_EQ(time_in(layout).acq_time, "2001-02-03T04:05:06");
  EXPECT_EQ(time_in(layout).age, "20.5");
  const auto later = time_in(layout, "sub-01/ses-b/anat/sub-01_ses-b_T1w.nii");
  EXPECT_EQ(later.acq_time, "2003-01-01");
  EXPECT_EQ(later.age, "");
}

TEST(SessionTimesTest, ADatasetWithoutTablesSaysNothing) {
  const auto layout = memory_layout({kImage});
  EXPECT_EQ(time_in(layout).acq_time, "");
  EXPECT_EQ(time_in(layout).age, "");
  EXPECT_THAT(layout.issues(), testing::IsEmpty());
}

TEST(SessionTimesTest, ATableThatCannotBeReadIsAnIssue) {
  const std::string table = "sub-01/ses-a/sub-01_ses-a_scans.tsv";
  const auto layout = memory_layout({kImage, table}, {}, {}, {table});
  EXPECT_EQ(time_in(layout).acq_time, "");
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kFileUnreadable));
}

}  // namespace
}  // namespace hypersynth::bids
