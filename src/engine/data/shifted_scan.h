#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hypersynth {

/// A look that the scanner of a scan doesn't give, to see what a model does away from the scans it
/// was trained on (docs/experiments.md).
enum class ScanShift : std::uint8_t {
  /// x becomes 1.2 - x.
  kInverted,
  /// Cerebrospinal fluid bright, white matter dark, for T1-weighted scans: straight lines between
  /// (0, 0.9), (0.33, 1), (0.57, 0.6), (0.88, 0.35), (1.2, 0.3).
  kT2Like,
  /// x becomes |x + 0.1 (n1 + i n2)|, n1 and n2 standard normal (Rician noise).
  kLowSnr,
};

inline constexpr ScanShift kScanShifts[] = {ScanShift::kInverted, ScanShift::kT2Like,
                                            ScanShift::kLowSnr};

/// "inverted", "t2-like" or "low-snr".
std::string_view name_of(ScanShift shift);

/// Throws std::invalid_argument for other names.
ScanShift scan_shift(std::string_view name);

/// Changes the intensities x (0 to 1.2, see InputRecipe) of a scan; voxels of 0 stay. The same on
/// every platform for a seed. The network's input then has to be scaled by its percentiles again.
void shift_intensities(std::vector<float>& scan, ScanShift shift, std::uint64_t seed);

}  // namespace hypersynth
