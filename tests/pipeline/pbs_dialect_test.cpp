// What PBS is told, and what it answers. The shapes are those of OpenPBS: src/cmds/qstat.c and
// src/lib/Liblog/pbs_messages.c.

#include "pipeline/batch/pbs_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

const PbsDialect kPbs;
const BatchId kBatch{"1764140000000-17-0-login1", 2};

/// An array of which job 0 has ended, 1 runs and 2 waits, and a job that is no array.
constexpr const char* kListing =
    R"(Job Id: 41[].pbs01|Job_Name=hypersynth.1764140000000-17-0-login1.2|Job_Owner=me@login1|job_state=B|queue=workq|array=True|array_state_count=Queued:1 Running:1 Exiting:0 Expired:1 |array_indices_remaining=2
Job Id: 41[0].pbs01|Job_Name=hypersynth.1764140000000-17-0-login1.2|Job_Owner=me@login1|resources_used.mem=348kb|job_state=X|queue=workq|Variable_List=PBS_O_HOME=/home/me,ODD=a\|job_state=Q\|b|comment=Job run at Tue Oct 11 at 08:13 on (n1:ncpus=1) and finished|Exit_status=-29
Job Id: 41[1].pbs01|Job_Name=hypersynth.1764140000000-17-0-login1.2|job_state=R|queue=workq
Job Id: 41[2].pbs01|Job_Name=hypersynth.1764140000000-17-0-login1.2|job_state=Q|comment=Not Running: Insufficient amount of resource: ncpus
Job Id: 42.pbs01|Job_Name=hypersynth.1764140000000-17-0-login1.3|job_state=H|comment=job held, too many failed attempts to run
)";

TEST(QstatDsvTest, JobsOfAnArrayHaveTheirStates) {
  const QueueListing queue = PbsDialect::parse_listing(kListing);
  EXPECT_EQ(queue.find(kBatch, 0)->phase, JobPhase::kEnded);
  EXPECT_EQ(queue.find(kBatch, 0)->reason, "-29");
  EXPECT_EQ(queue.find(kBatch, 1)->phase, JobPhase::kRunning);
  EXPECT_EQ(queue.find(kBatch, 2)->phase, JobPhase::kWaiting);
  EXPECT_EQ(queue.find(kBatch, 3), nullptr);
  EXPECT_EQ(queue.job_id(kBatch), "41[].pbs01");
}

TEST(QstatDsvTest, JobThatPbsCouldNotStartIsStuck) {
  const QueueListing queue = PbsDialect::parse_listing(kListing);
  const QueuedJob* job = queue.find({kBatch.run, 3}, 0);
  EXPECT_EQ(job->phase, JobPhase::kStuck);
  EXPECT_EQ(job->job_id, "42.pbs01");
  EXPECT_FALSE(job->is_array);
}

RC_GTEST_PROP(QstatDsvProperty, AnyTextIsAListing, (const std::string& text)) {
  PbsDialect::parse_listing(text);
  PbsDialect::parse_listing("Job Id: 41[1].pbs|" + text);
  PbsDialect::parse_listing("Job Id: " + text);
  kPbs.parse_job_id(text);
}

/// Answers of PBS, one after the other.
class Answers final : public BatchCommands {
 public:
  explicit Answers(std::vector<CommandResult> answers) : answers_(std::move(answers)) {}
  CommandResult run(const std::vector<std::string>& words) override {
    asked.push_back(words);
    return answers_.at(asked.size() - 1);
  }
  std::vector<std::vector<std::string>> asked;

 private:
  std::vector<CommandResult> answers_;
};

TEST(PbsListTest, JobsAreAskedForByTheirIdsAndThoseWithoutOneByName) {
  Answers answers({{0, "42.pbs01\n"}, {0, kListing}});
  const auto answer = kPbs.list(answers, {{"41[].pbs01"}, {"hypersynth.run.3"}});
  EXPECT_TRUE(answer.listing.has_value());
  EXPECT_THAT(answers.asked[0], ElementsAre("qselect", "-N", "hypersynth.run.3"));
  EXPECT_THAT(answers.asked[1],
              ElementsAre("qstat", "-x", "-t", "-f", "-F", "dsv", "41[].pbs01", "42.pbs01"));
}

