#include "quality/ranked_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hypersynth {
namespace {

constexpr std::size_t kBins = 1 << 16;

/// The upper half of a key that orders floats as numbers.
std::size_t bin_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t key = (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
  return key >> 16;
}

}  // namespace

RankedValues::RankedValues(std::span<const float> values) : values_(values), counts_(kBins, 0) {
  for (const float value : values) ++counts_[bin_of(value)];
}

RankedValues::Bin RankedValues::bin_of_rank(std::size_t rank) const {
  Bin bin;
  while (bin.smaller + counts_[bin.index] <= rank) {
    bin.smaller += counts_[bin.index];
    ++bin.index;
  }
  return bin;
}

std::vector<float> RankedValues::values_in(std::size_t bin) const {
  std::vector<float> result;
  result.reserve(counts_[bin]);
  for (const float value : values_) {
    if (bin_of(value) == bin) result.push_back(value);
  }
  return result;
}

double RankedValues::quantile(double p) const {
  if (values_.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = p * static_cast<double>(values_.size() - 1);
  const auto rank = static_cast<std::size_t>(position);
  const Bin bin = bin_of_rank(rank);
  std::vector<float> near = values_in(bin.index);
  const auto lower = near.begin() + static_cast<std::ptrdiff_t>(rank - bin.smaller);
  std::nth_element(near.begin(), lower, near.end());
  const double fraction = position - std::floor(position);
  if (fraction == 0) return *lower;
  float upper = 0;
  if (lower + 1 != near.end()) {
    upper = *std::min_element(lower + 1, near.end());
  } else {
    const std::vector<float> next = values_in(bin_of_rank(rank + 1).index);
    upper = *std::min_element(next.begin(), next.end());
  }
  return *lower + fraction * (static_cast<double>(upper) - *lower);
}

double quantile(std::span<const float> values, double p) {
  return RankedValues(values).quantile(p);
}

}  // namespace hypersynth
