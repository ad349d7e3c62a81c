#include "bids/listing_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A dataset on disk whose folders were last changed some time ago, and a database folder.
class ListingCacheTest : public testing::Test {
 protected:
  ListingCacheTest() {
    data_.write("dataset_description.json", kDescription);
    data_.write("sub-01/anat/sub-01_T1w.nii.gz");
    data_.write("sub-02/anat/sub-02_T1w.nii.gz");
    age();
  }

  /// Moves the time of every folder's last change back.
  void age() {
    fs::last_write_time(data_.path(), std::time(nullptr) - 60);
    for (const auto& entry : fs::recursive_directory_iterator(data_.path())) {
      if (fs::is_directory(entry.path()))
        fs::last_write_time(entry.path(), std::time(nullptr) - 60);
    }
  }

  std::vector<std::string> images() {
    const auto layout = Layout::index(data_.path(), {true, database_.path()});
    issues_ = layout.issues();
    return paths_of(layout.anatomical_images());
  }

  fs::path index_file() const { return fs::directory_iterator(database_.path())->path(); }

  TemporaryFolder data_;
  TemporaryFolder database_;
  Issues issues_;
};

TEST_F(ListingCacheTest, ListsOnlyFoldersThatChanged) {
  const auto list_all = [&] {
    ListingCache cache(disk_source(data_.path()), data_.path(), database_.path());
    Layout::index(std::shared_ptr<const FileSource>(&cache, [](const FileSource*) {}),
                  data_.path());
    cache.save();
    return std::pair(cache.listed(), cache.reused());
  };
  EXPECT_EQ(list_all(), std::pair(std::size_t{5}, std::size_t{0}));
  EXPECT_EQ(list_all(), std::pair(std::size_t{0}, std::size_t{5}));
  data_.write("sub-02/anat/sub-02_T2w.nii.gz");
  EXPECT_EQ(list_all(), std::pair(std::size_t{1}, std::size_t{4}));
  // The folder changed just now, so another change might not show.
  EXPECT_EQ(list_all(), std::pair(std::size_t{1}, std::size_t{4}));
}

TEST_F(ListingCacheTest, NoticesNewRemovedAndRenamedFiles) {
  EXPECT_EQ(images().size(), 2u);
  data_.write("sub-03/ses-1/anat/sub-03_ses-1_T1w.nii.gz");
  EXPECT_EQ(images().size(), 3u);
  fs::remove_all(data_.path() / "sub-01");
  fs::rename(data_.path() / "sub-02/anat/sub-02_T1w.nii.gz",
             data_.path() / "sub-02/anat/sub-02_T2w.nii.gz");
  EXPECT_THAT(images(), ElementsAre("sub-02/anat/sub-02_T2w.nii.gz",
                                    "sub-03/ses-1/anat/sub-03_ses-1_T1w.nii.gz"));
}

TEST_F(ListingCacheTest, NoticesLinksWhoseContentComesOrGoes) {
  const TemporaryFolder store;
  const fs::path link = data_.path() / "sub-01/anat/sub-01_T2w.nii.gz";
  fs::create_symlink(store.path() / "content", link);
  age();
  images();
  EXPECT_THAT(codes_of(issues_), ElementsAre(IssueCode::kBrokenLink));
  store.write("content");
  EXPECT_EQ(images().size(), 3u);
  EXPECT_THAT(issues_, IsEmpty());
  fs::remove(store.path() / "content");
  images();
  EXPECT_THAT(codes_of(issues_), ElementsAre(IssueCode::kBrokenLink));
}

TEST_F(ListingCacheTest, ADamagedIndexIsReportedAndReplaced) {
  images();
  std::string bytes = content_of(index_file());
  bytes[bytes.size() / 2] ^= 1;
  fs::save_string_file(index_file(), bytes);
  EXPECT_EQ(images().size(), 2u);
  EXPECT_THAT(codes_of(issues_), ElementsAre(IssueCode::kIndexInvalid));
  EXPECT_EQ(images().size(), 2u);
  EXPECT_THAT(issues_, IsEmpty());
}

TEST_F(ListingCacheTest, ADatabaseThatCannotBeWrittenIsReportedAndTheRunGoesOn) {
  data_.write("file");
  const auto layout = Layout::index(data_.path(), {true, data_.path() / "file"});
  EXPECT_EQ(layout.anatomical_images().size(), 2u);
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kIndexInvalid));
}

TEST_F(ListingCacheTest, DatasetsShareOneDatabase) {
  TemporaryFolder other;
  other.write("dataset_description.json", kDescription);
  images();
  EXPECT_THAT(Layout::index(other.path(), {true, database_.path()}).anatomical_images(), IsEmpty());
  EXPECT_EQ(images().size(), 2u);
}

TEST(StoredIndexTest, ReadsBackWhatItWrote) {
  StoredIndex index;
  index.root = "/data/caf\xC3\xA9\n";
  index.saved_ns = -5;
  index.folders["a/b"].entries = {{"x\xFF", EntryKind::kBrokenLink, true},
                                  {"y", EntryKind::kDirectory, false}};
  index.folders["a/b"].stamp = {1, 2, 3, 4, true};
  EXPECT_EQ(parse_index(format_index(index)), index);
}

TEST(StoredIndexTest, EveryTruncationIsRefused) {
  StoredIndex index;
  index.root = "/data";
  index.folders[""].stamp.is_directory = true;
  index.folders[""].entries = {{"sub-01", EntryKind::kDirectory, false}};
  const std::string bytes = format_index(index);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(parse_index(bytes.substr(0, length)), DatasetError) << length;
}

}  // namespace
}  // namespace hypersynth::bids
