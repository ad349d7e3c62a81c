#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/evaluate_options.h"
#include "app/label_dataset.h"
#include "bids/pairing.h"
#include "evaluation/label_mapping.h"
#include "nodes/evaluation.h"

namespace hypersynth {

/// How label maps are made comparable.
struct LabelRules {
  LabelMapping mapping;            ///< labels of the reference -> labels of the segmentation
  std::set<std::int32_t> ignored;  ///< labels of the segmentation
};

/// Called for every image that is done, in any order, by several threads.
using ImageDone = std::function<void(const EvaluatedImage&)>;

/// What the tables call a label map: "sub-01_ses-2_T1w", see EvaluatedImage.
std::string image_name(const bids::DataFile& file);

/// Who is scored: name, subject, session and paths, without scores.
EvaluatedImage describe_image(const bids::DataFile& file, const LabelDataset& dataset);

/// Scores each pair of a segmentation (first) and a reference (second), `threads` at a time. The
/// segmentation is resampled by nearest neighbours where the grids differ. Labels that the lookup
/// table of a label map does not name, and labels of the reference that the mapping does not have,
/// are left out with a warning. A file that cannot be used fails its image alone.
std::vector<EvaluatedImage> score_pairs(const std::vector<bids::FilePair>& pairs,
                                        const LabelDataset& segmentations,
                                        const LabelDataset& references, const LabelRules& rules,
                                        int threads, const ImageDone& done);

/// The volumes of each pair of sessions, and the pairs that could not be read.
struct RetestResult {
  std::vector<RepeatedVolume> volumes;
  std::vector<UnscoredImage> failures;
  std::vector<std::string> warnings;  ///< in sentences that begin with a path
};

/// Measures the volumes of label maps of two sessions, `threads` pairs at a time.
RetestResult measure_sessions(const std::vector<bids::FilePair>& pairs,
                              const LabelDataset& segmentations, const LabelRules& rules,
                              int threads);

}  // namespace hypersynth
