#include "bids/ignore.h"

#include <optional>

#include "core/error.h"

namespace hypersynth::bids {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// The end of the bracket expression that opens at `open`, kNone if it is not closed.
std::size_t bracket_end(std::string_view pattern, std::size_t open) {
  std::size_t at = open + 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) ++at;
  for (std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern[at] == ']' && at > first) {
      return at;
    }
  }
  return kNone;
}

/// True if `c` is in the bracket expression `body` (without its brackets).
bool in_bracket(std::string_view body, char c) {
  const bool negated = body.starts_with('!') || body.starts_with('^');
  if (negated) body.remove_prefix(1);
  bool found = false;
  std::size_t at = 0;
  const auto take = [&] {
    if (body[at] == '\\' && at + 1 < body.size()) ++at;
    return static_cast<unsigned char>(body[at++]);
  };
  const auto value = static_cast<unsigned char>(c);
  while (at < body.size()) {
    const unsigned low = take();
    unsigned high = low;
    if (at + 1 < body.size() && body[at] == '-') {
      ++at;
      high = take();
    }
    found = found || (low <= value && value <= high);
  }
  return found != negated;
}

/// Bytes of the pattern's element at `at` if it matches `c`, otherwise 0.
std::size_t element_matching(std::string_view pattern, std::size_t at, char c) {
  if (pattern[at] == '?') return 1;
  if (pattern[at] == '[') {
    const std::size_t end = bracket_end(pattern, at);
    if (end != kNone) return in_bracket(pattern.substr(at + 1, end - at - 1), c) ? end - at + 1 : 0;
  }
  if (pattern[at] == '\\' && at + 1 < pattern.size()) return pattern[at + 1] == c ? 2 : 0;
  return pattern[at] == c ? 1 : 0;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t slash = text.find('/'); slash != kNone; slash = text.find('/')) {
    if (slash > 0) parts.emplace_back(text.substr(0, slash));
    text.remove_prefix(slash + 1);
  }
  if (!text.empty()) parts.emplace_back(text);
  return parts;
}

/// Matches a path against a pattern, both cut at `/`. `**` stands for any number of segments: if
/// the rest of the pattern does not match, the last `**` takes one segment more.
bool matches_segments(const std::vector<std::string>& pattern,
                      const std::vector<std::string>& path) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::optional<std::pair<std::size_t, std::size_t>> retry;
  while (s < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      retry = {++p, s};
    } else if (p < pattern.size() && matches_glob(pattern[p], path[s])) {
      ++p;
      ++s;
    } else if (retry) {
      p = retry->first;
      s = ++retry->second;
    } else {
      return false;
    }
  }
  // `a/**` is everything below a, not a itself.
  return p == pattern.size();
}

std::string_view without_trailing_blanks(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
    if (line.size() >= 2 && line[line.size() - 2] == '\\') break;
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view segment) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t retry_pattern = kNone;
  std::size_t retry_segment = 0;
  while (s < segment.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      retry_pattern = ++p;
      retry_segment = s;
      continue;
    }
    const std::size_t length = p < pattern.size() ? element_matching(pattern, p, segment[s]) : 0;
    if (length > 0) {
      p += length;
      ++s;
    } else if (retry_pattern != kNone) {
      p = retry_pattern;
      s = ++retry_segment;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

IgnoreRules IgnoreRules::parse(std::string_view text, Issues& issues) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = without_trailing_blanks(text.substr(0, newline));
    text.remove_prefix(newline == kNone ? text.size() : newline + 1);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    Rule rule;
    rule.negated = line.starts_with('!');
    if (rule.negated) line.remove_prefix(1);
    rule.directory_only = line.ends_with('/');
    if (rule.directory_only) line.remove_suffix(1);
    const bool anchored = line.find('/') != kNone;
    rule.segments = split(line);
    if (rule.segments.empty() || line.find('\0') != kNone) {
      issues.push_back(
          {IssueCode::kIgnorePatternInvalid, ".bidsignore",
           "line " + std::to_string(number) + " is not a pattern: '" + printable(line) + "'"});
      continue;
    }
    if (!anchored) rule.segments.insert(rule.segments.begin(), "**");
    rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

bool IgnoreRules::ignores(std::string_view path, bool is_directory) const {
  if (rules_.empty()) return false;
  const auto segments = split(path);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directory_only && !is_directory) continue;
    if (matches_segments(rule->segments, segments)) return !rule->negated;
  }
  return false;
}

}  // namespace hypersynth::bids
