#include "bids/participants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadParticipantsTest, GivesLabelsWithoutPrefixAndLeavesOutMissingValues) {
  const auto layout = memory_layout(
      {"sub-01/anat/x", "sub-02/anat/x"},
      {{"participants.tsv",
        "\xEF\xBB\xBFparticipant_id\tage\tsex\r\nsub-01\t20\tn/a\r\n02\tn/a\tF\r\n"}});
  Issues issues;
  const auto people = read_participants(layout, issues);
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].label, "01");
  EXPECT_EQ(people[0].values, (std::map<std::string, std::string>{{"age", "20"}}));
  EXPECT_EQ(people[1].label, "02");
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_THAT(layout.issues(), IsEmpty());
}

TEST(ReadParticipantsTest, ATableThatDoesNotFitTheFoldersIsReported) {
  const auto layout = memory_layout({"sub-01/anat/x", "sub-02/anat/x"},
                                    {{"participants.tsv", "participant_id\nsub-01\nsub-3\n"}});
  const auto issues = layout.issues();
  ASSERT_THAT(codes_of(issues),
              ElementsAre(IssueCode::kParticipantUnlisted, IssueCode::kParticipantWithoutFolder));
  EXPECT_EQ(issues[0].path, "sub-02");
}

TEST(ReadParticipantsTest, ATableWithoutTheColumnIsReported) {
  const auto layout = memory_layout({"sub-01/anat/x"}, {{"participants.tsv", "id\nsub-01\n"}});
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kTableInvalid));
}

TEST(ReadParticipantsTest, AnUnreadableTableIsReported) {
  const auto layout =
      memory_layout({"sub-01/anat/x", "participants.tsv"}, {}, {}, {"participants.tsv"});
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kFileUnreadable));
}

TEST(ReadParticipantsTest, ARepeatedParticipantIsReportedAndTheFirstRowUsed) {
  const auto layout = memory_layout(
      {"sub-01/anat/x"}, {{"participants.tsv", "participant_id\tage\nsub-01\t20\n01\t30\n"}});
  ASSERT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kTableInvalid));
  EXPECT_THAT(layout.issues()[0].message, testing::HasSubstr("'01'"));
  Issues issues;
  const auto people = read_participants(layout, issues);
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].values.at("age"), "20");
}

TEST(ReadParticipantsTest, ALinkWithoutTargetIsCalledOne) {
  const auto layout = memory_layout({"sub-01/anat/x"}, {}, {"participants.tsv"});
  ASSERT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kBrokenLink));
  EXPECT_EQ(layout.issues()[0].path, "participants.tsv");
  EXPECT_THAT(layout.issues()[0].message, testing::HasSubstr("symbolic link without a target"));
}

TEST(ReadSessionsTest, GivesTheSessionsOfOneSubject) {
  const auto layout = memory_layout(
      {"sub-01/ses-a/anat/x"},
      {{"sub-01/sub-01_sessions.tsv", "session_id\tacq_time\nses-a\t2009-06-15T13:45:30\n"}});
  Issues issues;
  const auto sessions = read_sessions(layout, "01", issues);
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].label, "a");
  EXPECT_EQ(sessions[0].values.at("acq_time"), "2009-06-15T13:45:30");
  EXPECT_THAT(read_sessions(layout, "02", issues), IsEmpty());
}

}  // namespace
}  // namespace hypersynth::bids