TEST(PbsListTest, ServerWithoutAHistoryIsAskedWithoutIt) {
  Answers answers({{1, "qstat: PBS is not configured to maintain job history\n"}, {0, kListing}});
  EXPECT_TRUE(kPbs.list(answers, {{"41[].pbs01"}, {}}).listing.has_value());
  EXPECT_THAT(answers.asked[1], Not(Contains("-x")));
}

TEST(PbsListTest, JobsThatPbsDoesNotKnowAnyMoreAreAnAnswer) {
  Answers answers({{153, "qstat: Unknown Job Id 41[].pbs01\n"}});
  const auto answer = kPbs.list(answers, {{"41[].pbs01"}, {}});
  ASSERT_TRUE(answer.listing.has_value());
  EXPECT_EQ(answer.listing->find(kBatch, 1), nullptr);
}

TEST(PbsListTest, WhatCannotBeReadIsNoAnswer) {
  for (const auto& output :
       {CommandResult{1, "qstat: cannot connect to server pbs (errno=15010)\n"},
        CommandResult{0, "Please log in first\n"}, CommandResult{0, ""}}) {
    Answers answers({output});
    const auto answer = kPbs.list(answers, {{"41[].pbs01"}, {}});
    EXPECT_FALSE(answer.listing.has_value()) << output.output;
    EXPECT_NE(answer.trouble, "");
  }
}

TEST(PbsQsubTest, NeedsAndOptionsBecomeOptions) {
  BatchOptions options;
  options.partition = "long";
  options.account = "brain";
  options.time_limit = std::chrono::minutes(125);
  options.submit_arguments = {"-P", "study"};
  const auto words =
      kPbs.submit_command(options, {"name", "/work/0", 100, {4, 3'000'000'000, {0, 1}}});
  EXPECT_THAT(words, IsSupersetOf({"-J", "0-99", "-q", "long", "-A", "brain",
                                   "select=1:ncpus=4:mem=2862mb:ngpus=2", "walltime=02:05:00", "-P",
                                   "study"}));
  EXPECT_EQ(words.back(), "/work/0/job.sh");
}

TEST(PbsQsubTest, OneJobIsNoArray) {
  EXPECT_THAT(kPbs.submit_command({}, {"name", "/work/0", 1, {}}), Not(Contains("-J")));
}

TEST(PbsQsubTest, JobIdsAreReadAmongOtherLines) {
  EXPECT_EQ(kPbs.parse_job_id("41[].pbs01\n"), "41[].pbs01");
  EXPECT_EQ(kPbs.parse_job_id("your quota is low\n42.pbs01.site\n"), "42.pbs01.site");
  EXPECT_FALSE(kPbs.parse_job_id("qsub: Unknown queue\n").has_value());
}

TEST(PbsQsubTest, FailuresAreToldApart) {
  EXPECT_EQ(kPbs.submit_trouble("qsub: cannot connect to server pbs01 (errno=15010)"),
            SubmitTrouble::kNoAnswer);
  EXPECT_EQ(kPbs.submit_trouble("qsub: would exceed queue workq's per-user limit"),
            SubmitTrouble::kNoRoom);
  EXPECT_EQ(kPbs.submit_trouble("qsub: Maximum number of jobs already in complex"),
            SubmitTrouble::kNoRoom);
  EXPECT_EQ(kPbs.submit_trouble("qsub: Array job exceeds server or queue size limit"),
            SubmitTrouble::kTooLarge);
  EXPECT_EQ(kPbs.submit_trouble("qsub: Job violates queue and/or server resource limits"),
            SubmitTrouble::kRefused);
}

TEST(PbsIdTest, ElementOfAnArrayIsNamedInItsBrackets) {
  EXPECT_EQ(kPbs.element("41[].pbs01", 3), "41[3].pbs01");
  EXPECT_EQ(kPbs.element("42.pbs01", 0), "42.pbs01");
}

TEST(PbsScriptTest, OutputAndPathAreTheScriptsOwnMatter) {
  const JobSurroundings found = kPbs.surroundings({});
  EXPECT_FALSE(found.has_log);
  EXPECT_FALSE(found.has_path);
  EXPECT_THAT(found.index, HasSubstr("PBS_ARRAY_INDEX"));
}

}  // namespace
}  // namespace hypersynth::pipeline
