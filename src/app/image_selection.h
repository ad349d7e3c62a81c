#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/participant_options.h"
#include "bids/layout.h"
#include "core/error.h"
#include "image/volume.h"
#include "nodes/image_record.h"

namespace hypersynth {

enum class ImageStatus { kRun, kCached, kUnusable };

/// "run", "cached", "unusable".
std::string to_string(ImageStatus status);

/// One selected image, and what is to be done with it.
struct PlannedImage {
  bids::DataFile source;
  ImageStatus status = ImageStatus::kRun;
  std::string reason;        ///< why it is run, not run or cannot be used
  std::optional<Grid> grid;  ///< from the header, where the image is to be run
  /// Nothing is segmented: sidecars and record are written again because the metadata or
  /// the thresholds of the verdict changed, or because `missing_extras` are to be made.
  bool only_refresh = false;
  std::vector<std::string> missing_extras{};  ///< see nodes/extra_outputs.h
  /// A file of git-annex whose content has to be fetched before it is run (--datalad-get).
  bool to_fetch = false;
  std::string metadata{};                ///< its merged sidecars as JSON text
  std::optional<InputFindings> input{};  ///< what is wrong with an image that was refused

  /// The subject's label.
  std::string subject() const;
  /// `grid`, or a large one of an image whose header is not read: what its steps may need.
  Grid assumed_grid() const;
};

/// The selected images of a dataset in the order of their names, this batch's share; throws
/// DatasetError for a label the dataset does not have, and Error kNothingSelected.
std::vector<PlannedImage> select(const bids::Layout& layout, const CommonOptions& options);

/// The files that say something of an image, relative to the dataset, whether or not they exist:
/// its sidecars and the tables of its scans and sessions.
std::vector<std::string> described_by(const bids::Layout& layout, const bids::DataFile& image);

/// The image is not run: something else was `expected` than was `found`.
void refuse(PlannedImage& image, const std::string& expected, const std::string& found);

/// Whether a folder of the participants asked for could not be read, so that images may be missing.
bool has_unread_folder(const bids::Layout& layout, const CommonOptions& options);

/// Compares each image with the results in the output folder and says what is stale, and why.
void plan(std::vector<PlannedImage>& images, const bids::Layout& layout,
          const ParticipantOptions& options, const Recipe& recipe);

/// The object that `--dry-run --json` prints.
nlohmann::json describe_plan(const std::vector<PlannedImage>& images, const bids::Layout& layout);

}  // namespace hypersynth
