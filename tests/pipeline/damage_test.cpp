// What users, disks and editors do to a work folder between two runs.

#include <chrono>
#include <fcntl.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

/// Counts what is read of the disk.
class CountingFileSystem : public FileSystem {
 public:
  Digest digest(const fs::path& file) const override {
    ++digests;
    return FileSystem::digest(file);
  }
  mutable std::atomic<int> digests{0};
};

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() {
    for (int i = 0; i < kInputs; ++i) write_text(input(i), "input " + std::to_string(i));
    // Files changed within the last clock step are never trusted without reading.
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    cold_ = run_again();
  }

  fs::path input(int i) const { return folder_ / ("in" + std::to_string(i) + ".txt"); }

  Workflow workflow() const {
    Workflow result("damage");
    for (int i = 0; i < kInputs; ++i) {
      const std::string name = std::to_string(i);
      const auto first = result.add<Append>("first" + name, {input(i), "b"});
      const auto second = result.add<Append>("second" + name, {{}, "c"});
      result.connect(first, &Append::Outputs::file, second, &Append::Inputs::file);
    }
    return result;
  }

  RunReport run_again(bool verify = false) {
    RunOptions options = options_for(folder_ / "work");
    options.verify = verify;
    options.file_system = &disk_;
    options.sync = false;
    disk_.digests = 0;
    RunReport report = run(workflow(), options);
    EXPECT_TRUE(report.ok());
    for (int i = 0; i < kInputs; ++i) {
      const auto outputs = report.outputs<Append>("second" + std::to_string(i));
      EXPECT_TRUE(outputs && read_text(outputs->file) == read_text(input(i)) + "bc");
    }
    return report;
  }

  fs::path output(const std::string& node) const { return cold_.outputs<Append>(node)->file; }

  /// The log of the only run so far.
  fs::path log() const { return fs::directory_iterator(folder_ / "work" / "log")->path(); }

  static constexpr int kInputs = 5;
  TemporaryFolder folder_;
  CountingFileSystem disk_;
  RunReport cold_;
};

TEST_F(DamageTest, NothingRunsAndNothingIsReadWhenNothingChanged) {
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 0u);
  EXPECT_EQ(disk_.digests, 0);
  EXPECT_TRUE(again.warnings.empty());
}

TEST_F(DamageTest, OneByteEditedWithSizeAndTimeRestoredIsSeen) {
  struct stat before = {};
  ASSERT_EQ(::stat(input(2).c_str(), &before), 0);
  std::fstream(input(2).string(), std::ios::in | std::ios::out) << 'I';
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, input(2).c_str(), times, 0), 0);
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 2u);
  EXPECT_FALSE(again.find("first2")->cached);
  EXPECT_THAT(again.find("first2")->reasons.at(0), HasSubstr("input 'file': the content of"));
}

TEST_F(DamageTest, TouchedFilesAreReadOnceAndNothingRuns) {
  for (int i = 0; i < kInputs; ++i) fs::last_write_time(input(i), 1'700'000'000);
  for (fs::recursive_directory_iterator entry(folder_ / "work" / "nodes"), end; entry != end;
       ++entry)
    fs::last_write_time(entry->path(), 1'700'000'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(40));
  EXPECT_EQ(run_again().executed(), 0u);
  EXPECT_EQ(disk_.digests, kInputs + 2 * kInputs);
  EXPECT_EQ(run_again().executed(), 0u);
  EXPECT_EQ(disk_.digests, 0);
}

TEST_F(DamageTest, TruncatedOutputRunsItsNodeAgainWithAWarning) {
  fs::resize_file(output("first1"), 3);
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 1u);  // the same bytes come out: what depends on it stands
  EXPECT_THAT(again.warnings.at(0), HasSubstr("'first1' runs again"));
  EXPECT_THAT(again.warnings.at(0), HasSubstr("has 3 bytes, recorded were 8"));
}

TEST_F(DamageTest, EmptiedOutputRunsItsNodeAgain) {
  write_text(output("second1"), "");
  EXPECT_EQ(run_again().executed(), 1u);
}

TEST_F(DamageTest, FlippedByteOfAnOutputIsSeen) {
  std::fstream(output("second3").string(), std::ios::in | std::ios::out) << 'X';
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 1u);
  EXPECT_THAT(again.warnings.at(0), HasSubstr("other content"));
}

