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

// Places in line_palette(). Structures that touch have different ones.
enum : std::uint8_t { kSkyBlue, kOrange, kMagenta, kLime, kBlue, kSalmon, kOlive };

constexpr Structure kStructures[] = {
    {0, "BG", {0, 0, 0}, kBackground, kSkyBlue, false},
    {2, "L-WM", {245, 245, 245}, kWhiteMatter, kSkyBlue, false},
    {3, "L-Ctx", {205, 62, 78}, kCorticalGrey, kOrange, false},
    {4, "L-LV", {120, 18, 134}, kFluid, kSalmon, false},
    {5, "L-ILV", {196, 58, 250}, kFluid, kBlue, false},
    {7, "L-CbWM", {220, 248, 164}, kCerebellum, kSkyBlue, false},
    {8, "L-CbCtx", {230, 148, 34}, kCerebellum, kMagenta, false},
    {10, "L-Thal", {0, 118, 14}, kSubcorticalGrey, kBlue, false},
    {11, "L-Caud", {122, 186, 220}, kSubcorticalGrey, kLime, false},
    {12, "L-Put", {236, 13, 176}, kSubcorticalGrey, kMagenta, false},
    {13, "L-Pal", {12, 48, 255}, kSubcorticalGrey, kSalmon, false},
    {14, "3V", {204, 182, 142}, kFluid, kSkyBlue, true},
    {15, "4V", {42, 204, 164}, kFluid, kOlive, false},
    {16, "BS", {119, 159, 176}, kBrainstem, kOlive, true},
    {17, "L-Hip", {220, 216, 20}, kSubcorticalGrey, kMagenta, false},
    {18, "L-Amy", {103, 255, 255}, kSubcorticalGrey, kLime, false},
    {24, "CSF", {60, 60, 60}, kFluid, kBlue, false},
    {26, "L-Acc", {255, 165, 0}, kSubcorticalGrey, kOlive, false},
    {28, "L-VDC", {165, 42, 42}, kSubcorticalGrey, kOrange, false},
    {41, "R-WM", {215, 215, 215}, kWhiteMatter, kSkyBlue, true},
    {42, "R-Ctx", {205, 62, 78}, kCorticalGrey, kOrange, true},
    {43, "R-LV", {120, 18, 134}, kFluid, kSalmon, true},
    {44, "R-ILV", {196, 58, 250}, kFluid, kBlue, true},
    {46, "R-CbWM", {220, 248, 164}, kCerebellum, kSkyBlue, true},
    {47, "R-CbCtx", {230, 148, 34}, kCerebellum, kMagenta, true},
    {49, "R-Thal", {0, 118, 14}, kSubcorticalGrey, kBlue, true},
    {50, "R-Caud", {122, 186, 220}, kSubcorticalGrey, kLime, true},
    {51, "R-Put", {236, 13, 176}, kSubcorticalGrey, kMagenta, true},
    {52, "R-Pal", {12, 48, 255}, kSubcorticalGrey, kSalmon, true},
    {53, "R-Hip", {220, 216, 20}, kSubcorticalGrey, kMagenta, true},
    {54, "R-Amy", {103, 255, 255}, kSubcorticalGrey, kLime, true},
    {58, "R-Acc", {255, 165, 0}, kSubcorticalGrey, kOlive, true},
    {60, "R-VDC", {165, 42, 42}, kSubcorticalGrey, kOrange, true},
};

}  // namespace

const Structure* find_structure(std::int32_t index) {
  const auto* const found = std::lower_bound(
      std::begin(kStructures), std::end(kStructures), index,
      [](const Structure& structure, std::int32_t wanted) { return structure.index < wanted; });
  return found != std::end(kStructures) && found->index == index ? found : nullptr;
}

}  // namespace hypersynth
