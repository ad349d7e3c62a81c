#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace hypersynth {

/// A structure has been left undrawn if references hold less than this share of its expected
/// volume. Manual volumes of one structure differ by less than a factor of 3 between protocols and
/// people; references that draw the fluid of the ventricles alone hold 1/300 of the fluid in label
/// maps of whole heads. The limit lies between the two.
inline constexpr double kLeastShare = 0.1;

/// A structure that references leave out, or draw in such a small part that their background must
/// hold the rest: training may not take that background as a statement that the structure is
/// absent. The volumes are medians, over the references and over what they were compared with.
struct UndrawnLabel {
  std::int32_t index = 0;
  double reference_mm3 = 0;
  double expected_mm3 = 0;
};

/// The structures whose median volume in the references is less than kLeastShare of their median
/// volume in `expected_mm3`, in ascending order of their labels.
///
/// Each map has the volumes of one reference, or of one label map to synthesise from; where there
/// are no such label maps, of one segmentation by the initial model. Its keys are segmented labels
/// without the background, 0. A label that a map does not have counts with a volume of 0. A label
/// with an expected median of 0 is never undrawn. If either list is empty, nothing is known and the
/// result is empty.
std::vector<UndrawnLabel> undrawn_labels(
    const std::vector<std::map<std::int32_t, double>>& references_mm3,
    const std::vector<std::map<std::int32_t, double>>& expected_mm3);

}  // namespace hypersynth
