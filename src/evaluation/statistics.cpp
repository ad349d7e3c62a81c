#include "evaluation/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string_view>

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "core/quantile.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kUpperTail = 0.975;  // of a two-sided interval of 95 %
constexpr std::size_t kMostExact = 25;

std::vector<double> finite(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return values;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Ranks of values sorted by magnitude, and what ties take from the variance of their sum.
struct Ranks {
  double positive_sum = 0;
  double tie_term = 0;  ///< sum of t^3 - t over groups of t equal magnitudes
};

Ranks rank(const std::vector<double>& sorted) {
  Ranks ranks;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && std::abs(sorted[end]) == std::abs(sorted[begin])) ++end;
    const auto group = static_cast<double>(end - begin);
    const double mean_rank = static_cast<double>(begin + end + 1) / 2;
    for (std::size_t i = begin; i < end; ++i) {
      if (sorted[i] > 0) ranks.positive_sum += mean_rank;
    }
    ranks.tie_term += group * group * group - group;
  }
  return ranks;
}

/// Probability that a sum of ranks 1 to `count`, each in it with probability 1/2, is at most
/// `statistic`.
double exact_lower_tail(std::size_t count, double statistic) {
  const std::size_t largest = count * (count + 1) / 2;
  std::vector<double> subsets(largest + 1, 0);  // number of subsets of ranks with this sum
  subsets[0] = 1;
  for (std::size_t next = 1; next <= count; ++next) {
    for (std::size_t sum = largest; sum >= next; --sum) subsets[sum] += subsets[sum - next];
  }
  const auto last = static_cast<std::size_t>(statistic);
  const double below = std::accumulate(
      subsets.begin(), subsets.begin() + static_cast<std::ptrdiff_t>(last) + 1, 0.0);
  return below / std::pow(2.0, static_cast<double>(count));
}

double approximate_p(double count, const Ranks& ranks) {
  const double expected = count * (count + 1) / 4;
  const double variance = count * (count + 1) * (2 * count + 1) / 24 - ranks.tie_term / 48;
  if (!(variance > 0)) return 1;
  const double distance = std::max(0.0, std::abs(ranks.positive_sum - expected) - 0.5);
  const boost::math::normal standard;
  return std::min(
      1.0, 2 * boost::math::cdf(boost::math::complement(standard, distance / std::sqrt(variance))));
}

/// Mean squares of a two-way table of subjects and measurements.
struct MeanSquares {
  double n, k;
  double subjects, measurements, error;
};

MeanSquares mean_squares(const std::vector<std::vector<double>>& rows) {
  const std::size_t n = rows.size(), k = rows.front().size();
  double grand = 0;
  std::vector<double> of_row(n, 0), of_column(k, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      of_row[i] += rows[i][j] / static_cast<double>(k);
      of_column[j] += rows[i][j] / static_cast<double>(n);
    }
    grand += of_row[i] / static_cast<double>(n);
  }
  MeanSquares squares{static_cast<double>(n), static_cast<double>(k), 0, 0, 0};
  const auto squared = [](double value) { return value * value; };
  for (std::size_t i = 0; i < n; ++i) {
    squares.subjects += squares.k * squared(of_row[i] - grand) / (squares.n - 1);
    for (std::size_t j = 0; j < k; ++j) {
      squares.error += squared(rows[i][j] - of_row[i] - of_column[j] + grand) /
                       ((squares.n - 1) * (squares.k - 1));
    }
  }
  for (std::size_t j = 0; j < k; ++j)
    squares.measurements += squares.n * squared(of_column[j] - grand) / (squares.k - 1);
  return squares;
}

double f_quantile(double numerator_freedom, double denominator_freedom) {
  return boost::math::quantile(boost::math::fisher_f(numerator_freedom, denominator_freedom),
                               kUpperTail);
}

/// McGraw and Wong 1996, table 7, case ICC(A,1).
Interval interval_of(const MeanSquares& s, double icc) {
  if (icc >= 1) return {1, 1};
  const double a = s.k * icc / (s.n * (1 - icc));
  const double b = 1 + s.k * icc * (s.n - 1) / (s.n * (1 - icc));
  const double top = a * s.measurements + b * s.error;
  const double bottom = std::pow(a * s.measurements, 2) / (s.k - 1) +
                        std::pow(b * s.error, 2) / ((s.n - 1) * (s.k - 1));
  const double freedom = top * top / bottom;
  if (!(freedom > 0) || !std::isfinite(freedom)) return {kNaN, kNaN};
  const double rest = s.k * s.measurements + (s.k * s.n - s.k - s.n) * s.error;
  const double f_low = f_quantile(s.n - 1, freedom), f_high = f_quantile(freedom, s.n - 1);
  return {s.n * (s.subjects - f_low * s.error) / (f_low * rest + s.n * s.subjects),
          s.n * (f_high * s.subjects - s.error) / (rest + s.n * f_high * s.subjects)};
}

