#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "bids/entities.h"

namespace hypersynth::bids {

/// A condition on the value of one entity.
class Match {
 public:
  /// The value must be one of `values`; those of index entities compare by number.
  static Match one_of(std::vector<std::string> values);
  /// The name must not have the entity.
  static Match absent();
  /// The name must have the entity, with any value.
  static Match present();
  /// The whole value must match an ECMAScript regular expression; throws DatasetError if
  /// `expression` is not one.
  static Match pattern(const std::string& expression);

  /// Accepts names without the entity as well.
  Match& or_absent();

  /// Whether `value` of `entity` meets the condition; nothing means that the name lacks the entity.
  bool accepts(Entity entity, std::optional<std::string_view> value) const;

  /// The values given to one_of(); empty for any other condition.
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
  std::optional<std::regex> pattern_;
  bool any_ = false;
  bool absent_ = false;
};

/// Which files are wanted. An empty list or map means that any value will do.
struct Query {
  std::map<Entity, Match> entities;
  std::vector<std::string> suffixes;    ///< "T1w"
  std::vector<std::string> extensions;  ///< ".nii.gz"
  std::vector<std::string> datatypes;   ///< "anat"
};

/// True if the entities of `name` meet all conditions of `query`. Suffix, extension and datatype
/// are not looked at.
bool accepts(const Query& query, const NameView& name);

}  // namespace hypersynth::bids
