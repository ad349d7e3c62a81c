// The script of a job, run as each scheduler runs it.

#include "pipeline/batch/batch_dialect.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/batch_executor_fixture.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

class JobScriptTest : public ::testing::TestWithParam<BatchSystem> {};

TEST_P(JobScriptTest, RunsTheJobOfItsIndexAndSaysHowThatEnded) {
  const TemporaryFolder folder;
  const WorkFolder work_folder(folder / "50%j 'work'", real_file_system());
  const BatchDialect& dialect = dialect_of(GetParam());
  const BatchFolder jobs(work_folder, dialect.folder());
  const BatchId id{"run", 7};
  jobs.write(id, {}, "");
  const JobSurroundings surroundings = dialect.surroundings({"name", jobs.batch(id), 9, {}});
  const fs::path script = folder / "job.sh";
  write_text(script, job_script(surroundings, jobs, id, {}, {"echo", "ran"}, "/"));
  const std::string command = "SLURM_ARRAY_TASK_ID=3 PBS_ARRAY_INDEX=3 SGE_TASK_ID=4 sh " +
                              script.string() + " >" + (folder / "printed").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(read_text(surroundings.has_log ? folder / "printed" : jobs.log(id, 3)),
              StartsWith("ran --run-node " + jobs.task(id, 3).string() + " --restart "));
  EXPECT_EQ(jobs.ending(id, 3)->exit_code, 0);
  EXPECT_THAT(read_text(jobs.ended(id, 3)), MatchesRegex("0 [0-9]+\n"));
}

INSTANTIATE_TEST_SUITE_P(Each, JobScriptTest, kAllSystems, system_name);

}  // namespace
}  // namespace hypersynth::pipeline
