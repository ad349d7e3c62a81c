#include "engine/data/shifted_scan.h"

#include <cmath>
#include <cstddef>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/random/normal_distribution.hpp>

namespace hypersynth {
namespace {

constexpr float kTop = 1.2F;
constexpr float kNoise = 0.1F;
constexpr std::pair<float, float> kT2Like[] = {
    {0, 0.9F}, {0.33F, 1}, {0.57F, 0.6F}, {0.88F, 0.35F}, {kTop, 0.3F}};

float t2_like(float x) {
  std::size_t i = 1;
  while (i + 1 < std::size(kT2Like) && x >= kT2Like[i].first) ++i;
  const auto [from, low] = kT2Like[i - 1];
  const auto [to, high] = kT2Like[i];
  return low + (x - from) * (high - low) / (to - from);
}

}  // namespace

std::string_view name_of(ScanShift shift) {
  switch (shift) {
    case ScanShift::kInverted:
      return "inverted";
    case ScanShift::kT2Like:
      return "t2-like";
    case ScanShift::kLowSnr:
      return "low-snr";
  }
  return "";
}

ScanShift scan_shift(std::string_view name) {
  for (const auto shift : kScanShifts) {
    if (name_of(shift) == name) return shift;
  }
  throw std::invalid_argument("no look of scans is called " + std::string(name));
}

void shift_intensities(std::vector<float>& scan, ScanShift shift, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  // Not that of the standard library, whose draws differ between libraries.
  boost::random::normal_distribution<float> normal(0, kNoise);
  for (float& x : scan) {
    if (!(x > 0)) continue;
    switch (shift) {
      case ScanShift::kInverted:
        x = kTop - x;
        break;
      case ScanShift::kT2Like:
        x = t2_like(x);
        break;
      case ScanShift::kLowSnr: {
        const float real = x + normal(random);
        x = std::hypot(real, normal(random));
        break;
      }
    }
  }
}

}  // namespace hypersynth
