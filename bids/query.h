#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "bids/entities.h"

namespace hypersynth::bids {

/// What the value of one entity must be.
class Match {
 public:
  /// One of `values`; index entities compare by number.
  static Match one_of(std::vector<std::string> values);
  /// The name must not have the entity.
  static Match absent();
  /// The name must have the entity, with any value.
  static Match present();
  /// The whole value matches an ECMAScript pattern; throws DatasetError where it is none.
  static Match pattern(const std::string& expression);

  /// Lets names without the entity through as well.
  Match& or_absent();

  bool accepts(Entity entity, std::optional<std::string_view> value) const;

  /// Those of one_of().
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
  std::optional<std::regex> pattern_;
  bool any_ = false;
  bool absent_ = false;
};

/// Which files are wanted; an empty list means no constraint.
struct Query {
  std::map<Entity, Match> entities;
  std::vector<std::string> suffixes;    ///< "T1w"
  std::vector<std::string> extensions;  ///< ".nii.gz"
  std::vector<std::string> datatypes;   ///< "anat"
};

/// True where the entities of `name` satisfy `query`.
bool accepts(const Query& query, const NameView& name);

}  // namespace hypersynth::bids
