#include "support/phantom_head.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace hypersynth {
namespace {

struct Point {
  double x, y, z;  // mm from the head's centre, RAS+
};

struct Ellipsoid {
  Point centre;
  Point radii_mm;

  /// Below 1 inside.
  double distance(const Point& p) const {
    return std::hypot((p.x - centre.x) / radii_mm.x, (p.y - centre.y) / radii_mm.y,
                      (p.z - centre.z) / radii_mm.z);
  }
  bool contains(const Point& p) const { return distance(p) < 1; }
};

constexpr double kScalp = 150, kSkull = 25, kFluid = 28, kGrey = 98, kWhite = 150;

/// Structures of one hemisphere (x is the distance from the midline).
double hemisphere(const Point& p, double value) {
  const Point q{std::abs(p.x), p.y, p.z};
  const Ellipsoid cerebellum{{22, -52, -42}, {24, 24, 20}};
  if (Ellipsoid{{11, 2, 14}, {6, 32, 9}}.contains(q)) value = kFluid;        // lateral ventricle
  if (Ellipsoid{{9, -10, 2}, {8, 14, 10}}.contains(q)) value = kGrey + 8;    // thalamus
  if (Ellipsoid{{14, 18, 10}, {5, 12, 8}}.contains(q)) value = kGrey;        // caudate
  if (Ellipsoid{{26, 6, 2}, {6, 17, 9}}.contains(q)) value = kGrey + 8;      // putamen
  if (Ellipsoid{{19, 2, 0}, {3, 9, 6}}.contains(q)) value = kWhite - 15;     // pallidum
  if (Ellipsoid{{27, -18, -16}, {6, 16, 6}}.contains(q)) value = kGrey - 3;  // hippocampus
  if (Ellipsoid{{24, 2, -18}, {8, 8, 7}}.contains(q)) value = kGrey - 3;     // amygdala
  if (cerebellum.contains(q)) value = cerebellum.distance(q) < 0.55 ? kWhite - 5 : kGrey;
  return value;
}

double intensity(const Point& p) {
  const Ellipsoid brain{{0, 0, 4}, {69, 86, 70}};
  double value = 0;
  if (Ellipsoid{{0, 0, 0}, {80, 98, 84}}.contains(p)) value = kScalp;
  if (Ellipsoid{{0, 0, 2}, {75, 92, 79}}.contains(p)) value = kSkull;
  if (brain.contains(p)) value = kFluid;
  const double folds = 0.05 * std::sin(p.x / 4.5) * std::sin(p.y / 5) * std::sin(p.z / 4.5);
  const bool cerebrum = p.z > -28;
  if (cerebrum && Ellipsoid{{0, 0, 6}, {66, 83, 66}}.distance(p) + folds < 1) value = kGrey;
  if (cerebrum && Ellipsoid{{0, 0, 6}, {60, 77, 60}}.distance(p) + 3 * folds < 1) value = kWhite;
  if (std::abs(p.x) < 1.5 && p.z > 15 && brain.contains(p)) value = kFluid;  // the fissure
  value = hemisphere(p, value);
  if (Ellipsoid{{0, -10, 0}, {2, 12, 9}}.contains(p)) value = kFluid;           // 3rd ventricle
  if (Ellipsoid{{0, -22, -38}, {12, 11, 30}}.contains(p)) value = kWhite - 10;  // brain stem
  if (Ellipsoid{{0, -36, -32}, {6, 6, 8}}.contains(p)) value = kFluid;          // 4th ventricle
  return value;
}

}  // namespace

Image PhantomHead::draw() const {
  Image image;
  image.grid.shape = shape;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    image.grid.world_from_voxel[axis][axis] = spacing_mm;
    image.grid.world_from_voxel[axis][3] = -0.5 * spacing_mm * static_cast<double>(shape[axis] - 1);
  }
  std::mt19937 random(seed);
  std::normal_distribution<double> draw_noise(0, noise);
  image.voxels.reserve(static_cast<std::size_t>(image.grid.voxel_count()));
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        const auto world =
            transform(image.grid.world_from_voxel,
                      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        const double clean = intensity({world[0] / scale, world[1] / scale, world[2] / scale});
        image.voxels.push_back(static_cast<float>(std::max(0.0, clean + draw_noise(random))));
      }
    }
  }
  return image;
}

}  // namespace hypersynth
