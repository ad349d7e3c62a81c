#pragma once

#include <string>
#include <vector>

#include "engine/inference/segmenter.h"
#include "nodes/failure.h"
#include "nodes/image_outputs.h"
#include "nodes/image_record.h"

namespace hypersynth {

/// One finished image of an output dataset, read back from its files.
struct ImageResult {
  ImageRecord record;
  std::vector<LabelVolume> volumes;
  ImageOutputs outputs;  ///< where its files are
  std::string subject;   ///< label
  /// What is wrong with files that the record names, as "<path> is missing"; empty: nothing.
  std::vector<std::string> damage;
};

/// Whether an image is still in its dataset: `path` is relative to it. True where the dataset is
/// empty (not known), and below a link to a disk that is not mounted.
bool source_exists(const fs::path& dataset, const std::string& path);

/// Those of `results` whose images are still in the dataset.
std::vector<ImageResult> of_existing_images(const std::vector<ImageResult>& results,
                                            const fs::path& dataset);

/// The digest of the label map, to which a reader's rating of the image belongs; empty where the
/// record does not name the file.
std::string labels_digest(const ImageResult& result);

/// What an output dataset holds of one subject.
struct SubjectResults {
  std::vector<ImageResult> finished;  ///< sorted by path
  /// Images whose record or table of volumes cannot be read; `path` is that of the file.
  std::vector<Failure> unreadable;
  /// Images that failed the last time; files that an earlier version of them left are no results.
  std::vector<Failure> failed;
};

/// Whether images whose last run failed are among the finished ones, with the files of an earlier
/// version of them.
enum class FailedImages { kNot, kToo };

/// Reads what the output folder holds of a subject. Files that the record of an image names are
/// looked at, and read where their times are others than recorded.
SubjectResults read_results(const fs::path& output_dir, const std::string& subject,
                            FailedImages failed_images = FailedImages::kNot);

/// The records of a subject alone, without a look at the files that they name; those that cannot be
/// read are left out.
std::vector<ImageRecord> read_records(const fs::path& output_dir, const std::string& subject);

/// The paths that the image of an unreadable record may have in its dataset; none where that is not
/// known.
std::vector<std::string> possible_sources(const Failure& unreadable);

/// Labels of the subjects that an output dataset has results or failures of, sorted.
std::vector<std::string> subjects_with_results(const fs::path& output_dir);

}  // namespace hypersynth
