#include "bids/sidecar.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kImage = "sub-01/ses-1/anat/sub-01_ses-1_acq-x_T1w.nii.gz";

Metadata metadata_of(const Layout& layout, const std::string& path = kImage) {
  return layout.metadata(*layout.find(path));
}

TEST(MetadataTest, TheNearestSidecarWinsAndEachKeySaysWhereItIsFrom) {
  const auto layout = memory_layout(
      {kImage}, {{"T1w.json", R"({"a": "root", "b": "root", "c": "root", "d": "root"})"},
                 {"acq-x_T1w.json", R"({})"},
                 {"sub-01/sub-01_T1w.json", R"({"b": "sub", "c": "sub", "d": "sub"})"},
                 {"sub-01/ses-1/sub-01_ses-1_T1w.json", R"({"c": "ses", "d": "ses"})"},
                 {"sub-01/ses-1/anat/sub-01_ses-1_acq-x_T1w.json", R"({"d": "own"})"}});
  const auto metadata = metadata_of(layout);
  EXPECT_EQ(metadata.values(), json::parse(R"({"a":"root","b":"sub","c":"ses","d":"own"})"));
  EXPECT_EQ(metadata.source_of("a"), "T1w.json");
  EXPECT_EQ(metadata.source_of("c"), "sub-01/ses-1/sub-01_ses-1_T1w.json");
  EXPECT_EQ(metadata.source_of("d"), "sub-01/ses-1/anat/sub-01_ses-1_acq-x_T1w.json");
  EXPECT_EQ(metadata.source_of("e"), std::nullopt);
}

TEST(MetadataTest, SidecarsWithOtherEntitiesValuesOrSuffixesDoNotApply) {
  const auto layout =
      memory_layout({kImage}, {{"T2w.json", R"({"a": 1})"},
                               {"acq-y_T1w.json", R"({"a": 2})"},
                               {"run-1_T1w.json", R"({"a": 3})"},
                               {"acq-x+y_T1w.json", R"({"a": 4})"},
                               {"sub-02/sub-02_T1w.json", R"({"a": 5})"},
                               {"sub-01/ses-2/sub-01_ses-2_T1w.json", R"({"a": 6})"}});
  EXPECT_EQ(metadata_of(layout).values(), json::object());
}

TEST(MetadataTest, IndicesOfSidecarsMatchByNumber) {
  const auto layout = memory_layout({"sub-01/func/sub-01_run-01_bold.nii.gz"},
                                    {{"run-1_bold.json", R"({"a": 1})"}});
  EXPECT_EQ(metadata_of(layout, "sub-01/func/sub-01_run-01_bold.nii.gz").values()["a"], 1);
}

TEST(MetadataTest, OfASiblingWithFewerEntitiesDoesNotApplyWhereTheFileHasItsOwn) {
  const auto layout =
      memory_layout({kImage}, {{"sub-01/ses-1/anat/sub-01_ses-1_T1w.json", R"({"a": 1})"},
                               {"sub-01/ses-1/anat/sub-01_ses-1_acq-x_T1w.json", R"({"b": 2})"}});
  EXPECT_EQ(metadata_of(layout).values(), json::parse(R"({"b": 2})"));
  EXPECT_TRUE(layout.issues().empty());
}

TEST(MetadataTest, OfSeveralSidecarsInOneFolderTheMostSpecificWinsAndItIsReportedOnce) {
  const auto layout = memory_layout(
      {kImage}, {{"T1w.json", R"({"a": 1, "b": 1})"}, {"acq-x_T1w.json", R"({"a": 2})"}});
  for (int reading = 0; reading < 2; ++reading)
    EXPECT_EQ(metadata_of(layout).values(), json::parse(R"({"a": 2, "b": 1})"));
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kSidecarAmbiguous));
}

