#pragma once

#include <array>

#include "image/volume.h"

namespace hypersynth {

/// Rotation of the unit quaternion (a, b, c, d) with a >= 0 left out, as NIfTI stores it; (b, c, d)
/// longer than 1 is normalised.
Affine rotation_from_quaternion(const std::array<double, 3>& bcd);

/// The orthogonal 3x3 nearest (Frobenius norm) to the normalised columns of a regular affine's 3x3:
/// the orthogonal factor of its polar decomposition (Higham 1986). Mirrors where the affine does;
/// no translation.
Affine nearest_orthogonal(const Affine& affine);

struct NearestQuaternion {
  std::array<double, 3> bcd{};
  /// False where the affine mirrors: the rotation is then that of the affine with its third column
  /// negated (NIfTI's qfac -1).
  bool proper = true;
};

/// The rotation nearest_orthogonal() gives, as NIfTI stores it.
NearestQuaternion nearest_quaternion(const Affine& affine);

}  // namespace hypersynth
