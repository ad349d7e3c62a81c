#include "bids/dataset_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

using testing::HasSubstr;

Layout linked_layout(const TemporaryFolder& folder) {
  folder.write("derivatives/x/dataset_description.json",
               R"({"Name": "x", "BIDSVersion": "1.10.1", "DatasetType": "derivative",
                   "DatasetLinks": {"raw": "../..", "far": "doi:10.1/x",
                                    "file": "file:///data/my%20set"}})");
  return Layout::index(folder.path() / "derivatives" / "x");
}

std::string error_of(const Layout& layout, const std::string& uri) {
  try {
    resolve_uri(layout, uri);
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "no error";
}

TEST(BidsUriTest, IsResolvedByDatasetLinks) {
  const TemporaryFolder folder;
  const auto layout = linked_layout(folder);
  EXPECT_EQ(resolve_uri(layout, "bids:raw:sub-01/x.nii"), folder.path() / "sub-01/x.nii");
  EXPECT_EQ(resolve_uri(layout, "bids::sub-01/x.nii"), layout.root() / "sub-01/x.nii");
  EXPECT_EQ(resolve_uri(layout, "bids:file:a"), fs::path("/data/my set/a"));
}

TEST(BidsUriTest, ThatCannotBeResolvedSaysWhy) {
  const TemporaryFolder folder;
  const auto layout = linked_layout(folder);
  EXPECT_THAT(error_of(layout, "bids:other:x"), HasSubstr("DatasetLinks has no dataset 'other'"));
  EXPECT_THAT(error_of(layout, "bids:far:x"), HasSubstr("doi:10.1/x"));
  EXPECT_THAT(error_of(layout, "bids::../../etc/passwd"), HasSubstr("leaves the dataset"));
  EXPECT_THAT(error_of(layout, "bids::/etc/passwd"), HasSubstr("leaves the dataset"));
  EXPECT_THAT(error_of(layout, "bids:raw"), HasSubstr("expected bids:<dataset>:<path>"));
  EXPECT_THAT(error_of(layout, "/a/b"), HasSubstr("expected bids:<dataset>:<path>"));
}

TEST(BidsUriTest, OddCharactersSurviveTheRoundTrip) {
  const std::string path = "sub-01/a b\"%\n\xC3\xA9\xFF.nii";
  const std::string uri = bids_uri("raw", path);
  EXPECT_EQ(uri, "bids:raw:sub-01/a%20b%22%25%0A%C3%A9%FF.nii");
  EXPECT_EQ(parse_bids_uri(uri), (BidsUri{"raw", path}));
  EXPECT_EQ(parse_bids_uri("bids::a%zz%4"), (BidsUri{"", "a%zz%4"}));
  EXPECT_EQ(bids_uri("a:b", "c:d"), "bids:a%3Ab:c:d");
  EXPECT_EQ(parse_bids_uri("bids:a%3Ab:c:d"), (BidsUri{"a:b", "c:d"}));
}

TEST(DatasetLinkTest, IsRelativeBelowTheDatasetAndAFileUriElsewhere) {
  const TemporaryFolder folder;
  const auto raw = folder.path() / "raw";
  EXPECT_EQ(dataset_link(raw / "derivatives" / "x", raw), "../..");
  EXPECT_EQ(dataset_link(folder.path() / "out", raw), file_uri(fs::weakly_canonical(raw)));
  EXPECT_EQ(file_uri("/a b/c"), "file:///a%20b/c");
}

TEST(NestedDerivativesTest, AreTheFoldersWithADescription) {
  const TemporaryFolder folder;
  const char* const description = R"({"Name": "x", "BIDSVersion": "1.10.1"})";
  folder.write("derivatives/freesurfer/sub-01/stats/x");
  folder.write("derivatives/b/dataset_description.json", description);
  folder.write("derivatives/b/sub-01/dataset_description.json", description);
  folder.write("derivatives/b/derivatives/c/dataset_description.json", description);
  folder.write("derivatives/group/a/dataset_description.json", description);
  std::vector<std::string> found;
  for (const auto& dataset : nested_derivatives(folder.path()))
    found.push_back(dataset.name + " " + dataset.root.lexically_relative(folder.path()).string());
  EXPECT_THAT(found, testing::ElementsAre("b derivatives/b", "c derivatives/b/derivatives/c",
                                          "a derivatives/group/a"));
  EXPECT_THAT(nested_derivatives(folder.path() / "nowhere"), testing::IsEmpty());
}

}  // namespace
}  // namespace hypersynth::bids
