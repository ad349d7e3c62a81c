#pragma once

#include <string>
#include <vector>

#include "engine/segmenter.h"
#include "nodes/image_record.h"

namespace hypersynth {

/// One finished image of an output dataset, read back from its files.
struct ImageResult {
  ImageRecord record;
  std::vector<LabelVolume> volumes;
  std::string folder;   ///< of its files, relative to the output dataset: "sub-01/anat"
  std::string stem;     ///< the source's entities, "sub-01_run-1"
  std::string subject;  ///< label
};

/// The finished images of one subject, sorted by path; damaged records are left out.
std::vector<ImageResult> read_results(const fs::path& output_dir, const std::string& subject);

/// Labels of the subjects that have a folder in an output dataset, sorted.
std::vector<std::string> subjects_with_results(const fs::path& output_dir);

}  // namespace hypersynth
