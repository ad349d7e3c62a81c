#pragma once

#include <string>
#include <vector>

#include "app/common_options.h"

namespace hypersynth {

/// What the group level is told.
struct GroupOptions : CommonOptions {
  bool prune = false;  ///< off: no file of a user is removed unasked

  /// Describes what this level has besides the common options.
  void describe_own(OptionList& list) {
    list.heading("What to do");
    list.add("--prune", prune,
             "remove the files of images that are no longer in the dataset; with --dry-run only "
             "say which")
        .refused_elsewhere();
  }
  /// Options that contradict each other, a sentence each.
  std::vector<std::string> contradictions() const { return CommonOptions::contradictions(dry_run); }
};

}  // namespace hypersynth
