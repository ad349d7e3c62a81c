#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hypersynth {

enum class NamedSide : std::uint8_t { kNone, kLeft, kRight };

/// The name of a structure, split into the side of the body and the rest.
struct SidedName {
  NamedSide side = NamedSide::kNone;
  /// The name without the word for the side and what joined it, otherwise as it was given; the
  /// whole name if it has no side.
  std::string stem;
  /// The letters and digits of the stem in lower case, with one space between words. Names of the
  /// two sides of a structure have the same key, even if one is "Left-Hippocampus" and the other
  /// "hippocampus_R". It is empty if the name is nothing but a side.
  std::string key;
};

/// Finds the side in a name. It is one of the words left, right, lh and rh, wherever it stands, or
/// the letter L or R as the first or last word; letter case does not matter. A word ends at
/// everything that is no letter or digit. A name with words for both sides has no side.
///
/// "Left-Thalamus", "left Thalamus", "lh.Thalamus", "Thalamus_L", "Thalamus.L", "Thalamus, left"
/// and "Thalamus left" are all the left side of "Thalamus"; "ctx-lh-insula" is that of
/// "ctx-insula".
SidedName split_sided_name(std::string_view name);

/// "left " or "right ", followed by the stem; the stem alone if there is no side. Models name their
/// structures like this.
std::string side_first(NamedSide side, const std::string& stem);

}  // namespace hypersynth
