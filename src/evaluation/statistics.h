#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hypersynth {

/// A 95 % confidence interval; both ends are NaN if there are too few values for one.
struct Interval {
  double low;
  double high;
};

/// Mean of a sample. All fields are NaN if it is empty, all but `mean` if it has one value.
struct MeanEstimate {
  std::size_t count = 0;
  double mean;
  double standard_deviation;  ///< of the values, with n - 1
  Interval interval;          ///< of the mean, from Student's t distribution
};

/// Estimates the mean of the finite ones of `values`.
MeanEstimate estimate_mean(const std::vector<double>& values);

/// The same of values that are alike within clusters, as those of one person's scans are:
/// `clusters` has a name for each value, and the interval holds for other people (Liang and Zeger
/// 1986, Biometrika 73:13, with the factor G / (G - 1) and G - 1 degrees of freedom of G clusters).
/// NaN where there is one cluster. Of clusters of one value it is estimate_mean().
MeanEstimate estimate_mean(const std::vector<double>& values,
                           const std::vector<std::string>& clusters);

/// Wilcoxon's signed-rank test of paired differences (Wilcoxon 1945), two-sided.
struct SignedRankTest {
  std::size_t count = 0;  ///< differences that are not 0; those that are, are left out
  double statistic;       ///< sum of the ranks of the positive differences
  double p_value;         ///< 1 if all differences are 0, NaN if there is none
  bool exact = false;     ///< from the exact distribution, not from the normal approximation
};

/// The test for the finite ones of `differences`. Equal magnitudes get the mean of their ranks. The
/// distribution is exact for at most 25 differences that all have different magnitudes; otherwise
/// it is the normal approximation with the variance corrected for ties and a continuity correction
/// of 1/2 (Hollander, Wolfe and Chicken 2014, section 3.1).
SignedRankTest signed_rank_test(const std::vector<double>& differences);

/// The percentile bootstrap interval (95 %) of the mean of the finite ones of `values` (Efron
/// 1979); NaN for less than two values. `seed` decides the resamples, on every machine the same.
Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed,
                                 int resamples = 10000);

/// Agreement of repeated measurements of the same subjects.
struct IntraclassCorrelation {
  std::size_t subjects = 0;
  double value;       ///< at most 1; NaN for less than two subjects or values that are all equal
  Interval interval;  ///< 95 %
};

/// ICC(A,1), absolute agreement of single measurements in the two-way model, which is ICC(2,1) of
/// Shrout and Fleiss 1979, with the interval of McGraw and Wong 1996 (Psychological Methods 1:30,
/// tables 4 and 7). `measurements` has a row for each subject, all with the same number k >= 2 of
/// values; throws std::invalid_argument otherwise.
IntraclassCorrelation intraclass_correlation(const std::vector<std::vector<double>>& measurements);

}  // namespace hypersynth