TEST_F(DamageTest, ByteThatFlippedOnTheDiskItselfIsSeenWhenVerifying) {
  // As bit rot would: the file's times do not tell. The log is told the new times instead.
  const fs::path file = output("second3");
  struct stat before = {};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  class Rotten : public CountingFileSystem {
   public:
    Digest digest(const fs::path& path) const override {
      return path == rotten ? digest_of("other bytes") : CountingFileSystem::digest(path);
    }
    fs::path rotten;
  };
  Rotten disk;
  disk.rotten = file;
  RunOptions options = options_for(folder_ / "work");
  options.file_system = &disk;
  options.sync = false;
  EXPECT_EQ(run(workflow(), options).executed(), 0u);
  options.verify = true;
  EXPECT_EQ(plan(workflow(), options).find("second3")->action, Action::kRun);
}

TEST_F(DamageTest, DeletedOutputRunsItsNodeAgain) {
  fs::remove(output("first4"));
  fs::remove_all(output("second0").parent_path());
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 2u);
  EXPECT_THAT(again.warnings.at(0), HasSubstr("is missing"));
}

TEST_F(DamageTest, GarbageInEveryResultFileIsNoticedWhenTheLogIsGone) {
  for (fs::recursive_directory_iterator entry(folder_ / "work" / "nodes"), end; entry != end;
       ++entry) {
    if (entry->path().filename() == "result.json") write_text(entry->path(), "\x93garbage{");
  }
  fs::remove_all(folder_ / "work" / "log");
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 2u * kInputs);
  EXPECT_THAT(again.warnings.at(0), HasSubstr("its result is damaged"));
}

TEST_F(DamageTest, LostLogIsMadeUpFromTheResults) {
  fs::remove_all(folder_ / "work" / "log");
  EXPECT_EQ(run_again().executed(), 0u);
  EXPECT_EQ(run_again().executed(), 0u);
}

TEST_F(DamageTest, LogCutAnywhereCostsNoExecution) {
  const std::string whole = read_text(log());
  const fs::path file = log();
  for (std::size_t cut = 0; cut < whole.size(); cut += 97) {
    for (fs::directory_iterator entry(folder_ / "work" / "log"), end; entry != end; ++entry) {
      if (entry->path() != file) fs::remove(entry->path());
    }
    write_text(file, whole.substr(0, cut));
    ASSERT_EQ(run_again().executed(), 0u) << cut;
  }
}

TEST_F(DamageTest, LineOfTheLogThatWasOverwrittenIsReportedAndMadeUp) {
  std::string text = read_text(log());
  text[text.size() / 2] = '\0';
  write_text(log(), text);
  const RunReport again = run_again();
  EXPECT_EQ(again.executed(), 0u);
  EXPECT_THAT(again.warnings.at(0), HasSubstr("1 line(s) of the run log"));
}

TEST_F(DamageTest, MovedWorkFolderStillHolds) {
  fs::rename(folder_ / "work", folder_ / "elsewhere");
  RunOptions options = options_for(folder_ / "elsewhere");
  const RunReport again = run(workflow(), options);
  EXPECT_EQ(again.executed(), 0u);
  EXPECT_EQ(again.outputs<Append>("second0")->file.parent_path().parent_path(),
            folder_ / "elsewhere" / "nodes");
}

TEST_F(DamageTest, ResultsOfAnEarlierBootThatMayNotHaveReachedTheDiskAreRead) {
  History history = RunLog::load(folder_ / "work" / "log", folder_ / "work" / "nodes", disk_);
  for (auto& [key, result] : history.results) {
    auto other = std::make_shared<Result>(*result);
    other->boot = "another boot";
    result = other;
  }
  disk_.digests = 0;
  make_plan(Graph(workflow()), history, disk_, false);
  EXPECT_EQ(disk_.digests, 2 * kInputs);
  for (const auto& [key, result] : history.results) history.durable.insert(key);
  disk_.digests = 0;
  EXPECT_EQ(make_plan(Graph(workflow()), history, disk_, false).count(Action::kCached),
            2u * kInputs);
  EXPECT_EQ(disk_.digests, 0);
}

}  // namespace
}  // namespace hypersynth::pipeline
