#pragma once

#include <string>
#include <vector>

#include "app/common_options.h"
#include "engine/inference/inference_precision.h"

namespace hypersynth {

/// Where the pictures of a subject's page are.
enum class ReportFiles {
  kLinked,  ///< beside the page, in the subject's folder of figures
  kSingle,  ///< in the page
};

template <>
struct Choices<ReportFiles> {
  static constexpr Choice<ReportFiles> kAll[] = {{ReportFiles::kLinked, "linked"},
                                                 {ReportFiles::kSingle, "single"}};
};

/// What the participant level is told. The initialisers are the only defaults.
struct ParticipantOptions : CommonOptions {
  // What to do.
  fs::path model;     ///< empty = the default model that comes with the program
  bool fast = false;  ///< half the time, a little less accurate
  bool ct = false;    ///< Hounsfield units
  bool save_posteriors = false;
  bool save_resampled = false;
  bool save_qc_masks = false;
  bool mriqc_json = false;
  bool save_brain = false;
  bool save_aseg_stats = false;
  bool save_standard_dseg = false;
  bool no_viewer = false;  ///< pages without the three-plane viewer, whose voxels take megabytes
  ReportFiles report = ReportFiles::kLinked;
  bool explain = false;    ///< every step, and which of its inputs changed; a dry run
  fs::path graph;          ///< .dot or .svg; empty = none
  fs::path qc_thresholds;  ///< limits of the verdict (quality/threshold_file.h); empty = defaults
  bool reports_only = false;
  bool datalad_get = false;   ///< fetches the content of images whose files git-annex has elsewhere
  bool datalad_drop = false;  ///< and removes it again once an image is finished
  bool stop_on_first_crash = false;  ///< off: one broken image costs no other its result

  // With what.
  InferencePrecision precision = InferencePrecision::kAuto;
  bool low_mem = false;
  bool resource_monitor = false;

  /// Nothing is segmented, only said.
  bool only_plans() const { return dry_run || explain; }

  /// The extra outputs that are asked for (see nodes/extra_outputs.h).
  std::vector<std::string> extras() const;

  /// Describes what this level has besides the common options.
  void describe_own(OptionList& list);
  /// Options that contradict each other, a sentence each.
  std::vector<std::string> contradictions() const;
};

}  // namespace hypersynth
