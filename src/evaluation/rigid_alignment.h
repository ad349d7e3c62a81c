#pragma once

#include <cstdint>
#include <map>

#include "image/volume.h"

namespace hypersynth {

/// A scan as its alignment needs it: intensities and labels on one grid.
struct LabelledScan {
  Image image;
  LabelMap labels;
};

/// How one scan of a person lies to another.
struct RigidAlignment {
  /// Takes a place in the world of the first scan (mm) to the same place of the head in the later.
  Affine later_from_first{};
  double rotation_deg = 0;
  double shift_mm = 0;  ///< of the centre of the first scan's labels
  /// Mattes' mutual information (nats) of the aligned scans around the labels: the larger, the
  /// better one tells the other.
  double information = 0;
  /// The same where the later scan is mirrored at its sagittal plane and aligned anew. Larger than
  /// `information` where one of the scans shows left as right.
  double mirrored_information = 0;
};

/// Aligns two scans of one person: first the centres of the labels that both have (Horn 1987,
/// doi:10.1364/JOSAA.4.000629), then the intensities around them, by their mutual information
/// (Mattes et al. 2003, doi:10.1109/TMI.2003.809072). `partners` has for each label with a side
/// that of the other side, for the mirrored scan. Runs in the calling thread and always gives the
/// same result. Throws std::invalid_argument where a scan has no labels, and Error kInternal if the
/// library that is linked to ITK cannot be opened or ITK fails.
RigidAlignment align_rigidly(const LabelledScan& first, const LabelledScan& later,
                             const std::map<std::int32_t, std::int32_t>& partners);

}  // namespace hypersynth
