#pragma once

#include <array>

#include "image/volume.h"

namespace hypersynth {

/// The rotation of a unit quaternion (a, b, c, d), given as NIfTI stores it: only (b, c, d), since
/// a >= 0 follows from them. If (b, c, d) is longer than 1 it is normalised.
Affine rotation_from_quaternion(const std::array<double, 3>& bcd);

/// The orthogonal 3x3 matrix nearest (in the Frobenius norm) to the normalised columns of a regular
/// affine: the orthogonal factor of their polar decomposition (Higham 1986). It mirrors if the
/// affine does. The translation of the result is 0.
Affine nearest_orthogonal(const Affine& affine);

/// A rotation as NIfTI stores it.
struct NearestQuaternion {
  std::array<double, 3> bcd{};  ///< b, c and d of the unit quaternion (a, b, c, d) with a >= 0
  /// False if the affine mirrors. The rotation is then that of the affine with its third column
  /// negated (qfac is -1 in NIfTI).
  bool proper = true;
};

/// The rigid transform that does the same as `rigid` when it is applied twice: half the angle about
/// the same axis; at 180 degrees one of the two that there are.
Affine half_of_rigid(const Affine& rigid);

/// The rotation of nearest_orthogonal() as NIfTI stores it.
NearestQuaternion nearest_quaternion(const Affine& affine);

}  // namespace hypersynth
