// Runs on a system that gives them less than they need: disk, file size, memory, a crash.

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/small_disk.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kLabels = "sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz";

/// Two images of two subjects, and what an undisturbed run makes of them.
class FailingSystemTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryDir folder;
    BidsDataset data{folder.path() / "raw"};
    std::string out = folder / "out";
    ProcessResult whole;
  };
  static std::unique_ptr<Shared> shared;

  static void SetUpTestSuite() {
    shared = std::make_unique<Shared>();
    shared->data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
    shared->data.add_image("sub-02/anat/sub-02_T1w.nii.gz", PhantomHead{.seed = 2}.draw());
    shared->whole = hypersynth_run(arguments(shared->out));
  }
  static void TearDownTestSuite() { shared.reset(); }

  static std::vector<std::string> arguments(const std::string& out,
                                            std::vector<std::string> options = {}) {
    std::vector<std::string> all{shared->data.path(), out, "participant", "--fast"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  /// The program as a shell starts it after `preparation`.
  static std::vector<std::string> in_shell(const std::string& preparation,
                                           const std::vector<std::string>& arguments) {
    std::vector<std::string> command{"bash", "-c", preparation + "; exec \"$@\"", "bash"};
    for (const auto& word : hypersynth_command(arguments)) command.push_back(word);
    return command;
  }

  static std::uintmax_t bytes_below(const fs::path& folder) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) bytes += entry.file_size();
    return bytes;
  }

  static void expect_no_image_blamed(const fs::path& out) {
    EXPECT_THAT(read_text((out / "group_failures.tsv").string()), Not(HasSubstr("sub-0")));
    if (!fs::exists(out / "logs/failures")) return;
    EXPECT_TRUE(fs::is_empty(out / "logs/failures"));
  }
};

std::unique_ptr<FailingSystemTest::Shared> FailingSystemTest::shared;

TEST_F(FailingSystemTest, AFullDiskIsNotTheImagesFaultAtWhicheverStepItIsFull) {
  ASSERT_EQ(shared->whole.exit_code, 0) << shared->whole.err;
  const auto whole_kb = bytes_below(shared->out) / 1024;
  constexpr std::uintmax_t kSizes = 12;
  int full = 0;
  for (std::uintmax_t size = 1; size <= kSizes; ++size) {
    const SmallDisk disk(std::to_string(whole_kb * size / kSizes + 40) + "k");
    if (!disk.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted: " << std::strerror(errno);
    const fs::path out = disk.path() / "out";
    const auto result = hypersynth_run(arguments(out.string()));
    if (result.exit_code == 0) continue;
    ++full;
    EXPECT_THAT(result.exit_code, AnyOf(73, 74)) << size << ": " << result.err;
    EXPECT_THAT(result.err, HasSubstr("No space left on device")) << size;
    expect_no_image_blamed(out);
  }
  EXPECT_GT(full, 5);
}

TEST_F(FailingSystemTest, AFullDiskUnderTheWorkFolderIsNotTheImagesFault) {
  const SmallDisk disk("100k");
  if (!disk.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted: " << std::strerror(errno);
  const std::string out = shared->folder / "other_disk";
  const auto result = hypersynth_run(arguments(out, {"-w", disk.path() / "work"}));
  EXPECT_EQ(result.exit_code, 74) << result.err;
  expect_no_image_blamed(out);
}

TEST_F(FailingSystemTest, AWorkFolderThatHasBecomeReadOnlyIsNamedAsSuch) {
  SmallDisk disk("10m");
  if (!disk.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted: " << std::strerror(errno);
  const std::string work = disk.path() / "work";
  const std::string out = shared->folder / "read_only_work";
  ASSERT_EQ(hypersynth_run(arguments(shared->folder / "before", {"-w", work})).exit_code, 0);
  disk.make_read_only();
  const auto result = hypersynth_run(arguments(out, {"-w", work}));
  EXPECT_EQ(result.exit_code, 73) << result.err;
  EXPECT_THAT(result.err, HasSubstr("Read-only file system"));
  EXPECT_THAT(result.err, HasSubstr(work));
}

TEST_F(FailingSystemTest, AFileThatMayNotGrowIsAnErrorOfWriting) {
  const std::string out = shared->folder / "small_files";
  const auto result = run_process(in_shell("ulimit -f 30", arguments(out)));
  EXPECT_EQ(result.exit_code, 74) << result.signal << result.err;
  EXPECT_THAT(result.err, HasSubstr("File too large"));
  expect_no_image_blamed(out);
}

/// The child that a supervised run works in; 0 while there is none.
pid_t worker_of(const std::string& out) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string folder = entry.path().string();
    if (read_text(folder + "/cmdline").find(out) == std::string::npos) continue;
    std::istringstream children(
        read_text(folder + "/task/" + entry.path().filename().string() + "/children"));
    pid_t child = 0;
    if (children >> child) return child;
  }
  return 0;
}

TEST_F(FailingSystemTest, ACrashOfALibraryEndsNeitherTheRunNorAnImage) {
  for (const int signal : {SIGSEGV, SIGKILL}) {
    const std::string out = shared->folder / ("crashed" + std::to_string(signal));
    Process process(hypersynth_command(arguments(out)));
    while (!fs::exists(out + "/work/nodes") && process.running())
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const pid_t worker = worker_of(out);
    ASSERT_GT(worker, 0);
    ::kill(worker, signal);
    const auto result = process.wait();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("a process of its own"));
    EXPECT_EQ(read_text(out + "/" + kLabels), read_text(shared->out + "/" + kLabels));
  }
}

