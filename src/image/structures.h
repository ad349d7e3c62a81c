#pragma once

#include <array>
#include <cstdint>

namespace hypersynth {

/// What is known of a brain structure besides its name.
struct Structure {
  std::int32_t index;                 ///< FreeSurfer's
  const char* abbreviation;           ///< "L-" and "R-" for the sides
  std::array<std::uint8_t, 3> color;  ///< red, green, blue
  std::int32_t bids_index;            ///< in the standard table of the BIDS specification
};

/// The structure of a FreeSurfer index, or null where it is none of the 33 this project segments.
const Structure* find_structure(std::int32_t index);

}  // namespace hypersynth
