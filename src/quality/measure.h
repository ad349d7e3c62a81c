#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

/// One measured number.
struct MeasureValue {
  std::string name;  ///< as in measure_catalogue()
  double value = 0;  ///< in the catalogue's unit; NaN where it can't be measured
  /// Why there is no number, or what the number belongs to ("left hippocampus"); may be empty.
  std::string note;
};

/// Which way a measure gets better; kNeither where it should lie within a range or describes.
enum class Better { kHigher, kLower, kNeither };

/// What a measure tells about.
enum class MeasureFamily {
  kNoise,
  kContrast,
  kBias,
  kArtefacts,  ///< motion, ghosts, wrap-around
  kSharpness,
  kSegmentation,
  kGeometry,
};

/// What a measure is, for tables, sidecars and reports.
struct MeasureInfo {
  std::string name;     ///< "snr_wm": the name MRIQC gives it, or "qc_..." for the segmentation's
  std::string title;    ///< "Signal-to-noise ratio, white matter"
  std::string unit;     ///< empty for a plain number
  std::string meaning;  ///< one sentence
  Better better = Better::kNeither;
  std::string source;  ///< the paper that defines it
  MeasureFamily family = MeasureFamily::kNoise;
  bool count = false;  ///< a whole number: voxels, structures
  /// One of the few that tell most, for an overview; the others repeat these or describe the image.
  bool main = false;
};

/// Every measure, in the order in which they are measured and reported.
const std::vector<MeasureInfo>& measure_catalogue();

/// nullptr where no measure has that name.
const MeasureInfo* find_measure(std::string_view name);

/// "higher", "lower" or "neither".
std::string_view to_string(Better better);

/// "motion and ghosts", in plain words and lower case.
std::string_view to_string(MeasureFamily family);

}  // namespace hypersynth
