#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"

namespace hypersynth::bids {

/// The patterns of a `.bidsignore` file, which mean the same as in a .gitignore file. `*`, `?`,
/// `[a-z]` and `**` are wildcards. A leading `!` makes a pattern take files back in, a trailing `/`
/// makes it apply to folders only, and a `/` elsewhere ties it to the root. If several patterns
/// match, the last one decides.
class IgnoreRules {
 public:
  IgnoreRules() = default;

  /// Parses the text of the file; a line that is not a pattern becomes an issue.
  static IgnoreRules parse(std::string_view text, Issues& issues);

  /// True if the patterns name `path`, relative to the root. Does not look at the folders above
  /// `path`: whoever lists the files must leave out everything below an ignored folder.
  bool ignores(std::string_view path, bool is_directory) const;

  bool empty() const { return rules_.empty(); }

 private:
  /// One pattern, cut at `/`.
  struct Rule {
    std::vector<std::string> segments;
    bool negated = false;         ///< began with `!`
    bool directory_only = false;  ///< ended with `/`
  };
  std::vector<Rule> rules_;
};

/// True if one part of a path (between two `/`) matches `pattern`, which may hold `*`, `?`, `[...]`
/// and `\` before a character that stands for itself.
bool matches_glob(std::string_view pattern, std::string_view segment);

}  // namespace hypersynth::bids
