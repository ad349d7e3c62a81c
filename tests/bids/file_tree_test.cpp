#include "bids/file_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "bids/memory_dataset.h"
#include "bids/temporary_folder.h"

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
  const TemporaryFolder folder;
  folder.write("real/a/file");
  fs::create_symlink("real", folder.path() / "link");
  fs::create_symlink("../..", folder.path() / "real/a/up");
  fs::create_symlink("self", folder.path() / "self");
  Issues issues;
  const auto tree = FileTree::build(*disk_source(folder.path()), keep_all, issues);
  EXPECT_THAT(all_paths(tree), ElementsAre("self", "link/a/file", "real/a/file"));
  EXPECT_TRUE(tree.is_broken_link(*tree.find("self")));
  EXPECT_THAT(codes_of(issues), ElementsAre(IssueCode::kDirectoryLoop, IssueCode::kDirectoryLoop));
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

TEST(DiskSourceTest, APipeInPlaceOfAFileDoesNotBlock) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "x.json").c_str(), 0600), 0);
  EXPECT_THROW(disk_source(folder.path())->read("x.json"), std::system_error);
}

}  // namespace
}  // namespace hypersynth::bids
