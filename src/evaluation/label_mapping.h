#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "image/volume.h"

namespace hypersynth {

/// Translates the labels of one protocol into those of another: label of the reference -> label of
/// the segmentation, or nothing where the segmentation has no such structure. Several labels may
/// become one.
class LabelMapping {
 public:
  /// Every label stays what it is.
  LabelMapping() = default;

  /// Parses a table with the columns `index` (label of the reference) and `mapping` (label of the
  /// segmentation; n/a or empty: the label is ignored); other columns are for readers. Throws
  /// InputError, with the line, if one of the two columns is missing, a value is no integer or an
  /// index occurs twice. `path` is for messages.
  static LabelMapping parse(std::string text, const std::string& path);

  /// As parse(); where there is no text, every label stays what it is.
  static LabelMapping of_text(const std::string& text, const std::string& path) {
    return text.empty() ? LabelMapping() : parse(text, path);
  }

  bool is_identity() const { return !table_; }

  /// What becomes of a label: 0 where it is ignored or the table does not have it.
  std::int32_t apply(std::int32_t label) const;

  /// Replaces every label of `labels`; returns those that the table does not have.
  std::set<std::int32_t> apply(LabelMap& labels) const;

 private:
  std::optional<std::map<std::int32_t, std::int32_t>> table_;
};

}  // namespace hypersynth
