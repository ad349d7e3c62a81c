#pragma once

#include <vector>

namespace hypersynth {

/// A straight-line model y = coefficients[0] + sum over j of coefficients[j + 1] * x[j].
struct LinearModel {
  std::vector<double> coefficients;

  /// The value of the model for one row of predictors.
  double at(const std::vector<double>& x) const;
};

/// Fits a linear model that outliers hardly move: an M-estimate with Tukey's biweight (c = 4.685,
/// which is 95 % efficient for normal errors), by iteratively reweighted least squares that begin
/// at the fit of least absolute deviations, with the normalised median absolute deviation of that
/// fit as scale (Maronna, Martin and Yohai 2006, Robust Statistics, 4.4). Where the model fits more
/// than half of the points exactly, that fit is the result. Outliers among the predictors
/// (leverage) are not guarded against.
///
/// `x` has one row of predictors for each value of `y`; predictors that do not vary, or that follow
/// from others, get the coefficient 0. All values are finite. Throws std::invalid_argument where
/// there are fewer rows than coefficients, or rows of different lengths.
LinearModel fit_robustly(const std::vector<std::vector<double>>& x, const std::vector<double>& y);

}  // namespace hypersynth
