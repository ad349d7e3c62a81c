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

using Color = std::array<std::uint8_t, 3>;
constexpr Color kBlack{0, 0, 0};
constexpr Color kWhite{240, 240, 240};
// Those of Okabe and Ito's colours that show on black, and for the right side paler or darker ones.
constexpr Color kOrange{230, 159, 0};
constexpr Color kSkyBlue{86, 180, 233};
constexpr Color kGreen{0, 158, 115};
constexpr Color kYellow{240, 228, 66};
constexpr Color kVermilion{213, 94, 0};
constexpr Color kRightSkyBlue{171, 218, 244};
constexpr Color kRightGreen{110, 215, 175};
constexpr Color kRightYellow{150, 142, 30};
constexpr Color kRightVermilion{234, 175, 128};

constexpr Structure kStructures[] = {
    {0, "BG", {0, 0, 0}, kBackground, kBlack},
    {2, "L-WM", {245, 245, 245}, kWhiteMatter, kSkyBlue},
    {3, "L-Ctx", {205, 62, 78}, kCorticalGrey, kVermilion},
    {4, "L-LV", {120, 18, 134}, kFluid, kVermilion},
    {5, "L-ILV", {196, 58, 250}, kFluid, kVermilion},
    {7, "L-CbWM", {220, 248, 164}, kCerebellum, kSkyBlue},
    {8, "L-CbCtx", {230, 148, 34}, kCerebellum, kYellow},
    {10, "L-Thal", {0, 118, 14}, kSubcorticalGrey, kYellow},
    {11, "L-Caud", {122, 186, 220}, kSubcorticalGrey, kGreen},
    {12, "L-Put", {236, 13, 176}, kSubcorticalGrey, kYellow},
    {13, "L-Pal", {12, 48, 255}, kSubcorticalGrey, kGreen},
    {14, "3V", {204, 182, 142}, kFluid, kSkyBlue},
    {15, "4V", {42, 204, 164}, kFluid, kOrange},
    {16, "BS", {119, 159, 176}, kBrainstem, kWhite},
    {17, "L-Hip", {220, 216, 20}, kSubcorticalGrey, kYellow},
    {18, "L-Amy", {103, 255, 255}, kSubcorticalGrey, kGreen},
    {24, "CSF", {60, 60, 60}, kFluid, kWhite},
    {26, "L-Acc", {255, 165, 0}, kSubcorticalGrey, kVermilion},
    {28, "L-VDC", {165, 42, 42}, kSubcorticalGrey, kVermilion},
    {41, "R-WM", {215, 215, 215}, kWhiteMatter, kRightSkyBlue},
    {42, "R-Ctx", {205, 62, 78}, kCorticalGrey, kRightVermilion},
    {43, "R-LV", {120, 18, 134}, kFluid, kRightVermilion},
    {44, "R-ILV", {196, 58, 250}, kFluid, kRightVermilion},
    {46, "R-CbWM", {220, 248, 164}, kCerebellum, kRightSkyBlue},
    {47, "R-CbCtx", {230, 148, 34}, kCerebellum, kRightYellow},
    {49, "R-Thal", {0, 118, 14}, kSubcorticalGrey, kRightYellow},
    {50, "R-Caud", {122, 186, 220}, kSubcorticalGrey, kRightGreen},
    {51, "R-Put", {236, 13, 176}, kSubcorticalGrey, kRightYellow},
    {52, "R-Pal", {12, 48, 255}, kSubcorticalGrey, kRightGreen},
    {53, "R-Hip", {220, 216, 20}, kSubcorticalGrey, kRightYellow},
    {54, "R-Amy", {103, 255, 255}, kSubcorticalGrey, kRightGreen},
    {58, "R-Acc", {255, 165, 0}, kSubcorticalGrey, kRightVermilion},
    {60, "R-VDC", {165, 42, 42}, kSubcorticalGrey, kRightVermilion},
};

}  // namespace

const Structure* find_structure(std::int32_t index) {
  const auto* const found = std::lower_bound(
      std::begin(kStructures), std::end(kStructures), index,
      [](const Structure& structure, std::int32_t wanted) { return structure.index < wanted; });
  return found != std::end(kStructures) && found->index == index ? found : nullptr;
}

}  // namespace hypersynth
