// What Grid Engine is told, and what it answers. The shapes are what Son of Grid Engine 8.1.9 of
// Debian printed.

#include "pipeline/batch/sge_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

const SgeDialect kSge;
const BatchId kBatch{"1764140000000-17-0-login1", 2};

/// Tasks 1 and 2 run, 3 to 6 wait; a job whose folder is missing; lists per queue, as other
/// versions print them.
constexpr const char* kListing = R"(warning: something
<?xml version='1.0'?>
<job_info>
  <queue_info>
    <Queue-List>
      <name>main.q@n1</name>
      <job_list state="running">
        <JB_job_number>1</JB_job_number>
        <JB_name>hypersynth</JB_name>
        <state>r</state>
        <slots>1</slots>
        <tasks>1</tasks>
        <full_job_name>hypersynth.1764140000000-17-0-login1.2</full_job_name>
      </job_list>
    </Queue-List>
    <job_list state="running">
      <JB_job_number>1</JB_job_number>
      <state>Rr</state>
      <tasks>2</tasks>
      <full_job_name>hypersynth.1764140000000-17-0-login1.2</full_job_name>
    </job_list>
  </queue_info>
  <job_info>
    <job_list state="pending">
      <JB_job_number>1</JB_job_number>
      <state>qw</state>
      <queue_name></queue_name>
      <tasks>3-6:1</tasks>
      <full_job_name>hypersynth.1764140000000-17-0-login1.2</full_job_name>
    </job_list>
    <job_list state="pending">
      <JB_job_number>2</JB_job_number>
      <state>Eqw</state>
      <tasks>1,3</tasks>
      <full_job_name>hypersynth.1764140000000-17-0-login1.3</full_job_name>
    </job_list>
    <job_list state="pending">
      <JB_job_number>3</JB_job_number>
      <state>hqw</state>
      <full_job_name>someone's other job</full_job_name>
    </job_list>
  </job_info>
</job_info>
)";

TEST(QstatXmlTest, TasksAreNumberedFromOneAndIndicesFromZero) {
  const auto queue = SgeDialect::parse_listing(kListing);
  ASSERT_TRUE(queue.has_value());
  EXPECT_EQ(queue->find(kBatch, 0)->phase, JobPhase::kRunning);
  EXPECT_EQ(queue->find(kBatch, 1)->phase, JobPhase::kRunning);
  for (const int index : {2, 3, 4, 5})
    EXPECT_EQ(queue->find(kBatch, index)->phase, JobPhase::kWaiting) << index;
  EXPECT_EQ(queue->find(kBatch, 6), nullptr);
  EXPECT_EQ(queue->job_id(kBatch), "1");
}

TEST(QstatXmlTest, JobInAnErrorStateIsStuck) {
  const auto queue = SgeDialect::parse_listing(kListing);
  const BatchId other{kBatch.run, 3};
  EXPECT_EQ(queue->find(other, 0)->phase, JobPhase::kStuck);
  EXPECT_EQ(queue->find(other, 1), nullptr);
  EXPECT_EQ(queue->find(other, 2)->phase, JobPhase::kStuck);
}

TEST(QstatXmlTest, WhatIsNotWholeIsNoListing) {
  const std::string whole = kListing;
  EXPECT_FALSE(SgeDialect::parse_listing(whole.substr(0, whole.size() / 2)).has_value());
  EXPECT_FALSE(SgeDialect::parse_listing("").has_value());
  EXPECT_FALSE(SgeDialect::parse_listing("Please log in first\n").has_value());
}

RC_GTEST_PROP(QstatXmlProperty, AnyTextIsAListingOrNone, (const std::string& text)) {
  SgeDialect::parse_listing(text);
  SgeDialect::parse_listing("<job_info><job_list><tasks>" + text);
  SgeDialect::parse_listing("<job_info>" + text + "</job_info>");
  kSge.parse_job_id(text);
}

TEST(SgeQsubTest, NeedsAndOptionsBecomeOptions) {
  BatchOptions options;
  options.partition = "long.q";
  options.account = "brain";
  options.time_limit = std::chrono::hours(2);
  options.parallel_environment = "threads";
  options.submit_arguments = {"-p", "-10"};
  const auto words =
      kSge.submit_command(options, {"name", "/work/0", 100, {4, 3'000'000'000, {0}}});
  EXPECT_THAT(words, IsSupersetOf({"-t", "1-100", "-q", "long.q", "-P", "brain", "-pe", "threads",
                                   "4", "h_vmem=716M,gpu=1,h_rt=7200", "-p", "-10"}));
  EXPECT_EQ(words.back(), "/work/0/job.sh");
}

TEST(SgeQsubTest, WhatIsNotAskedForIsLeftToTheCluster) {
  const auto words = kSge.submit_command({}, {"name", "/work/0", 1, {1, 0, {}}});
  for (const char* option : {"-q", "-P", "-pe", "-l"})
    EXPECT_THAT(words, Not(Contains(option))) << option;
}

TEST(SgeQsubTest, JobIdsAreReadFromTerseOutputAmongOtherLines) {
  EXPECT_EQ(kSge.parse_job_id("1.1-6:1\n"), "1");
  EXPECT_EQ(kSge.parse_job_id("your quota is low\n12\n"), "12");
  EXPECT_FALSE(kSge.parse_job_id("Unable to run job: unknown resource \"gpu\"\nExiting.\n"));
}

TEST(SgeQsubTest, FailuresAreToldApart) {
  EXPECT_EQ(kSge.submit_trouble("error: commlib error: got select error (Connection refused)\n"
                                "Unable to run job: unable to send message to qmaster using port "
                                "6444 on host \"n1\": got send error\nExiting.\n"),
            SubmitTrouble::kNoAnswer);
  EXPECT_EQ(kSge.submit_trouble("Unable to run job: job rejected: only 3 jobs are allowed per user "
                                "(current job count: 4)\nExiting.\n"),
            SubmitTrouble::kNoRoom);
  EXPECT_EQ(kSge.submit_trouble("Unable to run job: job rejected: you tried to submit a job with "
                                "more than 10 tasks\nExiting.\n"),
            SubmitTrouble::kTooLarge);
  EXPECT_EQ(kSge.submit_trouble("Unable to run job: job rejected: the requested parallel "
                                "environment \"smp\" does not exist\nExiting.\n"),
            SubmitTrouble::kRefused);
}

TEST(SgeIdTest, ElementOfAnArrayIsItsTask) { EXPECT_EQ(kSge.element("12", 0), "12.1"); }

TEST(SgeScriptTest, IndicesBeginAtZero) {
  EXPECT_THAT(kSge.surroundings({}).index, HasSubstr("SGE_TASK_ID - 1"));
}

}  // namespace
}  // namespace hypersynth::pipeline
