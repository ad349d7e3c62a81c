#include "image/otsu_itk.h"

#include <algorithm>
#include <itkHistogram.h>
#include <itkOtsuThresholdCalculator.h>

#include "image/itk_call.h"

namespace hypersynth {

namespace {

using Histogram = itk::Statistics::Histogram<double>;

constexpr unsigned kBins = 256;

}  // namespace

double otsu_threshold(std::span<const float> values, double top) {
  return call_itk("Otsu's threshold", [&] {
    auto histogram = Histogram::New();
    histogram->SetMeasurementVectorSize(1);
    Histogram::SizeType size(1);
    size.Fill(kBins);
    Histogram::MeasurementVectorType lower(1);
    Histogram::MeasurementVectorType upper(1);
    lower.Fill(0);
    upper.Fill(kBins);
    histogram->Initialize(size, lower, upper);
    for (const float value : values) {
      const double bin = std::min(static_cast<double>(value) / top * kBins, kBins - 1.0);
      histogram->IncreaseFrequency(static_cast<Histogram::InstanceIdentifier>(bin), 1);
    }
    auto otsu = itk::OtsuThresholdCalculator<Histogram, double>::New();
    otsu->SetInput(histogram);
    otsu->Compute();
    return top * otsu->GetThreshold() / kBins;
  });
}

}  // namespace hypersynth
