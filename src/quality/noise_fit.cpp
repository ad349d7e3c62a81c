#include "quality/noise_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/tools/minima.hpp>

#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestVoxels = 1000;
constexpr double kScaledPercentile = 100;
constexpr double kKernel = 4;
constexpr double kGridEnd = 110;
constexpr std::size_t kGridPoints = 1000;

/// The intensities as a histogram: far finer than the kernel, and the likelihood needs no more.
constexpr double kBinWidth = 0.05;
/// Intensities from here on count as this: they are beyond the grid, and few.
constexpr double kLastBin = 1000;

struct Histogram {
  std::vector<double> counts;
  double n = 0;

  static double centre(std::size_t bin) { return (static_cast<double>(bin) + 0.5) * kBinWidth; }
};

Histogram histogram_of(const std::vector<float>& air, double factor) {
  Histogram histogram;
  for (const float value : air) {
    const double scaled = std::min(kLastBin, value * factor);
    const auto bin = static_cast<std::size_t>(scaled / kBinWidth);
    if (bin >= histogram.counts.size()) histogram.counts.resize(bin + 1);
    ++histogram.counts[bin];
  }
  histogram.n = static_cast<double>(air.size());
  return histogram;
}

double grid_point(std::size_t i) {
  return kGridEnd * static_cast<double>(i) / static_cast<double>(kGridPoints - 1);
}

std::vector<double> kernel_density(const Histogram& histogram) {
  std::vector<double> density(kGridPoints);
  const double scale = 1 / (histogram.n * kKernel * std::sqrt(2 * 3.141592653589793));
  for (std::size_t i = 0; i < kGridPoints; ++i) {
    // Seven standard deviations: what is farther away adds less than 1e-10 of the maximum.
    const double x = grid_point(i);
    const auto first = static_cast<std::size_t>(std::max(0.0, (x - 7 * kKernel) / kBinWidth));
    const auto last =
        std::min(histogram.counts.size(), static_cast<std::size_t>((x + 7 * kKernel) / kBinWidth));
    for (std::size_t bin = first; bin < last; ++bin) {
      if (histogram.counts[bin] == 0) continue;
      const double z = (x - Histogram::centre(bin)) / kKernel;
      density[i] += scale * histogram.counts[bin] * std::exp(-z * z / 2);
    }
  }
  return density;
}

/// A gamma distribution with a location: a chi-squared one of 2 * shape degrees of freedom.
struct Gamma {
  double shape = kNan;
  double location = 0;
  double scale = 1;

  double density(double x) const {
    if (x <= location) return 0;
    const double z = (x - location) / scale;
    return std::exp((shape - 1) * std::log(z) - z - std::lgamma(shape)) / scale;
  }
};

/// Shape of maximum likelihood where `gap` = log(mean) - mean(log) > 0: Newton's method on
/// log(shape) - digamma(shape) = gap, from the approximation of Minka (2002).
double shape_of(double gap) {
  double shape = (3 - gap + std::sqrt((gap - 3) * (gap - 3) + 24 * gap)) / (12 * gap);
  for (int i = 0; i < 20; ++i) {
    const double step = 1e-4 * shape;
    const auto excess = [&](double k) { return std::log(k) - boost::math::digamma(k) - gap; };
    const double slope = (excess(shape + step) - excess(shape - step)) / (2 * step);
    shape = std::max(shape / 2, shape - excess(shape) / slope);
  }
  return shape;
}

/// The gamma distribution of maximum likelihood among those with this location, and its negative
/// mean logarithm of the likelihood.
double fit_with(double location, const Histogram& histogram, Gamma& fit) {
  double mean = 0;
  double mean_log = 0;
  for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
    if (histogram.counts[bin] == 0) continue;
    const double value = Histogram::centre(bin) - location;
    mean += histogram.counts[bin] * value / histogram.n;
    mean_log += histogram.counts[bin] * std::log(value) / histogram.n;
  }
  fit.location = location;
  fit.shape = shape_of(std::max(1e-12, std::log(mean) - mean_log));
  fit.scale = mean / fit.shape;
  return std::lgamma(fit.shape) + fit.shape * std::log(fit.scale) - (fit.shape - 1) * mean_log +
         mean / fit.scale;
}

/// The location is searched below the smallest intensity, as far as 20 standard deviations: there a
/// gamma distribution is all but a Gaussian.
Gamma fit_gamma(const Histogram& histogram, double least, double deviation) {
  Gamma fit;
  const auto cost = [&](double log_distance) {
    return fit_with(least - std::exp(log_distance), histogram, fit);
  };
  constexpr int kBits = 20;
  const auto best = boost::math::tools::brent_find_minima(cost, std::log(0.01 * deviation),
                                                          std::log(20 * deviation), kBits);
  fit_with(least - std::exp(best.first), histogram, fit);
  return fit;
}

}  // namespace

double misfit_of_noise(const std::vector<float>& air) {
  const auto positive = std::count_if(air.begin(), air.end(), [](float v) { return v > 0; });
  if (static_cast<std::size_t>(positive) < kFewestVoxels) return kNan;
  const double top = quantile(air, 0.99);
  const float least = *std::min_element(air.begin(), air.end());
  if (!(top > least)) return kNan;
  const Histogram histogram = histogram_of(air, kScaledPercentile / top);
  const std::vector<double> density = kernel_density(histogram);
  const double half = *std::max_element(density.begin(), density.end()) / 2;
  std::size_t begin = kGridPoints;
  while (begin > 0 && !(density[begin - 1] > half)) --begin;
  double mean = 0;
  double squares = 0;
  for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
    mean += histogram.counts[bin] * Histogram::centre(bin) / histogram.n;
    squares += histogram.counts[bin] * std::pow(Histogram::centre(bin), 2) / histogram.n;
  }
  const double deviation = std::sqrt(std::max(0.0, squares - mean * mean));
  if (!(deviation > 0) || begin == kGridPoints) return kNan;
  const Gamma fit = fit_gamma(histogram, least * kScaledPercentile / top, deviation);
  double sum = 0;
  for (std::size_t i = begin; i < kGridPoints; ++i)
    sum += std::abs(density[i] - fit.density(grid_point(i)));
  return sum / static_cast<double>(kGridPoints - begin);
}

}  // namespace hypersynth
