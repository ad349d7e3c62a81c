#pragma once

#include <vector>

#include "core/log.h"
#include "engine/segmenter.h"
#include "nodes/image_outputs.h"
#include "nodes/image_record.h"

namespace hypersynth {

/// What every image of a run shares.
struct SegmentationRun {
  fs::path dataset_root;
  fs::path output_dir;
  Recipe recipe;
  bool save_posteriors = false;
  bool save_resampled = false;
  int threads = 1;
  const Model* model = nullptr;
  InferenceNetwork* network = nullptr;  ///< safe to use from several threads
};

/// Reads one image, segments it and writes its derivatives, pictures and record; throws InputError
/// where the image is unusable and Error where writing fails. Nothing appears half-written; the
/// record comes last.
ImageRecord segment_image(const bids::DataFile& source, const nlohmann::json& metadata,
                          const SegmentationRun& run);

}  // namespace hypersynth
