#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/measure.h"

namespace hypersynth {

enum class QualityRating { kPass, kWarning, kFail };

/// Where a measure becomes worth a look, and where the result shouldn't be used.
struct QualityThreshold {
  std::string measure;
  double warning = 0;  ///< the last value that passes
  double fail = 0;     ///< the last value that's only a warning
  bool upper = true;   ///< too large is bad; else too small is
  std::string reason;  ///< where the numbers come from
  /// Suffix of the images that it is for, "T1w"; empty: all.
  std::string suffix{};
};

/// The thresholds that the program uses unless told otherwise.
const std::vector<QualityThreshold>& default_quality_thresholds();

/// Those that images of a suffix are judged by: for each measure the ones for that suffix or, where
/// there are none, the ones for all.
std::vector<QualityThreshold> thresholds_for(
    const std::string& suffix,
    const std::vector<QualityThreshold>& all = default_quality_thresholds());

struct QualityVerdict {
  QualityRating rating = QualityRating::kPass;
  /// One sentence for each threshold that was passed, worst first.
  std::vector<std::string> reasons;
};

/// Compares measures with thresholds (of one suffix); what couldn't be measured isn't held against
/// the image.
QualityVerdict judge_quality(const std::vector<MeasureValue>& measures,
                             const std::vector<QualityThreshold>& thresholds);

/// The rating of one measure, the worst of its thresholds; nothing where it has none or couldn't be
/// measured. The rating of an image is the worst of its measures'.
std::optional<QualityRating> rate_measure(const MeasureValue& measure,
                                          const std::vector<QualityThreshold>& thresholds);

/// "pass", "warning" or "fail".
std::string_view to_string(QualityRating rating);

}  // namespace hypersynth
