#include "image/structures.h"

#include <algorithm>
#include <iterator>

namespace hypersynth {

namespace {

// Indices of the BIDS specification's "Common image-derived labels".
constexpr std::int32_t kBackground = 0;
constexpr std::int32_t kWhiteMatter = 2;
constexpr std::int32_t kFluid = 3;
constexpr std::int32_t kCorticalGrey = 8;
constexpr std::int32_t kSubcorticalGrey = 9;
constexpr std::int32_t kBrainstem = 10;
constexpr std::int32_t kCerebellum = 11;

constexpr Structure kStructures[] = {
    {0, "BG", {0, 0, 0}, kBackground},
    {2, "L-WM", {245, 245, 245}, kWhiteMatter},
    {3, "L-Ctx", {205, 62, 78}, kCorticalGrey},
    {4, "L-LV", {120, 18, 134}, kFluid},
    {5, "L-ILV", {196, 58, 250}, kFluid},
    {7, "L-CbWM", {220, 248, 164}, kCerebellum},
    {8, "L-CbCtx", {230, 148, 34}, kCerebellum},
    {10, "L-Thal", {0, 118, 14}, kSubcorticalGrey},
    {11, "L-Caud", {122, 186, 220}, kSubcorticalGrey},
    {12, "L-Put", {236, 13, 176}, kSubcorticalGrey},
    {13, "L-Pal", {12, 48, 255}, kSubcorticalGrey},
    {14, "3V", {204, 182, 142}, kFluid},
    {15, "4V", {42, 204, 164}, kFluid},
    {16, "BS", {119, 159, 176}, kBrainstem},
    {17, "L-Hip", {220, 216, 20}, kSubcorticalGrey},
    {18, "L-Amy", {103, 255, 255}, kSubcorticalGrey},
    {24, "CSF", {60, 60, 60}, kFluid},
    {26, "L-Acc", {255, 165, 0}, kSubcorticalGrey},
    {28, "L-VDC", {165, 42, 42}, kSubcorticalGrey},
    {41, "R-WM", {215, 215, 215}, kWhiteMatter},
    {42, "R-Ctx", {205, 62, 78}, kCorticalGrey},
    {43, "R-LV", {120, 18, 134}, kFluid},
    {44, "R-ILV", {196, 58, 250}, kFluid},
    {46, "R-CbWM", {220, 248, 164}, kCerebellum},
    {47, "R-CbCtx", {230, 148, 34}, kCerebellum},
    {49, "R-Thal", {0, 118, 14}, kSubcorticalGrey},
    {50, "R-Caud", {122, 186, 220}, kSubcorticalGrey},
    {51, "R-Put", {236, 13, 176}, kSubcorticalGrey},
    {52, "R-Pal", {12, 48, 255}, kSubcorticalGrey},
    {53, "R-Hip", {220, 216, 20}, kSubcorticalGrey},
    {54, "R-Amy", {103, 255, 255}, kSubcorticalGrey},
    {58, "R-Acc", {255, 165, 0}, kSubcorticalGrey},
    {60, "R-VDC", {165, 42, 42}, kSubcorticalGrey},
};

}  // namespace

const Structure* find_structure(std::int32_t index) {
  const auto* const found = std::lower_bound(
      std::begin(kStructures), std::end(kStructures), index,
      [](const Structure& structure, std::int32_t wanted) { return structure.index < wanted; });
  return found != std::end(kStructures) && found->index == index ? found : nullptr;
}

}  // namespace hypersynth
