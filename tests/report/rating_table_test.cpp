#include "report/rating_table.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

namespace hypersynth {
namespace {

const std::string kHead = "image\trater\ttime\trating\treasons\tcomment\tsegmentation_digest\n";

RatingTable parsed(const std::string& lines) { return parse_ratings(kHead + lines, "ab.tsv"); }

std::int64_t ms_of(const std::string& text) {
  std::int64_t ms = 0;
  EXPECT_TRUE(parse_time_ms(text, ms)) << text;
  return ms;
}

TEST(RatingTableTest, ReadsWhatThePagesSave) {
  const RatingTable table = parsed(
      "sub-01_T1w.nii.gz\tAB\t2025-06-01T12:00:00.250Z\tfail\thead motion; other ghosts\ta "
      "ghost\t01ab\nsub-02_T1w.nii.gz\tn/a\t2025-06-01T12:01:00Z\tn/a\tn/a\tlooks odd\tn/a\n");
  EXPECT_TRUE(table.problems.empty());
  ASSERT_EQ(table.ratings.size(), 2u);
  const Rating& first = table.ratings[0];
  EXPECT_EQ(first.image, "sub-01_T1w.nii.gz");
  EXPECT_EQ(first.rater, "AB");
  EXPECT_EQ(first.rating, "fail");
  EXPECT_EQ(first.reasons, (std::vector<std::string>{"head motion", "other ghosts"}));
  EXPECT_EQ(first.comment, "a ghost");
  EXPECT_EQ(first.digest, "01ab");
  EXPECT_EQ(first.where, "ab.tsv, line 2");
  EXPECT_EQ(table.ratings[1].rating, "");
  EXPECT_EQ(table.ratings[1].comment, "looks odd");
}

TEST(RatingTableTest, EachLineThatIsNoRatingIsNamedAndTheOthersStay) {
  const RatingTable table = parsed(
      "x\tAB\t2025-06-01T12:00:00Z\tgood\tn/a\tn/a\tn/a\n"
      "x\tAB\tyesterday\tpass\tn/a\tn/a\tn/a\n"
      "x\tAB\t2025-06-01T12:00:00Z\tpass\n"
      "n/a\tAB\t2025-06-01T12:00:00Z\tpass\tn/a\tn/a\tn/a\n"
      "x\tAB\t2025-06-01T12:00:00Z\tn/a\tn/a\tn/a\tn/a\n"
      "x\tAB\t2025-06-01T12:00:00Z\tpass\tn/a\tn/a\tn/a\n");
  EXPECT_EQ(table.problems,
            (std::vector<std::string>{
                "ab.tsv, line 2: expected pass, unsure, fail or cleared, found \"good\"",
                "ab.tsv, line 3: expected a time such as 2025-06-01T12:00:00Z, found \"yesterday\"",
                "ab.tsv, line 4: expected 7 cells, found 4",
                "ab.tsv, line 5: expected the path of an image, found none",
                "ab.tsv, line 6: expected a rating, a reason or a comment, found none of them"}));
  EXPECT_EQ(table.ratings.size(), 1u);
}

TEST(RatingTableTest, OtherTablesAreNamed) {
  EXPECT_EQ(parse_ratings("{\"a\": 1}", "x.tsv").problems.size(), 1u);
  EXPECT_EQ(parse_ratings("", "x.tsv").problems.size(), 1u);
  EXPECT_EQ(parse_ratings("image\trating\n", "x.tsv").problems[0],
            "x.tsv: expected a table of ratings with the columns image, time and rating, found no "
            "time");
}

TEST(RatingTableTest, TimesAreComparedWhateverTheirZone) {
  EXPECT_EQ(ms_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms_of("2025-06-01T12:00:00.250Z"), 1748779200250);
  EXPECT_EQ(ms_of("2025-06-01T14:00:00.25+02:00"), ms_of("2025-06-01T12:00:00.250Z"));
  EXPECT_EQ(ms_of("2025-06-01T07:30-04:30"), ms_of("2025-06-01T12:00"));
  std::int64_t none = 0;
  for (const char* text : {"", "2025", "2025-06-01", "2025-02-29T12:00Z", "2025-13-01T12:00Z",
                           "2025-06-01T24:00Z", "2025-06-01T12:60Z", "2025-06-01T12:00:61Z",
                           "2025-06-01T12:00Zz", "2025-06-01T12:00:00.Z", "2025-06-01T12:00+2"})
    EXPECT_FALSE(parse_time_ms(text, none)) << text;
}

TEST(RatingTableTest, TheNewestOfEachRaterStaysAndATieIsTold) {
  const RatingTable table = parsed(
      "x\tAB\t2025-06-01T12:00:00Z\tpass\tn/a\tn/a\t1\n"
      "x\tAB\t2025-06-01T14:30:00+02:00\tfail\tn/a\tn/a\t1\n"
      "x\tCD\t2025-06-01T12:00:00Z\tunsure\tn/a\tn/a\t1\n"
      "x\tCD\t2025-06-01T12:00:00Z\tfail\tn/a\tn/a\t1\n"
      "x\tCD\t2025-06-01T12:00:00Z\tunsure\tn/a\tn/a\t1\n"
      "x\tAB\t2025-06-01T11:00:00Z\tpass\tn/a\tn/a\t2\n");
  std::vector<std::string> problems;
  const auto newest = newest_ratings(table.ratings, problems);
  ASSERT_EQ(newest.size(), 3u);
  EXPECT_EQ(newest[0].rating, "fail");
  EXPECT_EQ(newest[1].digest, "2");
  EXPECT_EQ(newest[2].rating, "unsure");
  EXPECT_EQ(problems, (std::vector<std::string>{
                          "ab.tsv, line 5: another rating of x by the same rater at the "
                          "same time than in ab.tsv, line 4, which is kept"}));
}

TEST(RatingTableTest, TheSidecarDescribesEveryColumnAndWord) {
  const auto sidecar = ratings_sidecar();
  const RatingTable table = parsed("");
  std::string head;
  for (const auto& [column, meaning] : sidecar.items()) {
    EXPECT_TRUE(meaning.contains("Description")) << column;
    head += (head.empty() ? "" : "\t") + column;
  }
  EXPECT_EQ(head + "\n", kHead);
  EXPECT_EQ(format_ratings({}), kHead);
  EXPECT_EQ(sidecar.at("rating").at("Levels").size(), 4u);
  EXPECT_EQ(sidecar.at("reasons").at("Levels").size(), rating_reasons().size());
  for (const RatingWord& reason : rating_reasons())
    EXPECT_EQ(reason.word.find(';'), std::string_view::npos) << reason.word;
}

RC_GTEST_PROP(RatingTableTest, AnyRatingComesBackFromItsTableAndTheOrderOfFilesDoesNotMatter, ()) {
  const auto word = [] {
    return *rc::gen::container<std::string>(
        rc::gen::element('a', 'b', '1', ' ', '"', '<', '\xC3', '/', '-'));
  };
  std::vector<Rating> ratings;
  std::set<std::int64_t> times;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    Rating rating;
    rating.image = "sub-" + std::to_string(*rc::gen::inRange(0, 3));
    rating.rater = *rc::gen::element<std::string>("", "AB", "CD");
    rating.rating = *rc::gen::element<std::string>("pass", "unsure", "fail", "cleared");
    rating.comment = word();
    const int second = *rc::gen::inRange(0, 60);
    rating.time =
        "2025-06-01T12:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z";
    if (!parse_time_ms(rating.time, rating.time_ms) || !times.insert(rating.time_ms).second)
      continue;
    ratings.push_back(rating);
  }
  std::vector<std::string> problems;
  const std::string text = format_ratings(newest_ratings(ratings, problems));
  const RatingTable again = parse_ratings(text, "x.tsv");
  RC_ASSERT(problems.empty() && again.problems.empty());
  RC_ASSERT(format_ratings(again.ratings) == text);
  std::reverse(ratings.begin(), ratings.end());
  RC_ASSERT(format_ratings(newest_ratings(ratings, problems)) == text);
}

}  // namespace
}  // namespace hypersynth
