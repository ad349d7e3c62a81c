#include "quality/quality.h"

#include "core/own_library.h"

namespace hypersynth {
namespace {

using MeasureAll = void (*)(const QualityInput*, const QualityOptions*, std::vector<MeasureValue>*,
                            std::vector<std::uint8_t>*, std::vector<float>*);

}  // namespace

std::vector<MeasureValue> measure_quality(const QualityInput& input, const QualityOptions& options,
                                          std::vector<std::uint8_t>* air,
                                          std::vector<float>* bias) {
  static const auto kMeasureAll = reinterpret_cast<MeasureAll>(
      symbol_of({"libhypersynth_measures.so", "the image measures"}, "hypersynth_measure_all"));
  std::vector<MeasureValue> measures;
  kMeasureAll(&input, &options, &measures, air, bias);
  return measures;
}

}  // namespace hypersynth
