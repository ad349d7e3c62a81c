#include "bids/query.h"

#include <algorithm>

#include "bids/issue.h"
#include "core/error.h"

namespace hypersynth::bids {

Match Match::one_of(std::vector<std::string> values) {
  Match match;
  match.values_ = std::move(values);
  return match;
}

Match Match::absent() {
  Match match;
  match.absent_ = true;
  return match;
}

Match Match::present() {
  Match match;
  match.any_ = true;
  return match;
}

Match Match::pattern(const std::string& expression) {
  Match match;
  try {
    match.pattern_.emplace(expression);
  } catch (const std::regex_error& error) {
    throw DatasetError(IssueCode::kFilterInvalid, "",
                       "'" + printable(expression) + "' is no regular expression: " + error.what());
  }
  return match;
}

Match& Match::or_absent() {
  absent_ = true;
  return *this;
}

bool Match::accepts(Entity entity, std::optional<std::string_view> value) const {
  if (!value) return absent_;
  if (any_) return true;
  if (pattern_ && std::regex_match(value->begin(), value->end(), *pattern_)) return true;
  return std::any_of(values_.begin(), values_.end(),
                     [&](const std::string& wanted) { return same_value(entity, wanted, *value); });
}

bool accepts(const Query& query, const NameView& name) {
  return std::all_of(query.entities.begin(), query.entities.end(), [&](const auto& constraint) {
    return constraint.second.accepts(constraint.first, name.get(constraint.first));
  });
}

}  // namespace hypersynth::bids