/// The interval of a mean with a standard error of so many degrees of freedom.
Interval t_interval(double mean, double standard_error, double freedom) {
  const double half =
      boost::math::quantile(boost::math::students_t(freedom), kUpperTail) * standard_error;
  return {mean - half, mean + half};
}

}  // namespace

MeanEstimate estimate_mean(const std::vector<double>& values) {
  const auto sample = finite(values);
  MeanEstimate estimate{sample.size(), kNaN, kNaN, {kNaN, kNaN}};
  if (sample.empty()) return estimate;
  estimate.mean = mean_of(sample);
  if (sample.size() < 2) return estimate;
  double squares = 0;
  for (const double value : sample) squares += (value - estimate.mean) * (value - estimate.mean);
  const auto n = static_cast<double>(sample.size());
  estimate.standard_deviation = std::sqrt(squares / (n - 1));
  estimate.interval = t_interval(estimate.mean, estimate.standard_deviation / std::sqrt(n), n - 1);
  return estimate;
}

MeanEstimate estimate_mean(const std::vector<double>& values,
                           const std::vector<std::string>& clusters) {
  auto estimate = estimate_mean(values);
  std::map<std::string_view, double> residuals;  // summed by cluster
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) residuals[clusters.at(i)] += values[i] - estimate.mean;
  }
  estimate.interval = {kNaN, kNaN};
  if (residuals.size() < 2) return estimate;
  double squares = 0;
  for (const auto& [cluster, residual] : residuals) squares += residual * residual;
  const auto freedom = static_cast<double>(residuals.size()) - 1;
  const double error =
      std::sqrt(squares * (freedom + 1) / freedom) / static_cast<double>(estimate.count);
  estimate.interval = t_interval(estimate.mean, error, freedom);
  return estimate;
}

SignedRankTest signed_rank_test(const std::vector<double>& differences) {
  auto sample = finite(differences);
  SignedRankTest test{0, kNaN, kNaN, false};
  if (sample.empty()) return test;
  std::erase(sample, 0.0);
  std::sort(sample.begin(), sample.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });
  const Ranks ranks = rank(sample);
  test.count = sample.size();
  test.statistic = ranks.positive_sum;
  if (sample.empty()) {
    test.p_value = 1;
    return test;
  }
  const auto n = static_cast<double>(sample.size());
  test.exact = sample.size() <= kMostExact && ranks.tie_term == 0;
  if (test.exact) {
    const double smaller = std::min(ranks.positive_sum, n * (n + 1) / 2 - ranks.positive_sum);
    test.p_value = std::min(1.0, 2 * exact_lower_tail(sample.size(), smaller));
  } else {
    test.p_value = approximate_p(n, ranks);
  }
  return test;
}

Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed,
                                 int resamples) {
  const auto sample = finite(values);
  if (sample.size() < 2 || resamples < 1) return {kNaN, kNaN};
  std::mt19937_64 generator(seed);
  std::vector<double> means;
  means.reserve(static_cast<std::size_t>(resamples));
  for (int resample = 0; resample < resamples; ++resample) {
    double sum = 0;
    for (std::size_t draw = 0; draw < sample.size(); ++draw)
      sum += sample[((generator() >> 32) * sample.size()) >> 32];
    means.push_back(sum / static_cast<double>(sample.size()));
  }
  std::sort(means.begin(), means.end());
  return {quantile_of_sorted(means, 1 - kUpperTail), quantile_of_sorted(means, kUpperTail)};
}

IntraclassCorrelation intraclass_correlation(const std::vector<std::vector<double>>& measurements) {
  for (const auto& row : measurements) {
    if (row.size() < 2 || row.size() != measurements.front().size())
      throw std::invalid_argument("every subject needs the same number of measurements, 2 or more");
  }
  IntraclassCorrelation result{measurements.size(), kNaN, {kNaN, kNaN}};
  if (measurements.size() < 2) return result;
  const MeanSquares s = mean_squares(measurements);
  const double total = s.subjects + (s.k - 1) * s.error + s.k * (s.measurements - s.error) / s.n;
  if (!(total > 0)) return result;
  result.value = (s.subjects - s.error) / total;
  result.interval = interval_of(s, result.value);
  return result;
}

}  // namespace hypersynth
