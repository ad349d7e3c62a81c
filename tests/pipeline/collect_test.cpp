// Files of the work folder that no node needs any more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/cache/work_folder.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

/// Reads a file, and fails.
struct FailOn {
  struct Inputs {
    fs::path file;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs&, NodeContext&) const { throw std::runtime_error("told to fail"); }
};

class CollectTest : public ::testing::Test {
 protected:
  CollectTest() { write_text(folder_ / "in.txt", "a"); }

  /// first -> second -> third; each adds a letter.
  Workflow chain(const std::string& last = "d", bool keep_first = false) const {
    Workflow workflow("chain");
    NodeOptions first_options;
    first_options.keep = keep_first;
    const auto first = workflow.add<Append>("first", {folder_ / "in.txt", "b"}, first_options);
    const auto second = workflow.add<Append>("second", {{}, "c"});
    const auto third = workflow.add<Append>("third", {{}, last});
    workflow.connect(first, &Append::Outputs::file, second, &Append::Inputs::file);
    workflow.connect(second, &Append::Outputs::file, third, &Append::Inputs::file);
    return workflow;
  }

  RunReport clean_run(const Workflow& workflow) const {
    RunOptions options = options_for(folder_ / "work");
    options.clean_workdir = true;
    options.sync = false;
    return run(workflow, options);
  }

  static bool has_files(const RunReport& report, const std::string& node) {
    return fs::exists(report.outputs<Append>(node)->file);
  }

  TemporaryFolder folder_;
};

TEST_F(CollectTest, IntermediateFilesGoAndTheLastStay) {
  const RunReport report = clean_run(chain());
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(has_files(report, "first"));
  EXPECT_FALSE(has_files(report, "second"));
  EXPECT_EQ(read_text(report.outputs<Append>("third")->file), "abcd");
}

TEST_F(CollectTest, NodeThatIsToBeKeptKeepsItsFiles) {
  EXPECT_TRUE(has_files(clean_run(chain("d", true)), "first"));
}

TEST_F(CollectTest, NothingIsRemovedWhileAnotherDriverMayHaveTakenItOver) {
  const WorkFolder other(folder_ / "work", real_file_system());
  const RunReport report = clean_run(chain());
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(has_files(report, "first"));
  EXPECT_TRUE(has_files(report, "second"));
}

TEST_F(CollectTest, CollectedResultsAreStillCachedWithAndWithoutTheLog) {
  clean_run(chain());
  EXPECT_EQ(clean_run(chain()).executed(), 0u);
  fs::remove_all(folder_ / "work" / "log");
  EXPECT_EQ(clean_run(chain()).executed(), 0u);
}

TEST_F(CollectTest, NodesWhoseFilesAreNeededAgainRunAgainAndThePlanSaysSo) {
  clean_run(chain());
  RunOptions options = options_for(folder_ / "work");
  const Plan what = plan(chain("e"), options);
  EXPECT_EQ(what.count(Action::kCached), 0u);
  EXPECT_THAT(what.find("second")->reasons.at(0), HasSubstr("'third' needs them"));
  const RunReport report = clean_run(chain("e"));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.executed(), 3u);
  EXPECT_EQ(read_text(report.outputs<Append>("third")->file), "abce");
}

TEST_F(CollectTest, FailedNodeKeepsWhatItNeedsToRunAgain) {
  Workflow workflow("failing");
  const auto first = workflow.add<Append>("first", {folder_ / "in.txt", "b"});
  const auto reader = workflow.add<Append>("reader", {{}, "c"});
  const auto fails = workflow.add<FailOn>("fails");
  workflow.connect(first, &Append::Outputs::file, reader, &Append::Inputs::file);
  workflow.connect(first, &Append::Outputs::file, fails, &FailOn::Inputs::file);
  EXPECT_TRUE(has_files(clean_run(workflow), "first"));
}

TEST_F(CollectTest, ResultsThatNewerOnesReplaceGo) {
  const RunReport before = clean_run(chain("d"));
  const fs::path old = before.outputs<Append>("third")->file;
  ASSERT_TRUE(fs::exists(old));
  clean_run(chain("e"));
  EXPECT_FALSE(fs::exists(old));
}

TEST_F(CollectTest, WhatNewerResultsReplaceStaysWhileAnotherDriverMayNeedIt) {
  const fs::path old = clean_run(chain("d")).outputs<Append>("third")->file;
  const WorkFolder other(folder_ / "work", real_file_system());
  clean_run(chain("e"));
  EXPECT_TRUE(fs::exists(old));
}

TEST_F(CollectTest, WithoutTheOptionNothingIsRemoved) {
  RunOptions options = options_for(folder_ / "work");
  EXPECT_TRUE(has_files(run(chain(), options), "first"));
}

}  // namespace
}  // namespace hypersynth::pipeline
