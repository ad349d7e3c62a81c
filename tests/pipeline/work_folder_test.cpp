// A work folder that comes and goes while drivers use it.

#include "pipeline/cache/work_folder.h"

#include <optional>
#include <regex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

RunReport add_in(const fs::path& work_dir, int b) {
  Workflow workflow("sums");
  workflow.add<Add>("node", {1, b});
  RunOptions options;
  options.work_dir = work_dir;
  options.sync = false;
  return run(workflow, options);
}

TEST(WorkFolderRemovalTest, AnUnusedFolderGoesAwayWhole) {
  const TemporaryFolder folder;
  ASSERT_TRUE(add_in(folder / "work", 1).ok());
  EXPECT_TRUE(WorkFolder::remove_unused(folder / "work", real_file_system()));
  EXPECT_FALSE(fs::exists(folder / "work"));
  EXPECT_FALSE(WorkFolder::remove_unused(folder / "work", real_file_system()));
}

TEST(WorkFolderRemovalTest, WhatOthersPutThereStays) {
  const TemporaryFolder folder;
  ASSERT_TRUE(add_in(folder / "work", 1).ok());
  write_text(folder / "work/notes.txt", "mine");
  EXPECT_TRUE(WorkFolder::remove_unused(folder / "work", real_file_system()));
  EXPECT_EQ(read_text(folder / "work/notes.txt"), "mine");
  EXPECT_FALSE(fs::exists(folder / "work/nodes"));
  EXPECT_TRUE(add_in(folder / "work", 1).ok()) << "it is still a work folder";
}

TEST(WorkFolderRemovalTest, AStepIsNoOtherDriverAndItsFolderStays) {
  const TemporaryFolder folder;
  std::optional<WorkFolder> driver(std::in_place, folder / "work", real_file_system());
  const WorkFolder step(folder / "work", real_file_system(), WorkFolder::Role::kStep);
  EXPECT_FALSE(driver->is_shared());
  EXPECT_TRUE(step.is_shared());
  const WorkFolder other(folder / "work", real_file_system());
  EXPECT_TRUE(driver->is_shared());
  driver.reset();
  EXPECT_FALSE(WorkFolder::remove_unused(folder / "work", real_file_system()));
}

TEST(WorkFolderMarkerTest, AnEmptyFolderIsTakenAndMarked) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "work");
  EXPECT_TRUE(add_in(folder / "work", 1).ok());
  EXPECT_TRUE(fs::exists(folder / "work/hypersynth-work.json"));
  EXPECT_TRUE(add_in(folder / "work", 1).ok()) << "its own folder is not empty any more";
}

TEST(WorkFolderMarkerTest, AFolderOfSomeoneElseIsNeitherUsedNorCleared) {
  const TemporaryFolder folder;
  for (const char* name : {"nodes", "attempts", "slurm", "pbs", "sge", "log", "crashes"}) {
    fs::create_directories(folder / "work" / name);
    write_text(folder / "work" / name / "notes.txt", "mine");
  }
  write_text(folder / "work/drivers", "");
  EXPECT_THROW(add_in(folder / "work", 1), ForeignFolder);
  EXPECT_THROW(WorkFolder::claim(folder / "work", real_file_system()), ForeignFolder);
  EXPECT_FALSE(WorkFolder::remove_unused(folder / "work", real_file_system()));
  for (const char* name : {"nodes", "attempts", "slurm", "pbs", "sge", "log", "crashes"})
    EXPECT_EQ(read_text(folder / "work" / name / "notes.txt"), "mine") << name;
  EXPECT_FALSE(fs::exists(folder / "work/hypersynth-work.json"));
}

TEST(WorkFolderMarkerTest, WhatNoRunHasMadeStaysAmongTheAttemptsAndLogs) {
  const TemporaryFolder folder;
  ASSERT_TRUE(add_in(folder / "work", 1).ok());
  for (const char* name : {"attempts/notes.txt", "attempts/1234567890123 and more", "log/notes"})
    write_text(folder / "work" / name, "mine");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(add_in(folder / "work", i).ok());
  for (const char* name : {"attempts/notes.txt", "attempts/1234567890123 and more", "log/notes"})
    EXPECT_EQ(read_text(folder / "work" / name), "mine") << name;
}

TEST(WorkFolderMarkerTest, ALinkThatLeadsNowhereIsAnErrorNotAHang) {
  const TemporaryFolder folder;
  fs::create_symlink(folder / "nowhere", folder / "work");
  EXPECT_THROW(add_in(folder / "work", 1), std::system_error);
}

TEST(WorkFolderRemovalTest, AFolderThatADriverUsesStays) {
  const TemporaryFolder folder;
  const WorkFolder used(folder / "work", real_file_system());
  EXPECT_FALSE(WorkFolder::remove_unused(folder / "work", real_file_system()));
  EXPECT_TRUE(fs::exists(folder / "work/nodes"));
}

TEST(WorkFolderRemovalTest, DriversThatBeginWhileItIsRemovedLoseNothing) {
  const TemporaryFolder folder;
  std::atomic<bool> stop{false};
  std::thread remover([&] {
    while (!stop) WorkFolder::remove_unused(folder / "work", real_file_system());
  });
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(add_in(folder / "work", i).ok()) << i;
  stop = true;
  remover.join();
}

TEST(RunIdTest, HasWhatNoOtherRunHasBesidesTimeAndHost) {
  const TemporaryFolder folder;
  std::set<std::string> unique;
  for (int i = 0; i < 20; ++i) {
    const std::string id = WorkFolder(folder / "work", real_file_system()).run_id();
    ASSERT_TRUE(std::regex_match(id, std::regex("[0-9]{13}-[0-9a-f]{16}-[^./]+"))) << id;
    unique.insert(id.substr(14, 16));
  }
  EXPECT_EQ(unique.size(), 20u);
}

}  // namespace
}  // namespace hypersynth::pipeline
