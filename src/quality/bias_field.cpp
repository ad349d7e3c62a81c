#include "quality/bias_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr std::uint8_t kWhite = pure(Tissue::kWhiteMatter);
constexpr std::size_t kFewestVoxels = 1000;  // 50 for each of 20 terms
constexpr std::size_t kFitVoxels = 80000;
constexpr std::size_t kSummaryVoxels = 100000;

template <std::size_t N>
using Matrix = std::array<std::array<double, N>, N>;

/// Solves a x = b for a symmetric, positive definite a by Cholesky's decomposition, in place.
template <std::size_t N>
std::array<double, N> solve(Matrix<N>& a, std::array<double, N> b) {
  for (std::size_t row = 0; row < N; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      double sum = a[row][column];
      for (std::size_t i = 0; i < column; ++i) sum -= a[row][i] * a[column][i];
      a[row][column] = row == column ? std::sqrt(sum) : sum / a[column][column];
    }
  }
  for (std::size_t row = 0; row < N; ++row) {
    for (std::size_t i = 0; i < row; ++i) b[row] -= a[row][i] * b[i];
    b[row] /= a[row][row];
  }
  for (std::size_t row = N; row-- > 0;) {
    for (std::size_t i = row + 1; i < N; ++i) b[row] -= a[i][row] * b[i];
    b[row] /= a[row][row];
  }
  return b;
}

/// Whether a voxel and its six neighbours are white matter; not so at the border of the image.
bool is_inner(const TissueMap& map, const Shape& shape, std::size_t offset) {
  std::size_t stride = 1;
  for (const std::int64_t extent : shape) {
    const auto count = static_cast<std::size_t>(extent);
    const std::size_t index = offset / stride % count;
    if (index == 0 || index + 1 == count || map.tissue[offset - stride] != kWhite ||
        map.tissue[offset + stride] != kWhite)
      return false;
    stride *= count;
  }
  return true;
}

/// Offsets of voxels of white matter, evenly spread; those of its inside where that leaves enough.
std::vector<std::size_t> sample_white_matter(const TissueMap& map, const Shape& shape) {
  const auto size = static_cast<std::size_t>(map.voxels_of(Tissue::kWhiteMatter));
  const std::size_t step = size / kFitVoxels + 1;
  std::vector<std::size_t> all;
  std::vector<std::size_t> inner;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < map.tissue.size(); ++i) {
    if (map.tissue[i] != kWhite || seen++ % step != 0) continue;
    all.push_back(i);
    if (is_inner(map, shape, i)) inner.push_back(i);
  }
  return inner.size() >= kFewestVoxels ? inner : all;
}

}  // namespace

BiasField::BiasField(const Shape& shape) : shape_(shape) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto last = static_cast<double>(shape[axis] - 1);
    centre_[axis] = last / 2;
    scale_[axis] = last > 0 ? 2 / last : 1;
  }
}

BiasField::Terms BiasField::terms(double i, double j, double k) const {
  const double x = (i - centre_[0]) * scale_[0];
  const double y = (j - centre_[1]) * scale_[1];
  const double z = (k - centre_[2]) * scale_[2];
  return {1,         y,         z,         y * y,     y * z,     z * z,    y * y * y,
          y * y * z, y * z * z, z * z * z, x,         x * y,     x * z,    x * y * y,
          x * y * z, x * z * z, x * x,     x * x * y, x * x * z, x * x * x};
}

std::optional<BiasField> BiasField::fit(const Image& image, const TissueMap& map) {
  const Shape& shape = image.grid.shape;
  const auto offsets = sample_white_matter(map, shape);
  if (offsets.size() < kFewestVoxels) return std::nullopt;
  BiasField field(shape);
  Matrix<kTerms> products{};
  Terms with_intensity{};
  const auto ni = static_cast<std::size_t>(shape[0]);
  const auto nj = static_cast<std::size_t>(shape[1]);
  for (const std::size_t offset : offsets) {
    const Terms term =
        field.terms(static_cast<double>(offset % ni), static_cast<double>(offset / ni % nj),
                    static_cast<double>(offset / ni / nj));
    for (std::size_t row = 0; row < kTerms; ++row) {
      with_intensity[row] += term[row] * image.voxels[offset];
      for (std::size_t column = 0; column <= row; ++column)
        products[row][column] += term[row] * term[column];
    }
  }
  // The first term is 1: products[0][0] counts voxels, the first column sums the other terms.
  const double count = products[0][0];
  const double mean = with_intensity[0] / count;
  if (!(mean > 0)) return std::nullopt;
  // Directions that white matter doesn't span (a single slice) stay flat.
  for (std::size_t row = 1; row < kTerms; ++row) products[row][row] += 1e-6 * count;
  field.coefficients_ = solve(products, with_intensity);
  for (double& coefficient : field.coefficients_) coefficient /= mean;
  return field;
}

BiasField::Row BiasField::row(std::int64_t j, std::int64_t k) const {
  const double y = (static_cast<double>(j) - centre_[1]) * scale_[1];
  const double z = (static_cast<double>(k) - centre_[2]) * scale_[2];
  const auto& c = coefficients_;
  Row row;
  row.centre_ = static_cast<float>(centre_[0]);
  row.scale_ = static_cast<float>(scale_[0]);
  row.coefficients_[0] =
      static_cast<float>(c[0] + y * (c[1] + y * (c[3] + y * c[6] + z * c[7]) + z * c[4]) +
                         z * (c[2] + z * (c[5] + y * c[8] + z * c[9])));
  row.coefficients_[1] =
      static_cast<float>(c[10] + y * (c[11] + y * c[13] + z * c[14]) + z * (c[12] + z * c[15]));
  row.coefficients_[2] = static_cast<float>(c[16] + y * c[17] + z * c[18]);
  row.coefficients_[3] = static_cast<float>(c[19]);
  return row;
}

float BiasField::Row::operator()(std::int64_t i) const {
  const float x = (static_cast<float>(i) - centre_) * scale_;
  const auto& c = coefficients_;
  return std::clamp(c[0] + x * (c[1] + x * (c[2] + x * c[3])), 0.2F, 5.0F);
}

BiasField::Summary BiasField::summarise(const TissueMap& map) const {
  const std::int64_t brain =
      map.voxels_of(Tissue::kGreyMatter) + map.voxels_of(Tissue::kWhiteMatter);
  const std::size_t step = static_cast<std::size_t>(brain) / kSummaryVoxels + 1;
  std::vector<float> values;
  std::size_t offset = 0;
  std::size_t seen = 0;
  for (std::int64_t k = 0; k < shape_[2]; ++k) {
    for (std::int64_t j = 0; j < shape_[1]; ++j) {
      const Row along = row(j, k);
      for (std::int64_t i = 0; i < shape_[0]; ++i, ++offset) {
        if (tissue_of(map.tissue[offset]) < Tissue::kGreyMatter) continue;
        if (seen++ % step == 0) values.push_back(along(i));
      }
    }
  }
  return {quantile(values, 0.5), quantile(values, 0.05), quantile(values, 0.95)};
}

}  // namespace hypersynth
