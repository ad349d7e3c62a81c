#include "evaluation/distance_map.h"

#include "core/own_library.h"

namespace hypersynth {
namespace {

using DistanceMap = void (*)(const Mask*, std::vector<double>*);

}  // namespace

std::vector<double> distance_map_mm(const Mask& marked) {
  static const auto kDistanceMap = reinterpret_cast<DistanceMap>(symbol_of(
      {"libhypersynth_distances.so", "the surface distances"}, "hypersynth_distance_map"));
  std::vector<double> distances;
  kDistanceMap(&marked, &distances);
  return distances;
}

}  // namespace hypersynth
