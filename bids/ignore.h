#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"

namespace hypersynth::bids {

/// The patterns of a `.bidsignore` file, with the meaning of gitignore: `*`, `?`, `[a-z]`, `**`,
/// a leading `!` takes back, a trailing `/` is for folders only, a `/` elsewhere anchors to the
/// root. The last pattern that matches decides.
class IgnoreRules {
 public:
  IgnoreRules() = default;

  /// The rules of a file's text; a line that is no pattern goes to `issues`.
  static IgnoreRules parse(std::string_view text, Issues& issues);

  /// True where `path` (relative to the root) is ignored. A folder that is ignored takes everything
  /// below along, which is the caller's to see to.
  bool ignores(std::string_view path, bool is_directory) const;

  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::vector<std::string> segments;
    bool negated = false;
    bool directory_only = false;
  };
  std::vector<Rule> rules_;
};

/// True where one path segment matches `pattern` with `*`, `?`, `[...]` and `\` escapes.
bool matches_glob(std::string_view pattern, std::string_view segment);

}  // namespace hypersynth::bids
