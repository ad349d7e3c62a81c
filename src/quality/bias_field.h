#pragma once

#include <array>
#include <optional>
#include <vector>

#include "image/volume.h"
#include "quality/mask_morphology.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// A smooth multiplicative field: a cubic polynomial in the voxel indices, mean 1 over white matter
/// (Dawant et al. 1993). Within 0.2 to 5, so that it can be divided by.
class BiasField {
 public:
  /// Least squares over white matter, away from its border where there is enough; nothing where
  /// there are fewer than 1000 voxels or their mean is 0.
  static std::optional<BiasField> fit(const Image& image, const TissueMap& map);

  /// The field along a row: a cubic in i.
  class Row {
   public:
    float operator()(std::int64_t i) const;

   private:
    friend class BiasField;
    std::array<float, 4> coefficients_{};
    float centre_ = 0;
    float scale_ = 1;
  };
  Row row(std::int64_t j, std::int64_t k) const;

  /// Median and 5th and 95th percentile over grey and white matter.
  struct Summary {
    double median = 0;
    double p05 = 0;
    double p95 = 0;
  };
  Summary summarise(const TissueMap& map) const;

 private:
  static constexpr std::size_t kTerms = 20;
  using Terms = std::array<double, kTerms>;

  explicit BiasField(const Shape& shape);
  Terms terms(double i, double j, double k) const;

  Shape shape_;
  std::array<double, 3> centre_{};
  std::array<double, 3> scale_{};
  Terms coefficients_{};
};

}  // namespace hypersynth
