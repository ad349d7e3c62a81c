#pragma once

#include <vector>

namespace hypersynth {

/// How badly a chi-squared distribution (with location and scale, as coils combined by the sum of
/// squares would give without artefacts) fits the intensities of air: the mean absolute difference
/// between it and a Gaussian kernel density estimate, beyond half of the estimate's maximum, with
/// intensities scaled so that their 99th percentile is 100 (Mortamet et al. 2009; kernel of 4, grid
/// of 1000 points from 0 to 110, as MRIQC has it). Degrees of freedom, location and scale are those
/// of maximum likelihood. NaN with fewer than 1000 intensities above 0, or where all are alike.
/// Intensities are finite and not negative.
double misfit_of_noise(const std::vector<float>& air);

}  // namespace hypersynth
