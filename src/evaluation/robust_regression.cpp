#include "evaluation/robust_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/quantile.h"

namespace hypersynth {

namespace {

constexpr double kBiweight = 4.685;
constexpr int kMostSteps = 200;
/// Residuals below this share of the spread of the values count as none.
constexpr double kExact = 1e-9;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

/// Predictors of mean 0 and spread 1, so that no unit makes the equations ill-conditioned; those
/// that do not vary are all 0.
struct Standardised {
  std::vector<std::vector<double>> rows;  ///< with a 1 at the beginning
  std::vector<double> mean, spread;       ///< of each predictor; a spread of 0: does not vary
};

Standardised standardise(const std::vector<std::vector<double>>& x) {
  Standardised result;
  const std::size_t predictors = x.front().size();
  const double count = static_cast<double>(x.size());
  for (std::size_t j = 0; j < predictors; ++j) {
    double mean = 0, squares = 0, size = 0;
    for (const auto& row : x) {
      mean += row[j] / count;
      size = std::max(size, std::abs(row[j]));
    }
    for (const auto& row : x) squares += (row[j] - mean) * (row[j] - mean);
    const double spread = std::sqrt(squares / count);
    result.mean.push_back(mean);
    result.spread.push_back(spread > 1e-12 * size ? spread : 0);
  }
  for (const auto& row : x) {
    std::vector<double> standard = {1};
    for (std::size_t j = 0; j < predictors; ++j)
      standard.push_back(result.spread[j] > 0 ? (row[j] - result.mean[j]) / result.spread[j] : 0);
    result.rows.push_back(std::move(standard));
  }
  return result;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Solves the symmetric positive semidefinite equations by elimination; unknowns that the others
/// determine are 0.
std::vector<double> solve(std::vector<std::vector<double>> matrix, std::vector<double> right) {
  const std::size_t n = right.size();
  std::vector<bool> is_used(n, false);
  std::vector<double> size(n);
  for (std::size_t i = 0; i < n; ++i) size[i] = matrix[i][i];
  for (std::size_t i = 0; i < n; ++i) {
    if (!(matrix[i][i] > 1e-10 * size[i]) || size[i] <= 0) continue;
    is_used[i] = true;
    for (std::size_t row = 0; row < n; ++row) {
      if (row == i) continue;
      const double factor = matrix[row][i] / matrix[i][i];
      for (std::size_t column = 0; column < n; ++column)
        matrix[row][column] -= factor * matrix[i][column];
      right[row] -= factor * right[i];
    }
  }
  std::vector<double> solution(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (is_used[i]) solution[i] = right[i] / matrix[i][i];
  }
  return solution;
}

std::vector<double> weighted_fit(const std::vector<std::vector<double>>& rows,
                                 const std::vector<double>& y, const std::vector<double>& weights) {
  const std::size_t n = rows.front().size();
  std::vector<std::vector<double>> matrix(n, std::vector<double>(n, 0));
  std::vector<double> right(n, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) matrix[a][b] += weights[i] * rows[i][a] * rows[i][b];
      right[a] += weights[i] * rows[i][a] * y[i];
    }
  }
  return solve(std::move(matrix), std::move(right));
}

std::vector<double> sizes_of_residuals(const std::vector<std::vector<double>>& rows,
                                       const std::vector<double>& y,
                                       const std::vector<double>& coefficients) {
  std::vector<double> sizes;
  for (std::size_t i = 0; i < rows.size(); ++i)
    sizes.push_back(std::abs(y[i] - product(rows[i], coefficients)));
  return sizes;
}

/// Fits again and again with weights from the residuals, until nothing changes.
template <class Weight>
std::vector<double> reweighted_fit(const std::vector<std::vector<double>>& rows,
                                   const std::vector<double>& y, std::vector<double> coefficients,
                                   double tolerance, const Weight& weight) {
  for (int step = 0; step < kMostSteps; ++step) {
    std::vector<double> weights = sizes_of_residuals(rows, y, coefficients);
    std::transform(weights.begin(), weights.end(), weights.begin(), weight);
    auto next = weighted_fit(rows, y, weights);
    double change = 0;
    for (std::size_t j = 0; j < next.size(); ++j)
      change = std::max(change, std::abs(next[j] - coefficients[j]));
    coefficients = std::move(next);
    if (change <= tolerance) break;
  }
  return coefficients;
}

/// Coefficients of the standardised predictors, as those of the predictors themselves.
LinearModel in_own_units(const std::vector<double>& coefficients, const Standardised& standard,
                         double offset) {
  LinearModel model;
  model.coefficients.push_back(coefficients.front() + offset);
  for (std::size_t j = 0; j < standard.mean.size(); ++j) {
    const double slope = standard.spread[j] > 0 ? coefficients[j + 1] / standard.spread[j] : 0;
    model.coefficients.push_back(slope);
    model.coefficients.front() -= slope * standard.mean[j];
  }
  return model;
}

}  // namespace

double LinearModel::at(const std::vector<double>& x) const {
  double value = coefficients.front();
  for (std::size_t j = 0; j < x.size(); ++j) value += coefficients[j + 1] * x[j];
  return value;
}

LinearModel fit_robustly(const std::vector<std::vector<double>>& x, const std::vector<double>& y) {
  const bool is_regular = !x.empty() && x.size() == y.size() && x.size() > x.front().size() &&
                          std::all_of(x.begin(), x.end(), [&](const auto& row) {
                            return row.size() == x.front().size();
                          });
  if (!is_regular) throw std::invalid_argument("too few or irregular rows for a linear model");
  const Standardised standard = standardise(x);
  // Around the median, so that a large offset does not cost digits.
  const double offset = median(y);
  std::vector<double> values = y;
  for (double& value : values) value -= offset;
  std::vector<double> sizes = values;
  for (double& value : sizes) value = std::abs(value);
  const double spread = *std::max_element(sizes.begin(), sizes.end());
  const double none = kExact * spread;
  auto coefficients = weighted_fit(standard.rows, values, std::vector<double>(values.size(), 1));
  coefficients = reweighted_fit(standard.rows, values, std::move(coefficients), none,
                                [&](double size) { return 1 / std::max(size, none + 1e-300); });
  const double scale = 1.4826 * median(sizes_of_residuals(standard.rows, values, coefficients));
  if (scale > none) {
    coefficients =
        reweighted_fit(standard.rows, values, std::move(coefficients), none, [&](double size) {
          const double share = size / (kBiweight * scale);
          return share < 1 ? std::pow(1 - share * share, 2) : 0.0;
        });
  }
  return in_own_units(coefficients, standard, offset);
}

}  // namespace hypersynth
