#include "report/rating_table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>

#include "core/tsv.h"
#include "core/utf8.h"

namespace hypersynth {
namespace {

constexpr std::array kWords = {RatingWord{"pass", "usable as it is"},
                               RatingWord{"unsure", "to be looked at again"},
                               RatingWord{"fail", "not usable"}};

constexpr std::array kReasons = {
    RatingWord{"head motion", "blur, ringing or ghosts because the head has moved"},
    RatingWord{"eye spillover", "the signal of the moving eyes, spread along the phase encoding"},
    RatingWord{"non-eye spillover", "the signal of something else, spread in the same way"},
    RatingWord{"coil failure", "an element of the receiving coil has failed"},
    RatingWord{"global noise", "noise in the whole image"},
    RatingWord{"local noise", "noise in a part of the image"},
    RatingWord{"EM interference", "spikes or stripes from another electromagnetic source"},
    RatingWord{"field of view", "a bad prescription of the field of view, or wrap-around"},
    RatingWord{"aliasing ghosts", "shifted copies of the head from undersampling"},
    RatingWord{"other ghosts", "copies of the head of another kind"},
    RatingWord{"intensity non-uniformity", "brightness that drifts across the image"},
    RatingWord{"temporal field variation", "a field that has changed during the scan"},
    RatingWord{"reconstruction or postprocessing",
               "a fault of the reconstruction or of a later step"},
    RatingWord{"signal drop-out", "a part of the head without signal"},
    RatingWord{"uncategorized artefact", "anything else that is wrong with the image"},
    RatingWord{"leak outside the brain", "of the segmentation: labels outside the brain"},
    RatingWord{"structure missed", "of the segmentation: a structure or a part of it lacks"},
    RatingWord{"sides swapped", "of the segmentation: left and right are interchanged"}};

const std::array<std::string, 7> kColumns = {
    "image", "rater", "time", "rating", "reasons", "comment", "segmentation_digest"};

/// The digits at the start of `text`, exactly `n`; takes them off.
std::optional<int> digits(std::string_view& text, std::size_t n) {
  if (text.size() < n) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = 10 * value + (text[i] - '0');
  }
  text.remove_prefix(n);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// Two numbers of two digits with a colon between, as in 12:30, in minutes.
std::optional<int> minutes(std::string_view& text, int most_hours) {
  const auto hour = digits(text, 2);
  if (!hour || *hour > most_hours || !take(text, ':')) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return 60 * *hour + *minute;
}

std::vector<std::string> split_reasons(std::string_view text) {
  std::vector<std::string> reasons;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view reason = text.substr(0, end);
    while (!reason.empty() && reason.front() == ' ') reason.remove_prefix(1);
    while (!reason.empty() && reason.back() == ' ') reason.remove_suffix(1);
    if (!reason.empty() && reason != "n/a") reasons.emplace_back(reason);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reasons;
}

std::string joined_reasons(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

bool is_rating_word(std::string_view text) {
  return text == kClearedRating.word ||
         std::any_of(kWords.begin(), kWords.end(),
                     [&](const RatingWord& word) { return word.word == text; });
}

std::string in_quotes(std::string_view text) { return "\"" + valid_utf8(text) + "\""; }

/// What is wrong with a rating, as "expected ..., found ..."; empty: nothing.
std::string fault_of(Rating& rating) {
  if (rating.image.empty()) return "expected the path of an image, found none";
  if (!rating.rating.empty() && !is_rating_word(rating.rating))
    return "expected pass, unsure, fail or cleared, found " + in_quotes(rating.rating);
  if (!parse_time_ms(rating.time, rating.time_ms))
    return "expected a time such as 2025-06-01T12:00:00Z, found " + in_quotes(rating.time);
  if (rating.rating.empty() && rating.reasons.empty() && rating.comment.empty())
    return "expected a rating, a reason or a comment, found none of them";
  return "";
}

}  // namespace

std::span<const RatingWord> rating_words() { return kWords; }
std::span<const RatingWord> rating_reasons() { return kReasons; }

bool parse_time_ms(std::string_view text, std::int64_t& ms) {
  namespace time = std::chrono;
  const auto year = digits(text, 4);
  if (!year || !take(text, '-')) return false;
  const auto month = digits(text, 2);
  if (!month || !take(text, '-')) return false;
  const auto day = digits(text, 2);
  if (!day || !take(text, 'T')) return false;
  const time::year_month_day date{time::year(*year), time::month(static_cast<unsigned>(*month)),
                                  time::day(static_cast<unsigned>(*day))};
  const auto of_day = minutes(text, 23);
  if (!date.ok() || !of_day) return false;
  int second = 0;
  std::int64_t fraction = 0;
  if (take(text, ':')) {
    const auto found = digits(text, 2);
    if (!found || *found > 60) return false;
    second = *found;
    if (take(text, '.')) {
      if (text.empty() || text.front() < '0' || text.front() > '9') return false;
      int unit = 100;  // what is beyond milliseconds is left out
      while (const auto digit = digits(text, 1)) {
        fraction += *digit * unit;
        unit /= 10;
      }
    }
  }
  int offset = 0;
  if (const bool east = !text.empty() && text.front() == '+'; take(text, '+') || take(text, '-')) {
    const auto found = minutes(text, 23);
    if (!found) return false;
    offset = east ? *found : -*found;
  } else {
    take(text, 'Z');
  }
  const std::int64_t days = time::sys_days(date).time_since_epoch().count();
  ms = ((days * 1440 + *of_day - offset) * 60 + second) * 1000 + fraction;
  return text.empty();
}

RatingTable parse_ratings(std::string_view text, const std::string& path) {
  RatingTable table;
  const std::vector<TsvLine> lines = split_tsv(text);
  std::map<std::string_view, std::size_t> columns;
  if (!lines.empty()) {
    for (std::size_t i = 0; i < lines[0].cells.size(); ++i) columns.emplace(lines[0].cells[i], i);
  }
  for (const char* name : {"image", "time", "rating"}) {
    if (columns.count(name) != 0) continue;
    table.problems.push_back(path +
                             ": expected a table of ratings with the columns image, time and "
                             "rating, found no " +
                             name);
    return table;
  }
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    Rating rating;
    rating.where = path + ", line " + std::to_string(line->number);
    if (line->cells.size() != lines[0].cells.size()) {
      table.problems.push_back(rating.where + ": expected " +
                               std::to_string(lines[0].cells.size()) + " cells, found " +
                               std::to_string(line->cells.size()));
      continue;
    }
    const auto cell = [&](const char* name) {
      const auto column = columns.find(name);
      const std::string_view value =
          column == columns.end() ? std::string_view() : line->cells[column->second];
      return value == "n/a" ? std::string() : valid_utf8(value);
    };
    rating.image = cell("image");
    rating.rater = cell("rater");
    rating.time = cell("time");
    rating.rating = cell("rating");
    rating.reasons = split_reasons(cell("reasons"));
    rating.comment = cell("comment");
    rating.digest = cell("segmentation_digest");
    if (const std::string fault = fault_of(rating); !fault.empty())
      table.problems.push_back(rating.where + ": " + fault);
    else
      table.ratings.push_back(std::move(rating));
  }
  return table;
}

std::vector<Rating> newest_ratings(const std::vector<Rating>& ratings,
                                   std::vector<std::string>& problems) {
  std::map<std::tuple<std::string, std::string, std::string>, Rating> newest;
  for (const Rating& rating : ratings) {
    const auto [place, is_new] =
        newest.try_emplace({rating.image, rating.rater, rating.digest}, rating);
    if (is_new) continue;
    Rating& kept = place->second;
    if (rating.time_ms == kept.time_ms && !rating.same_judgement(kept)) {
      problems.push_back(rating.where + ": another rating of " + rating.image +
                         " by the same rater at the same time than in " + kept.where +
                         ", which is kept");
    }
    if (rating.time_ms > kept.time_ms) kept = rating;
  }
  std::vector<Rating> result;
  for (auto& [key, rating] : newest) result.push_back(std::move(rating));
  return result;
}

std::string format_ratings(const std::vector<Rating>& ratings) {
  std::string text = tsv_line({kColumns.begin(), kColumns.end()});
  for (const Rating& rating : ratings) {
    text += tsv_line({rating.image, rating.rater, rating.time, rating.rating,
                      joined_reasons(rating.reasons), rating.comment, rating.digest});
  }
  return text;
}

nlohmann::ordered_json ratings_sidecar() {
  const auto levels = [](std::span<const RatingWord> words) {
    nlohmann::ordered_json meanings;
    for (const RatingWord& word : words) meanings[std::string(word.word)] = word.meaning;
    return meanings;
  };
  nlohmann::ordered_json sidecar;
  sidecar["image"]["Description"] = "Path of the rated image, relative to its dataset";
  sidecar["rater"]["Description"] = "Name of the rater, as entered on the page";
  sidecar["time"]["Description"] = "When the rating was given (ISO 8601; Z is UTC)";
  sidecar["rating"] = {{"Description", "The rater's judgement; n/a where there is a comment alone"},
                       {"Levels", levels(kWords)}};
  sidecar["rating"]["Levels"][std::string(kClearedRating.word)] = kClearedRating.meaning;
  sidecar["reasons"] = {
      {"Description",
       "What is wrong with the image or its segmentation, separated by \"; \". The "
       "artefacts are those of MRIQC's rating widget (Esteban et al. 2017, "
       "https://doi.org/10.1371/journal.pone.0184661)"},
      {"Levels", levels(kReasons)}};
  sidecar["comment"]["Description"] = "Free text";
  sidecar["segmentation_digest"]["Description"] =
      "XXH3 digest of the label map that was rated, as in the record of the image";
  return sidecar;
}

}  // namespace hypersynth
