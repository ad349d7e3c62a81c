#include "bids/listing.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/memory_dataset.h"
#include "core/error.h"
#include "core/utf8.h"

namespace hypersynth::bids {
namespace {

TEST(ListingTest, HasImagesWithMergedMetadataAndIssues) {
  const auto layout =
      memory_layout({"sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_\n_T1w.nii.gz"},
                    {{"T1w.json", R"({"RepetitionTime": 2.5})"}});
  std::vector<nlohmann::json> images;
  for (const auto& image : layout.anatomical_images()) images.push_back(listing_of(layout, image));
  for (int request = 0; request < 2; ++request)
    layout.report({IssueCode::kFilterKeyUnknown, "filter.json", "'a\"b' is not known"});
  const auto listing = make_listing(layout, images);
  EXPECT_EQ(listing["images"], nlohmann::json::parse(R"([{
      "path": "sub-01/anat/sub-01_T1w.nii.gz", "suffix": "T1w", "entities": {"subject": "01"},
      "metadata": {"RepetitionTime": 2.5}}])"));
  ASSERT_EQ(listing["issues"].size(), 2u);
  EXPECT_EQ(listing["issues"][0]["code"], "NAME_INVALID");
  EXPECT_EQ(listing["issues"][0]["severity"], "warning");
  EXPECT_EQ(listing["issues"][1]["path"], "filter.json");
  EXPECT_EQ(nlohmann::json::parse(listing.dump()), listing);
}

TEST(IssueCatalogueTest, HasEveryCodeOnceInOrderWithAMeaning) {
  std::set<std::string_view> names;
  for (std::size_t index = 0; index < issue_catalogue().size(); ++index) {
    const auto& kind = issue_catalogue()[index];
    EXPECT_EQ(static_cast<std::size_t>(kind.code), index);
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(kind.meaning.ends_with('.')) << kind.name;
  }
  EXPECT_EQ(static_cast<std::size_t>(IssueCode::kOutputOfAnother) + 1, names.size());
}

TEST(PrintableTest, TextIsOneLineOfUtf8) {
  EXPECT_EQ(printable("a\nb\x1b[0m"), "a\\x0ab\\x1b[0m");
  EXPECT_EQ(valid_utf8("caf\xC3\xA9 \xC3 \xED\xA0\x80 \xF5"),
            "caf\xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD");
}

}  // namespace
}  // namespace hypersynth::bids
