#include "bids/file_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "bids/memory_dataset.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Visit keep_all(const std::string&, int, const DirectoryEntry&) { return Visit::kKeep; }

std::vector<std::string> all_paths(const FileTree& tree) {
  std::vector<std::string> paths;
  for (FileId file = 0; file < tree.file_count(); ++file) paths.push_back(tree.path(file));
  return paths;
}

TEST(FileTreeTest, EveryFileIsFoundByItsPath) {
  const MemoryFiles files{
      {{"b", ""}, {"a/y", ""}, {"a/x/1", ""}, {"a/w", ""}, {"c/z", ""}}, {}, {}};
  Issues issues;
  const auto tree = FileTree::build(*memory_source(files), keep_all, issues);
  EXPECT_THAT(all_paths(tree), ElementsAre("b", "a/w", "a/y", "a/x/1", "c/z"));
  for (FileId file = 0; file < tree.file_count(); ++file)
    EXPECT_EQ(tree.find(tree.path(file)), file);
  for (const char* path : {"", "a", "a/", "/b", "a/x/2", "x/1", "b/", "zzz"})
    EXPECT_EQ(tree.find(path), std::nullopt) << path;
  EXPECT_EQ(tree.find_directory(""), DirectoryId{0});
  EXPECT_EQ(tree.directory_path(*tree.find_directory("a/x")), "a/x");
  EXPECT_EQ(tree.find_directory("a/y"), std::nullopt);
}

TEST(FileTreeTest, ARootThatCannotBeListedThrows) {
  Issues issues;
  EXPECT_THROW(FileTree::build(*memory_source({{}, {}, {""}}), keep_all, issues), DatasetError);
}

TEST(FileTreeTest, LinksToFoldersAreFollowedAndLoopsReported) {
  const TemporaryFolder outside;
  outside.write("a/file");
  const TemporaryFolder folder;
  folder.write("real/a/file");
  fs::create_symlink(outside.path(), folder.path() / "link");
  fs::create_symlink("../..", folder.path() / "real/a/up");
  fs::create_symlink(folder.path().parent_path(), folder.path() / "real/a/above");
  fs::create_symlink("/", folder.path() / "real/a/top");
  fs::create_symlink("/proc", folder.path() / "real/proc");
  fs::create_symlink("self", folder.path() / "self");
  Issues issues;
  const auto tree = FileTree::build(*disk_source(folder.path()), keep_all, issues);
  EXPECT_THAT(all_paths(tree), ElementsAre("self", "link/a/file", "real/a/file"));
  EXPECT_TRUE(tree.is_broken_link(*tree.find("self")));
  EXPECT_THAT(codes_of(issues), ElementsAre(IssueCode::kDirectoryLoop, IssueCode::kDirectoryLoop,
                                            IssueCode::kDirectoryLoop, IssueCode::kDirectoryLoop));
}

TEST(FileTreeTest, AFolderIsListedUnderItsOwnNameWhateverLinksLeadToIt) {
  const TemporaryFolder folder;
  folder.write("sub-02/anat/file");
  fs::create_symlink("sub-02", folder.path() / "sub-01");
  fs::create_symlink("sub-02/anat", folder.path() / "sub-03");
  Issues issues;
  const auto tree = FileTree::build(*disk_source(folder.path()), keep_all, issues);
  EXPECT_THAT(all_paths(tree), ElementsAre("sub-02/anat/file"));
  ASSERT_THAT(codes_of(issues),
              ElementsAre(IssueCode::kDirectoryRepeated, IssueCode::kDirectoryRepeated));
  EXPECT_EQ(issues[0].path, "sub-01");
  EXPECT_THAT(issues[0].message, HasSubstr("leads to sub-02,"));
}

TEST(FileTreeTest, ALinkIntoAFolderThatIsNotListedIsFollowed) {
  const TemporaryFolder folder;
  folder.write("store/sub-01/file");
  fs::create_symlink("store/sub-01", folder.path() / "sub-01");
  Issues issues;
  const auto skip_store = [](const std::string&, int, const DirectoryEntry& entry) {
    return entry.name == "store" ? Visit::kSkip : Visit::kKeep;
  };
  const auto tree = FileTree::build(*disk_source(folder.path()), skip_store, issues);
  EXPECT_THAT(all_paths(tree), ElementsAre("sub-01/file"));
  EXPECT_THAT(issues, IsEmpty());
}

// Each of n folders linked in each other: listed by every path there would be n! folders.
TEST(FileTreeTest, FoldersLinkedToOneAnotherAreListedOnceEach) {
  const TemporaryFolder folder;
  const TemporaryFolder outside;
  for (const auto* place : {&folder, &outside}) {
    for (int from = 0; from < 14; ++from) {
      const std::string name = "sub-" + std::to_string(from);
      place->write(name + "/file");
      for (int to = 0; to < 14; ++to)
        fs::create_symlink("../sub-" + std::to_string(to),
                           place->path() / name / ("to" + std::to_string(to)));
    }
  }
  fs::create_symlink(outside.path(), folder.path() / "elsewhere");
  Issues issues;
  const auto tree = FileTree::build(*disk_source(folder.path()), keep_all, issues);
  EXPECT_EQ(tree.file_count(), 28u);
  EXPECT_LE(tree.directory_count(), 500u);
}

TEST(FileTreeTest, FoldersWithoutEndAreReported) {
  std::string path;
  for (int depth = 0; depth < 200; ++depth) path += "a/";
  Issues issues;
  const auto tree = FileTree::build(*memory_source({{{path + "x", ""}}, {}, {}}), keep_all, issues);
  EXPECT_EQ(tree.file_count(), 0u);
  EXPECT_THAT(codes_of(issues), ElementsAre(IssueCode::kDirectoryLoop));
}

TEST(DiskSourceTest, ReadsFilesAndSaysWhyNot) {
  const TemporaryFolder folder;
  folder.write("a b\n\xFF", "text");
  const auto source = disk_source(folder.path());
  EXPECT_EQ(source->read("a b\n\xFF"), "text");
  EXPECT_THAT(source->list(""), ElementsAre(DirectoryEntry{"a b\n\xFF", EntryKind::kFile, false}));
  for (const char* path : {"nothing", "."}) {
    EXPECT_THROW(source->read(path), std::system_error) << path;
  }
  EXPECT_EQ(source->stamp("a b\n\xFF").size, 4u);
  EXPECT_TRUE(source->stamp("").is_directory);
  EXPECT_THROW(source->stamp("nothing"), std::system_error);
}

TEST(DiskSourceTest, OnlyRegularFilesAreRead) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", folder.path() / "device");
  fs::create_directory(folder.path() / "folder");
  const auto reason = [&](const std::string& path) {
    try {
      disk_source(folder.path())->read(path);
    } catch (const std::system_error& error) {
      return error.code().message();
    }
    return std::string("no error");
  };
  EXPECT_EQ(reason("pipe"), "a named pipe, not a regular file");
  EXPECT_EQ(reason("device"), "a device, not a regular file");
  EXPECT_EQ(reason("folder"), "a folder, not a regular file");
  EXPECT_EQ(reason("nothing"), "No such file or directory");
}

}  // namespace
}  // namespace hypersynth::bids
