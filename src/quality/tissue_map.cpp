#include "quality/tissue_map.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace hypersynth {
namespace {

/// Label -> position in the table plus 1, sorted by label; structures without tissue left out.
std::vector<std::pair<std::int32_t, std::uint16_t>> positions(
    const std::vector<LabelledStructure>& structures, const std::vector<StructureKind>& kinds) {
  std::vector<std::pair<std::int32_t, std::uint16_t>> result;
  for (std::size_t i = 0; i < structures.size(); ++i) {
    if (kinds[i].tissue == Tissue::kNone) continue;
    result.emplace_back(structures[i].label, static_cast<std::uint16_t>(i + 1));
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

std::int64_t TissueMap::voxels_of(Tissue which) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].tissue == which) sum += voxels[i];
  }
  return sum;
}

TissueMap make_tissue_map(const LabelMap& labels,
                          const std::vector<LabelledStructure>& structures) {
  if (structures.size() >= std::numeric_limits<std::uint16_t>::max())
    throw std::invalid_argument("too many structures");
  TissueMap map;
  std::vector<std::uint8_t> tissue_of_position{0};
  for (const auto& structure : structures) {
    const auto& kind = map.kinds.emplace_back(kind_of_structure(structure.name));
    const auto tissue = static_cast<std::uint8_t>(kind.tissue);
    tissue_of_position.push_back(kind.pure ? pure(kind.tissue) : tissue);
  }
  const auto table = positions(structures, map.kinds);
  const auto position_of = [&](std::int32_t label) -> std::uint16_t {
    const auto found = std::lower_bound(table.begin(), table.end(),
                                        std::pair<std::int32_t, std::uint16_t>{label, 0});
    return found != table.end() && found->first == label ? found->second : 0;
  };
  std::vector<std::int64_t> voxels(structures.size() + 1, 0);
  const std::size_t size = labels.voxels.size();
  map.structure.resize(size);
  map.tissue.resize(size);
  // Labels come in runs, so most voxels need no search.
  std::size_t begin = 0;
  while (begin < size) {
    const std::int32_t label = labels.voxels[begin];
    std::size_t end = begin + 1;
    while (end < size && labels.voxels[end] == label) ++end;
    const std::uint16_t position = position_of(label);
    voxels[position] += static_cast<std::int64_t>(end - begin);
    std::fill(map.structure.begin() + static_cast<std::ptrdiff_t>(begin),
              map.structure.begin() + static_cast<std::ptrdiff_t>(end), position);
    std::fill(map.tissue.begin() + static_cast<std::ptrdiff_t>(begin),
              map.tissue.begin() + static_cast<std::ptrdiff_t>(end), tissue_of_position[position]);
    begin = end;
  }
  map.voxels.assign(voxels.begin() + 1, voxels.end());
  return map;
}

}  // namespace hypersynth
