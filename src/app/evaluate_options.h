#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/common_options.h"

namespace hypersynth {

/// What the evaluate level is told.
struct EvaluateOptions : CommonOptions {
  NamedDataset reference;      ///< label maps to score against
  NamedDataset segmentations;  ///< empty = those of the output folder
  NamedDataset compare;        ///< other segmentations of the same images; empty = none
  bool test_retest = false;
  std::set<std::int32_t> ignore_labels;     ///< labels of the segmentation
  std::string segmentation_desc;            ///< only label maps with this desc; empty = any
  std::string reference_desc;               ///< the same of the reference
  std::optional<std::string> compare_desc;  ///< the same of `compare`; as segmentation_desc

  /// Describes what this level has besides the common options.
  void describe_own(OptionList& list);
  /// Options that contradict each other, a sentence each.
  std::vector<std::string> contradictions() const;

  /// The segmentations that are evaluated: those given, or those of the output folder.
  NamedDataset evaluated() const;
};

}  // namespace hypersynth
