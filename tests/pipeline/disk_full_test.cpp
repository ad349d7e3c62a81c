// A work folder on a file system that fills up.

#include <cerrno>
#include <cstring>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"
#include "support/small_disk.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kFile_bytes = 50'000;

/// Writes a file as careless code does: without looking whether that worked.
struct Careless {
  struct Inputs {
    int seed = 0;
  };
  struct Outputs {
    fs::path file;
  };
  static constexpr std::tuple inputs{Port{"seed", &Inputs::seed}};
  static constexpr std::tuple outputs{Port{"file", &Outputs::file}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext& context) const {
    const fs::path out = context.work_dir() / "data";
    write_text(out, std::string(kFile_bytes, static_cast<char>('a' + in.seed % 26)));
    return {out};
  }
};

class DiskFullTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted: " << std::strerror(errno);
  }

  static Workflow files(int count) {
    Workflow workflow("files");
    for (int i = 0; i < count; ++i) workflow.add<Careless>("node" + std::to_string(i), {i});
    return workflow;
  }

  static Workflow values(int count) {
    Workflow workflow("values");
    for (int i = 0; i < count; ++i) workflow.add<Add>("node" + std::to_string(i), {i, 1});
    return workflow;
  }

  fs::path work() const { return fs::path(disk_.path().native()) / "work"; }

  fs::path ballast() const { return fs::path(disk_.path().native()) / "ballast"; }

  void expect_nothing_half_written() const {
    for (fs::recursive_directory_iterator entry(work() / "nodes"), end; entry != end; ++entry) {
      if (!fs::is_regular_file(entry->path())) continue;
      const std::uintmax_t size_bytes = fs::file_size(entry->path());
      const bool data = entry->path().filename() == "data";
      EXPECT_TRUE(data ? size_bytes == kFile_bytes : size_bytes > 0) << entry->path();
    }
    EXPECT_TRUE(fs::is_empty(work() / "attempts"));
  }

  SmallDisk disk_{"2m"};
};

TEST_F(DiskFullTest, RunStopsWithOneMessageAndGoesOnWhereItStoppedAfterRoomIsMade) {
  const Workflow workflow = files(100);
  const RunReport full = run(workflow, options_for(work()));
  EXPECT_TRUE(full.disk_full);
  EXPECT_EQ(full.warnings.size(), 1u);
  EXPECT_THAT(full.warnings.at(0), HasSubstr("nothing more can be written"));
  EXPECT_LE(full.count(NodeState::kFailed), 2u);
  EXPECT_GT(full.executed(), 10u);
  expect_nothing_half_written();
  disk_.grow();
  const RunReport rest = run(workflow, options_for(work()));
  EXPECT_TRUE(rest.ok());
  EXPECT_EQ(rest.executed(), 100 - full.executed());
  expect_nothing_half_written();
}

TEST_F(DiskFullTest, FullDiskUnderTheRunLogLosesNothingThatWasCommitted) {
  const Workflow workflow = values(1000);
  ASSERT_EQ(run(values(1), options_for(work())).executed(), 1u);
  write_text(ballast(), std::string(1'800'000, 'x'));
  const RunReport full = run(workflow, options_for(work()));
  EXPECT_TRUE(full.disk_full);
  EXPECT_FALSE(full.ok());
  fs::remove(ballast());
  disk_.grow();
  const RunReport rest = run(workflow, options_for(work()));
  EXPECT_TRUE(rest.ok());
  EXPECT_LE(rest.executed(), 999 - full.executed());
  EXPECT_EQ(run(workflow, options_for(work())).executed(), 0u);
}

TEST_F(DiskFullTest, ADiskThatIsReadOnlyIsToldLikeAFullOne) {
  ASSERT_TRUE(run(values(1), options_for(work())).ok());
  struct ReadOnly : FileSystem {
    void write(const fs::path& file, std::string_view) const override {
      throw std::system_error(EROFS, std::generic_category(), file.string());
    }
  };
  const ReadOnly disk;
  RunOptions options = options_for(work());
  options.file_system = &disk;
  EXPECT_TRUE(run(values(5), options).disk_full);
}

/// A disk that takes results, but of the run log only so much.
class FullForTheLog : public FileSystem {
 public:
  void append(int descriptor, std::string_view bytes, const fs::path& file) const override {
    if (bytes.size() <= left_bytes) {
      left_bytes -= bytes.size();
      return FileSystem::append(descriptor, bytes, file);
    }
    FileSystem::append(descriptor, bytes.substr(0, left_bytes), file);
    left_bytes = 0;
    throw std::system_error(ENOSPC, std::generic_category(), file.string());
  }
  mutable std::size_t left_bytes = 10'000;
};

TEST(LogFullTest, CutRunLogEndsTheRunAndTheNextOneFindsTheResults) {
  const TemporaryFolder folder;
  Workflow workflow("values");
  for (int i = 0; i < 500; ++i) workflow.add<Add>("node" + std::to_string(i), {i, 1});
  const FullForTheLog disk;
  RunOptions options = options_for(folder);
  options.file_system = &disk;
  const RunReport full = run(workflow, options);
  EXPECT_TRUE(full.disk_full);
  EXPECT_THAT(full.warnings.at(0), HasSubstr("the run log cannot be written"));
  const RunReport rest = run(workflow, options_for(folder));
  EXPECT_TRUE(rest.ok());
  EXPECT_EQ(rest.executed(), 500 - full.executed());
}

}  // namespace
}  // namespace hypersynth::pipeline
