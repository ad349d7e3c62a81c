// An input file that changes while a node works on it: the result is never kept under the key of
// other bytes.

#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/graph/workflow.h"
#include "pipeline/run/run.h"
#include "support/temporary_dir.h"

namespace hypersynth::pipeline {
namespace {

using testing::HasSubstr;

/// Called by the node while it runs.
std::function<void()> during_run;
int runs = 0;

struct ReadFile {
  struct Inputs {
    fs::path file;
  };
  struct Outputs {
    std::string content;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file}};
  static constexpr std::tuple outputs{Port{"content", &Outputs::content}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, NodeContext&) const {
    ++runs;
    if (during_run) during_run();
    std::ifstream stream(in.file.string());
    return {{std::istreambuf_iterator<char>(stream), {}}};
  }
};

/// The same of a file that others may replace.
struct ReadSharedFile : ReadFile {
  struct Inputs {
    fs::path file;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file, "", Hashed::kSharedContent}};

  Outputs run(const Inputs& in, NodeContext& context) const {
    return ReadFile::run({in.file}, context);
  }
};

class ChangedInputTest : public testing::Test {
 protected:
  ChangedInputTest() {
    runs = 0;
    during_run = nullptr;
    write(file, "the first scan");
    write(other, "another scan");
  }

  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  RunReport run() const {
    Workflow workflow("changed");
    workflow.add<ReadFile>("read", {file});
    RunOptions options;
    options.work_dir = folder / "work";
    return pipeline::run(workflow, options);
  }

  void expect_failure_now_and_success_later() {
    const RunReport report = run();
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(report.nodes.at(0).message, HasSubstr("changed"));
    during_run = nullptr;
    const int before = runs;
    EXPECT_TRUE(run().ok());
    EXPECT_EQ(runs, before + 1) << "the failed run left a result";
  }

  TemporaryDir folder;
  std::string file = folder / "scan";
  std::string other = folder / "other";
};

TEST_F(ChangedInputTest, AFileThatIsReplacedFailsTheNode) {
  during_run = [&] { std::filesystem::rename(other, file); };
  expect_failure_now_and_success_later();
}

TEST_F(ChangedInputTest, AFileThatIsReplacedAndPutBackFailsTheNode) {
  during_run = [&] {
    std::filesystem::rename(file, folder / "aside");
    std::filesystem::copy_file(other, file);
    std::filesystem::rename(folder / "aside", file);
  };
  expect_failure_now_and_success_later();
}

TEST_F(ChangedInputTest, AFileThatIsRewrittenInPlaceFailsTheNode) {
  during_run = [&] { write(file, "the first scaN"); };
  expect_failure_now_and_success_later();
}

TEST_F(ChangedInputTest, AFileThatIsRemovedFailsTheNode) {
  during_run = [&] { std::filesystem::remove(file); };
  const RunReport report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.nodes.at(0).message, HasSubstr(file));
}

TEST_F(ChangedInputTest, AFileThatOthersMayReplaceIsReadAsItIsAndStillCounts) {
  const auto run_shared = [&] {
    Workflow workflow("shared");
    workflow.add<ReadSharedFile>("read", {file});
    RunOptions options;
    options.work_dir = folder / "work";
    return pipeline::run(workflow, options);
  };
  during_run = [&] { write(file, "of another run"); };
  EXPECT_TRUE(run_shared().ok());
  during_run = nullptr;
  EXPECT_TRUE(run_shared().ok());
  EXPECT_EQ(runs, 2) << "the key is that of the new content";
  EXPECT_TRUE(run_shared().ok());
  EXPECT_EQ(runs, 2) << "nothing changed";
}

TEST_F(ChangedInputTest, AFileThatStaysIsRead) {
  const RunReport report = run();
  EXPECT_TRUE(report.ok());
}

}  // namespace
}  // namespace hypersynth::pipeline
