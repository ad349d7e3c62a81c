#pragma once

#include <string>
#include <vector>

#include "quality/verdict.h"

namespace hypersynth {

/// Thresholds as JSON: an object with an entry for each measure,
///
///     {"cjv": {"warning_above": 0.6, "fail_above": 0.9},
///      "qc_brain_volume": {"warning_below": 791, "warning_above": 1700},
///      "qi_1": null,
///      "T2w": {"snr_wm": {"warning_below": 4}}}
///
/// An entry takes any of the four limits, and "reason", a text. null: the measure has no limits. A
/// suffix holds entries for its images alone, which then go before those for all.
std::string format_thresholds(const std::vector<QualityThreshold>& thresholds);

/// The inverse. `path` is for messages. Throws InputError where the text isn't such an object,
/// names a measure that isn't in the catalogue or has a limit that is no number.
std::vector<QualityThreshold> parse_thresholds(const std::string& text, const std::string& path);

/// What `text` (format_thresholds()) has for images of a suffix, as such a text itself.
std::string thresholds_of_suffix(const std::string& text, const std::string& suffix);

/// `defaults`, but for the measures that `chosen` names: for these, those of `chosen` alone.
std::vector<QualityThreshold> replace_thresholds(std::vector<QualityThreshold> defaults,
                                                 const std::vector<QualityThreshold>& chosen);

}  // namespace hypersynth
