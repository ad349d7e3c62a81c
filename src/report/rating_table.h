#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

/// A word that a reader may choose, and what it means.
struct RatingWord {
  std::string_view word;
  std::string_view meaning;
};

/// "pass", "unsure" and "fail".
std::span<const RatingWord> rating_words();

/// Stands in a table for a rating that its rater has taken back: an older table in which it still
/// is doesn't bring it back.
inline constexpr RatingWord kClearedRating{"cleared", "taken back by its rater"};

/// What may be wrong with an image: the artefacts of MRIQC's rating widget (Esteban et al. 2017),
/// then what may be wrong with a segmentation.
std::span<const RatingWord> rating_reasons();

/// One reader's judgement of one segmented image: a line of a table of ratings.
struct Rating {
  std::string image;         ///< path of the source, relative to its dataset
  std::string rater;         ///< may be empty
  std::string time;          ///< ISO 8601, as it stands in the table
  std::int64_t time_ms = 0;  ///< the same, milliseconds since 1970 (UTC)
  std::string rating;        ///< one of rating_words() or kClearedRating; empty: a comment alone
  std::vector<std::string> reasons;  ///< free words; those of the pages are rating_reasons()
  std::string comment;
  std::string digest;  ///< of the label map that was seen; may be empty
  std::string where;   ///< "<path>, line 3"

  bool same_judgement(const Rating& other) const {
    return rating == other.rating && reasons == other.reasons && comment == other.comment;
  }
};

/// Ratings, and a sentence with path and line for each line that is none.
struct RatingTable {
  std::vector<Rating> ratings;
  std::vector<std::string> problems;
};

/// Milliseconds since 1970 of "2025-06-01T12:00:00.123Z" or with "+02:00" in the place of Z;
/// without either it is taken as UTC. False if `text` is no such time.
bool parse_time_ms(std::string_view text, std::int64_t& ms);

/// Reads a table as the pages save it. `path` stands in the problems. Columns may stand in any
/// order and others may be among them; only `image`, `time` and `rating` must be there.
RatingTable parse_ratings(std::string_view text, const std::string& path);

/// Of each rater's ratings of one segmentation the newest, ordered by image, rater and digest. Of
/// two different ones of the same time the first stays, and a sentence about it goes into
/// `problems`.
std::vector<Rating> newest_ratings(const std::vector<Rating>& ratings,
                                   std::vector<std::string>& problems);

/// The table of `ratings`, which parse_ratings() reads.
std::string format_ratings(const std::vector<Rating>& ratings);

/// The sidecar of such a table: what each column means, as BIDS asks for.
nlohmann::ordered_json ratings_sidecar();

}  // namespace hypersynth
