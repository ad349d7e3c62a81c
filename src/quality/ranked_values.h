#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hypersynth {

/// Finite values that are asked for by rank, without sorting or copying them: they are counted once
/// by the upper half of their bits, and only those of one count are sorted when asked for.
class RankedValues {
 public:
  /// The values must outlive the object.
  explicit RankedValues(std::span<const float> values);

  /// The quantile p in [0,1] with linear interpolation between ranks (type 7 of Hyndman and Fan
  /// 1996, numpy's default); NaN where there are no values.
  double quantile(double p) const;

 private:
  /// Values of one count, and how many are smaller than all of them.
  struct Bin {
    std::size_t index = 0;
    std::size_t smaller = 0;
  };
  Bin bin_of_rank(std::size_t rank) const;
  std::vector<float> values_in(std::size_t bin) const;

  std::span<const float> values_;
  std::vector<std::uint32_t> counts_;
};

/// RankedValues(values).quantile(p).
double quantile(std::span<const float> values, double p);

}  // namespace hypersynth
