#pragma once

#include <array>
#include <cstdint>

namespace hypersynth {

/// What is known of a brain structure besides its name. Lookup tables and pictures are made from
/// it.
struct Structure {
  std::int32_t index;        ///< of FreeSurfer: the value in label maps
  const char* abbreviation;  ///< begins with "L-" or "R-" if the structure has sides
  /// Red, green, blue, after FreeSurfer's table; right white matter is grey, not green.
  std::array<std::uint8_t, 3> color;
  std::int32_t bids_index;  ///< index in the standard table of the BIDS specification
  /// Of its outline: its place in line_palette() and whether it has the tone of the right side.
  /// Structures that touch differ, and so do a few without sides, which touch others of both sides.
  std::uint8_t line_color;
  bool right_tone;
};

/// The structure with this FreeSurfer index; null if it is neither the background (0) nor one of
/// the 32 structures of the default model.
const Structure* find_structure(std::int32_t index);

}  // namespace hypersynth
