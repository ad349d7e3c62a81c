// The job scripts of containers/, run as their schedulers run them, with a stand-in for apptainer:
// it runs the program with the folders that were bound and of the environment only what was passed
// on.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kStandIn = R"(#!/bin/bash
set -euo pipefail
declare -A folders
variables=()
[[ $1 == run ]]
shift
while [[ $1 == --* ]]; do
  case $1 in
    --bind) IFS=: read -r outside inside _ <<<"$2"; folders[$inside]=$outside; shift ;;
    --env) variables+=("$2"); shift ;;
    --containall | --no-home | --cleanenv) ;;
    *) echo "unexpected: $1" >&2; exit 1 ;;
  esac
  shift
done
exec env -i "${variables[@]}" "$PROGRAM" "${folders[$2]}" "${folders[$3]}" "${@:4}"
)";

class JobScriptsTest : public testing::Test {
 protected:
  JobScriptsTest() {
    PhantomHead head;
    head.shape = {12, 12, 12};
    for (const char* label : {"01", "02"})
      data.add_image(std::string("sub-") + label + "/anat/sub-" + label + "_T1w.nii.gz",
                     head.draw());
    const fs::path stand_in = fs::path(folder / "bin") / "apptainer";
    fs::create_directories(stand_in.parent_path());
    std::ofstream(stand_in) << kStandIn;
    fs::permissions(stand_in, fs::perms::owner_all);
  }

  ProcessResult run(const std::string& script, std::map<std::string, std::string> variables,
                    std::vector<std::string> arguments = {}) const {
    variables["PATH"] = (folder / "bin") + ":/usr/bin:/bin";
    variables["PROGRAM"] = HYPERSYNTH_PROGRAM;
    arguments.insert(arguments.begin(),
                     {"/bin/bash", HYPERSYNTH_SOURCE_DIR "/containers/" + script});
    return run_process(arguments, variables);
  }

  /// The plan of one of two elements is of its own participant alone.
  static void expect_share(const ProcessResult& found, const std::string& own,
                           const std::string& other) {
    EXPECT_EQ(found.exit_code, 0) << found.err;
    EXPECT_THAT(found.out, HasSubstr("run       sub-" + own));
    EXPECT_THAT(found.out, Not(HasSubstr("sub-" + other)));
  }

  TemporaryDir folder;
  BidsDataset data{fs::path(folder / "the data")};
  std::string output = folder / "the output";
};

TEST_F(JobScriptsTest, EveryElementOfASlurmArrayTakesItsShare) {
  const auto element = [&](const char* id) {
    return run("slurm/array.sbatch",
               {{"SLURM_ARRAY_TASK_ID", id},
                {"SLURM_ARRAY_TASK_COUNT", "2"},
                {"SLURM_ARRAY_TASK_MIN", "1"},
                {"SLURM_CPUS_PER_TASK", "2"}},
               {data.path(), output, "--dry-run"});
  };
  expect_share(element("1"), "01", "02");
  expect_share(element("2"), "02", "01");
}

TEST_F(JobScriptsTest, EveryTaskOfAGridEngineArrayTakesItsShare) {
  const auto task = [&](const char* id) {
    return run("sge/array.sge",
               {{"SGE_TASK_ID", id},
                {"SGE_TASK_FIRST", "1"},
                {"SGE_TASK_LAST", "2"},
                {"SGE_TASK_STEPSIZE", "1"},
                {"NSLOTS", "2"}},
               {data.path(), output, "--dry-run"});
  };
  expect_share(task("1"), "01", "02");
  expect_share(task("2"), "02", "01");
}

TEST_F(JobScriptsTest, EveryElementOfAPbsArrayTakesItsShare) {
  const auto element = [&](const char* index) {
    return run("pbs/array.pbs", {{"PBS_ARRAY_INDEX", index},
                                 {"PBS_O_WORKDIR", folder.path().string()},
                                 {"NCPUS", "2"},
                                 {"ARRAY", "2"},
                                 {"BIDS", data.path()},
                                 {"OUTPUT", output},
                                 {"OPTIONS", "--dry-run --fast"}});
  };
  expect_share(element("1"), "01", "02");
  expect_share(element("2"), "02", "01");
}

/// The group level was reached, and found nothing that it could gather.
void expect_no_results(const ProcessResult& found, const std::string& output) {
  EXPECT_EQ(found.exit_code, 18) << found.err;
  EXPECT_THAT(found.err, HasSubstr(output + ": no results"));
}

TEST_F(JobScriptsTest, TheGroupLevelIsRunByEverySystem) {
  fs::create_directories(output);
  expect_no_results(run("slurm/group.sbatch", {}, {data.path(), output}), output);
  expect_no_results(run("sge/group.sge", {}, {data.path(), output}), output);
  expect_no_results(
      run("pbs/group.pbs",
          {{"PBS_O_WORKDIR", folder.path().string()}, {"BIDS", data.path()}, {"OUTPUT", output}}),
      output);
}

TEST_F(JobScriptsTest, WhatIsMissingIsAUsageError) {
  for (const char* script : {"slurm/array.sbatch", "slurm/group.sbatch", "slurm/driver.sbatch",
                             "sge/array.sge", "sge/group.sge", "pbs/array.pbs", "pbs/group.pbs"}) {
    const auto found = run(script, {{"PBS_O_WORKDIR", folder.path().string()}}, {"only one"});
    EXPECT_EQ(found.exit_code, 64) << script;
    EXPECT_THAT(found.err, HasSubstr("usage: ")) << script;
  }
}

}  // namespace
}  // namespace hypersynth
