#include "bids/issue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;

TEST(IssueTextTest, AnIssueOfTheWholeDatasetHasNoEmptyPath) {
  EXPECT_EQ(to_text({IssueCode::kNameInvalid, "sub-01/\n", "odd"}), "sub-01/\\x0a: odd");
  EXPECT_EQ(to_text({IssueCode::kNothingMatches, "", "nothing"}), "nothing");
}

TEST(SummariseTest, AFewAreLinesAndManyAreOneWithExamples) {
  Issues issues{{IssueCode::kJsonInvalid, "a.json", "line 1"},
                {IssueCode::kNameInvalid, "x1", "odd"},
                {IssueCode::kJsonInvalid, "b.json", "line 2"}};
  EXPECT_THAT(summarise(issues),
              ElementsAre("NAME_INVALID: x1: odd", "JSON_INVALID: a.json: line 1",
                          "JSON_INVALID: b.json: line 2"));
  for (int i = 2; i <= 18000; ++i)
    issues.push_back({IssueCode::kNameInvalid, "x" + std::to_string(i), "odd"});
  EXPECT_EQ(summarise(issues)[0], "NAME_INVALID: x1: odd (and 17999 more: x2, x3; -v names all)");
  EXPECT_THAT(summarise(issues), testing::SizeIs(3));
}

TEST(SummariseTest, ManyOfOneFileNameItOnce) {
  const Issues issues(6, {IssueCode::kTableInvalid, "t.tsv", "a row"});
  EXPECT_THAT(summarise(issues),
              ElementsAre("TABLE_INVALID: t.tsv: a row (and 5 more; -v names all)"));
}

}  // namespace
}  // namespace hypersynth::bids
