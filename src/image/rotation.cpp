#include "image/rotation.h"

#include <algorithm>
#include <cmath>

namespace hypersynth {

namespace {

/// Columns of the 3x3 normalised, translation dropped.
Affine normalised_columns(const Affine& affine) {
  const auto spacing = spacing_mm(Grid{{1, 1, 1}, affine});
  Affine result = affine;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) result[row][column] /= spacing[column];
    result[row][3] = 0;
  }
  return result;
}

/// (a, b, c, d) with the largest component found first, which keeps the divisions well conditioned
/// (Shepperd 1978).
std::array<double, 4> quaternion_of(const Affine& r) {
  const std::array<double, 4> squares = {
      1 + r[0][0] + r[1][1] + r[2][2], 1 + r[0][0] - r[1][1] - r[2][2],
      1 - r[0][0] + r[1][1] - r[2][2], 1 - r[0][0] - r[1][1] + r[2][2]};
  const auto largest =
      static_cast<std::size_t>(std::max_element(squares.begin(), squares.end()) - squares.begin());
  const double component = std::sqrt(squares[largest]) / 2;
  // Four times the product of components i and j.
  const std::array<std::array<double, 4>, 4> products = {{
      {squares[0], r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]},
      {r[2][1] - r[1][2], squares[1], r[0][1] + r[1][0], r[0][2] + r[2][0]},
      {r[0][2] - r[2][0], r[0][1] + r[1][0], squares[2], r[1][2] + r[2][1]},
      {r[1][0] - r[0][1], r[0][2] + r[2][0], r[1][2] + r[2][1], squares[3]},
  }};
  std::array<double, 4> q{};
  for (std::size_t i = 0; i < 4; ++i) q[i] = products[largest][i] / (4 * component);
  return q;
}

}  // namespace

Affine rotation_from_quaternion(const std::array<double, 3>& bcd) {
  auto [b, c, d] = bcd;
  const double squared = b * b + c * c + d * d;
  double a = 0;
  if (squared > 1) {
    const double length = std::sqrt(squared);
    b /= length;
    c /= length;
    d /= length;
  } else {
    a = std::sqrt(1 - squared);
  }
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c), 0},
           {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b), 0},
           {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c, 0},
           {0, 0, 0, 1}}};
}

Affine nearest_orthogonal(const Affine& affine) {
  // Newton's iteration X <- (X + X^-T) / 2 converges quadratically to the orthogonal factor.
  Affine x = normalised_columns(affine);
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Affine inverted = inverse(x);
    double change = 0;
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        const double next = (x[row][column] + inverted[column][row]) / 2;
        change = std::max(change, std::abs(next - x[row][column]));
        x[row][column] = next;
      }
    }
    if (change < 1e-15) break;
  }
  return x;
}

NearestQuaternion nearest_quaternion(const Affine& affine) {
  Affine rotation = nearest_orthogonal(affine);
  NearestQuaternion result;
  result.proper = determinant(rotation) > 0;
  if (!result.proper) {
    for (std::size_t row = 0; row < 3; ++row) rotation[row][2] *= -1;
  }
  const auto q = quaternion_of(rotation);
  const double sign = q[0] < 0 ? -1 : 1;
  for (std::size_t i = 0; i < 3; ++i) result.bcd[i] = sign * q[i + 1];
  return result;
}

Affine half_of_rigid(const Affine& rigid) {
  const auto [b, c, d] = nearest_quaternion(rigid).bcd;
  const double a = std::sqrt(std::max(0.0, 1 - (b * b + c * c + d * d)));
  // The unit quaternion half-way to (a, b, c, d) from (1, 0, 0, 0).
  const double length = std::sqrt(2 + 2 * a);
  Affine half = rotation_from_quaternion({b / length, c / length, d / length});
  // Twice the half moves by (1 + R) t.
  Affine twice = half;
  for (std::size_t i = 0; i < 3; ++i) twice[i][i] += 1;
  const auto shift = transform(inverse(twice), {rigid[0][3], rigid[1][3], rigid[2][3]});
  for (std::size_t i = 0; i < 3; ++i) half[i][3] = shift[i];
  return half;
}

}  // namespace hypersynth