TEST_F(FailingSystemTest, StopOnFirstCrashKeepsWhatCanBeResumed) {
  const std::string out = shared->folder / "resumable";
  const std::string in_the_way = out + "/sub-01/figures";
  fs::create_directories(out + "/sub-01");
  std::ofstream(in_the_way) << "a file";
  EXPECT_NE(hypersynth_run(arguments(out, {"--participant-label", "01"})).exit_code, 0);
  ASSERT_TRUE(fs::exists(out + "/work/nodes"));
  shared->data.add_text("sub-00/anat/sub-00_T1w.nii.gz", "");
  const auto result = hypersynth_run(arguments(out, {"--stop-on-first-crash"}));
  fs::remove_all(shared->data.path() + "/sub-00");
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_TRUE(fs::exists(out + "/work/nodes"));
}

TEST_F(FailingSystemTest, ACrashFileOffersOnlyACommandThatWorks) {
  const std::string out = shared->folder / "no_page";
  fs::create_directories(out + "/sub-01.html/in the way");
  const auto result = hypersynth_run(arguments(out, {"--participant-label", "01"}));
  EXPECT_EQ(result.exit_code, 74) << result.err;
  int crashes = 0;
  for (const auto& entry : fs::directory_iterator(out + "/logs/crashes")) {
    EXPECT_NE(entry.path().extension(), ".task");
    if (entry.path().extension() != ".txt") continue;
    ++crashes;
    EXPECT_THAT(read_text(entry.path().string()), HasSubstr("sub-01.report"));
    EXPECT_THAT(read_text(entry.path().string()), Not(HasSubstr("--run-node")));
  }
  EXPECT_EQ(crashes, 1);
}

TEST_F(FailingSystemTest, ClosedOrFullStandardStreamsSpoilNothing) {
  for (const char* streams : {"exec 0<&- 1>&- 2>&-", "exec 2>/dev/full", "exec 2> >(true)"}) {
    const TemporaryDir folder;
    const std::string out = folder / "out";
    const auto result = run_process(in_shell(streams, arguments(out, {"-v"})));
    EXPECT_EQ(result.exit_code, 0) << streams << ", signal " << result.signal;
    EXPECT_EQ(read_text(out + "/" + kLabels), read_text(shared->out + "/" + kLabels)) << streams;
    for (const auto& entry : fs::directory_iterator(out + "/logs")) {
      if (entry.path().extension() != ".jsonl") continue;
      std::istringstream lines(read_text(entry.path().string()));
      for (std::string line; std::getline(lines, line);) EXPECT_EQ(line.front(), '{') << line;
    }
  }
}

}  // namespace
}  // namespace hypersynth