TEST(MetadataTest, AMalformedSidecarIsReportedWithLineAndColumnAndTheOthersCount) {
  const auto layout =
      memory_layout({kImage, "sub-02/anat/sub-02_T1w.nii.gz"},
                    {{"T1w.json", "{\n  \"a\": 1,\n  \"b\": oops\n}\n"},
                     {"sub-01/ses-1/anat/sub-01_ses-1_acq-x_T1w.json", R"({"c": 1})"}});
  EXPECT_EQ(metadata_of(layout).values(), json::parse(R"({"c": 1})"));
  EXPECT_EQ(metadata_of(layout, "sub-02/anat/sub-02_T1w.nii.gz").values(), json::object());
  const auto issues = layout.issues();
  ASSERT_THAT(codes_of(issues), ElementsAre(IssueCode::kJsonInvalid));
  EXPECT_EQ(issues[0].path, "T1w.json");
  EXPECT_THAT(issues[0].message, HasSubstr("line 3, column 8"));
}

TEST(MetadataTest, ASidecarWithoutContentOrReadPermissionIsReported) {
  const auto layout = memory_layout({kImage, "sub-01/sub-01_T1w.json"}, {}, {"T1w.json"},
                                    {"sub-01/sub-01_T1w.json"});
  metadata_of(layout);
  const auto codes = codes_of(layout.issues());
  EXPECT_THAT(codes, testing::IsSupersetOf({IssueCode::kBrokenLink, IssueCode::kFileUnreadable}));
}

TEST(MetadataTest, IsReadByManyThreadsAtOnce) {
  std::map<std::string, std::string> sidecars = {{"T1w.json", R"({"a": 1})"}, {"T2w.json", "{"}};
  std::vector<std::string> images;
  for (int subject = 10; subject < 60; ++subject) {
    const std::string name = "sub-" + std::to_string(subject);
    images.push_back(name + "/anat/" + name + (subject % 2 == 0 ? "_T1w.nii" : "_T2w.nii"));
    sidecars[name + "/" + name + "_T1w.json"] = R"({"b": )" + std::to_string(subject) + "}";
  }
  const auto layout = memory_layout(images, sidecars);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (const auto& image : layout.anatomical_images()) {
          EXPECT_EQ(layout.metadata(image).values().size(), image.suffix == "T1w" ? 2u : 0u);
          layout.report({IssueCode::kUnknownLabel, image.path, "x"});
          EXPECT_THAT(layout.issues(), testing::Not(testing::IsEmpty()));
        }
      });
    }
  }
  EXPECT_EQ(layout.issues().size(), 51u);
}

TEST(MetadataTest, TablesReplaceEachOther) {
  const auto layout = memory_layout({"sub-01/func/sub-01_task-x_events.tsv", "task-x_events.tsv",
                                     "sub-02/func/sub-02_task-x_events.json",
                                     "sub-01/func/sub-01_task-x_events.json"});
  const auto own = layout.find("sub-01/func/sub-01_task-x_events.json");
  const auto other = layout.find("sub-02/func/sub-02_task-x_events.json");
  EXPECT_EQ(layout.nearest(*own, ".tsv")->path, "sub-01/func/sub-01_task-x_events.tsv");
  EXPECT_EQ(layout.nearest(*other, ".tsv")->path, "task-x_events.tsv");
  EXPECT_FALSE(layout.nearest(*other, ".bval"));
}

std::string message_of(const std::string& text) {
  try {
    parse_json_object(text, "x.json");
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseJsonObjectTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(message_of(""), HasSubstr("x.json: line 1, column 1"));
  EXPECT_THAT(message_of("{\"a\": NaN}"), HasSubstr("line 1, column 7"));
  EXPECT_THAT(message_of("{\"a\": 1,}"), HasSubstr("line 1, column 9"));
  EXPECT_THAT(message_of("{\"a\": \"\xFF\"}"), HasSubstr("line 1, column 8"));
  EXPECT_THAT(message_of("[1]"), HasSubstr("expected a JSON object, found an array"));
  EXPECT_THAT(message_of("3"), HasSubstr("found number"));
}

TEST(ParseJsonObjectTest, ValuesNestedWithoutEndAreRefused) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(message_of("{\"a\": " + deep), HasSubstr("nested deeper"));
  EXPECT_EQ(message_of("{\"a\": \"" + deep + "\"}"), "no error");
}

TEST(ParseJsonObjectTest, AByteOrderMarkIsAccepted) {
  EXPECT_EQ(parse_json_object("\xEF\xBB\xBF{\"a\": 1}", "x")["a"], 1);
}

}  // namespace
}  // namespace hypersynth::bids
