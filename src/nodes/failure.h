#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bids/layout.h"
#include "core/error.h"
#include "nodes/image_outputs.h"

namespace hypersynth {

/// An image that could not be segmented, as kept in `logs/failures/sub-<label>/` until it can: a
/// folder for each subject, so that the page of one does not have to look at the failures of all.
struct Failure {
  std::string path;     ///< of the source, relative to its dataset
  std::string subject;  ///< label
  std::string suffix;
  std::string expected;  ///< empty where the message says it all
  std::string found;     ///< or the whole message
  /// What is known of the image cannot be read: `path` is that of the file in the output folder.
  bool damaged = false;
};

/// The failure of `source`: what an InputError says of its file where there was one (`input`), else
/// the whole message.
Failure failure_of(const bids::DataFile& source, const std::string& message,
                   const std::optional<InputFindings>& input);

/// Writes the file that ImageOutputs::failure names.
void write_failure(const fs::path& output_dir, const ImageOutputs& outputs, const Failure& failure);

/// Forgets the failure of an image, and the subject's folder of failures where it was the last.
void remove_failure(const fs::path& output_dir, const ImageOutputs& outputs);

/// The names in a folder, sorted; none where there is no such folder. `problem` says why it cannot
/// be listed.
std::vector<std::string> names_in(const fs::path& folder, std::string& problem);

/// Those of one subject, sorted by path. A failure that cannot be read is told as one.
std::vector<Failure> read_failures(const fs::path& output_dir, const std::string& subject);

/// Those of all subjects.
std::vector<Failure> read_failures(const fs::path& output_dir);

/// Writes group_failures.tsv: path, participant_id, suffix, expected, found; returns its path.
fs::path write_failure_table(const fs::path& output_dir, std::vector<Failure> failures);

}  // namespace hypersynth
