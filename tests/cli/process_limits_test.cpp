// Runs that may open few files, start few threads or not write where they are told to.

#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProcessLimitsTest : public testing::Test {
 protected:
  ProcessLimitsTest() {
    data.add_text("sub-01/anat/sub-01_T1w.nii.gz", "not read");
    fs::permissions(folder.path(), fs::perms::all);
  }

  /// The program after `preparation` in a shell of a user who is not root: root has no limits.
  ProcessResult as_user(const std::string& preparation, std::vector<std::string> options = {}) {
    std::vector<std::string> command{"bash", "-c", preparation + "; exec \"$@\"", "bash"};
    if (::geteuid() == 0) {
      const std::vector<std::string> user{"setpriv", "--reuid=61234", "--regid=61234",
                                          "--clear-groups"};
      command.insert(command.begin(), user.begin(), user.end());
    }
    options.insert(options.begin(), {data.path(), folder / "out", "participant"});
    for (const auto& word : hypersynth_command(std::move(options))) command.push_back(word);
    return run_process(command);
  }

  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
};

TEST_F(ProcessLimitsTest, TooFewFilesAreToldAtOnce) {
  for (const char* limit : {"ulimit -n 8", "ulimit -n 14", "ulimit -n 30"}) {
    const auto result = as_user(limit);
    EXPECT_EQ(result.exit_code, 75) << limit << result.err;
    EXPECT_THAT(result.err, HasSubstr("ulimit -n")) << limit;
  }
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(ProcessLimitsTest, TooFewThreadsAreToldAtOnce) {
  const auto result = as_user("ulimit -u 8");
  EXPECT_EQ(result.exit_code, 75) << result.err;
  EXPECT_THAT(result.err, HasSubstr("ulimit -u"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(ProcessLimitsTest, AWorkFolderThatMayNotBeWrittenIsNamed) {
  const std::string work = folder / "work";
  fs::create_directory(work);
  fs::permissions(work, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                            fs::perms::others_exec);
  const auto result = as_user("true", {"-w", work});
  EXPECT_EQ(result.exit_code, 73) << result.err;
  EXPECT_THAT(result.err, HasSubstr(work));
  EXPECT_THAT(result.err, HasSubstr("Permission denied"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace hypersynth
