#pragma once

#include <string>
#include <vector>

#include "bids/layout.h"
#include "nodes/image_outputs.h"

namespace hypersynth {

/// An image that could not be segmented, as kept in `logs/failures/` until it can.
struct Failure {
  std::string path;     ///< of the source, relative to its dataset
  std::string subject;  ///< label
  std::string suffix;
  std::string expected;  ///< empty where the message says it all
  std::string found;     ///< or the whole message
};

/// What the message of an error says about `source`: that of an InputError is taken apart.
Failure failure_of(const bids::DataFile& source, const std::string& message);

/// Writes logs/failures/<stem>.json.
void write_failure(const fs::path& output_dir, const ImageOutputs& outputs, const Failure& failure);

/// All of them, sorted by path.
std::vector<Failure> read_failures(const fs::path& output_dir);

/// Writes group_failures.tsv (path, participant_id, suffix, expected, found) from all of them;
/// returns its path.
fs::path write_failure_table(const fs::path& output_dir);

}  // namespace hypersynth
