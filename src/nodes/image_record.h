#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>
#include <nlohmann/json.hpp>

#include "bids/layout.h"
#include "engine/model/manifest.h"
#include "nodes/published_file.h"
#include "quality/measure.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Tells whether a source image is still the file that was segmented. Its stamp (size, times and
/// inode) is compared first, which takes no reading; only if it differs, the digest of its content
/// decides.
struct SourceIdentity {
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  /// Time of the inode's last change, which reveals an edit after which modified_ns was set back.
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0;
  std::string digest;  ///< XXH3 of the content, 32 hexadecimal digits
  /// The key of a file of git-annex, which tells that it is the same while its content is not here.
  std::string annex_key{};

  bool same_stamp(const SourceIdentity& other) const {
    return size_bytes == other.size_bytes && modified_ns == other.modified_ns &&
           changed_ns == other.changed_ns && inode == other.inode;
  }
};

/// The stamp of a file, with an empty digest. Throws std::system_error if there is no such file,
/// and InputError if it is not a regular file.
SourceIdentity stamp_of(const fs::path& file);

/// Everything that the results of an image depend on besides the image itself. If any of it
/// changes, the image is segmented again.
struct Recipe {
  std::string version;       ///< version of this program
  std::string model;         ///< name of the model: its file name without extension
  std::string model_digest;  ///< XXH3 of the model file
  bool fast = false;         ///< without left-right flip averaging
  /// How the model was trained, without the options of the trainer.
  TrainingFacts training{};
  /// Versions of the steps that made the results, "segment 3, measure 2, ...". With others an image
  /// is done again.
  std::string steps{};
  bool ct = false;  ///< the image is CT: clipped to the window of the brain before it is segmented
  /// The limits of the verdict (format_thresholds()): in a record those for its suffix. With others
  /// an image is judged again, and nothing else is done.
  std::string thresholds{};

  bool operator==(const Recipe&) const = default;
};

/// A text that images share whose volumes can be compared: made by one version with one model and
/// the same options.
std::string made_with(const Recipe& recipe);

/// The grid of an image as reports show it.
struct ImageGeometry {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  std::array<double, 3> spacing_mm{0, 0, 0};
  /// The world directions in which the voxel axes i, j and k run, as in "RAS".
  std::string orientation;
};

/// Everything that is known of one segmented image: the content of `*_desc-hypersynth_iqms.json`.
/// This file is written after all others of the image, and it names them. An image is therefore
/// finished if its record exists and each file that the record names is still the one that was
/// written.
struct ImageRecord {
  std::string path;         ///< path of the source, relative to its dataset
  std::string suffix;       ///< suffix of the source, "T1w"
  nlohmann::json entities;  ///< entities of the source by their long names
  /// Merged sidecars of the source; in a record that was read, with its entities.
  nlohmann::json metadata;
  std::string metadata_digest;  ///< digest of the merged sidecars, see metadata_digest()
  ImageGeometry geometry;
  double intracranial_mm3 = 0;            ///< sum of the soft volumes of all structures
  double brain_parenchymal_fraction = 0;  ///< NaN if the class of a structure is not known
  std::vector<MeasureValue> measures;     ///< with the reasons of missing values
  /// By structure; NaN if no voxel has its label.
  std::vector<std::pair<std::string, double>> mean_posteriors;
  std::string verdict;  ///< "pass", "warning" or "fail"
  std::vector<std::string> verdict_reasons;
  std::vector<std::string> warnings;  ///< contradictions in the header of the source
  std::vector<std::pair<std::string, double>> timings_s;  ///< step -> seconds
  std::string device;     ///< what the network ran on, as in "cpu" or "cuda:0"
  std::string precision;  ///< of its convolutions, as in "float32"; empty in older records
  SourceIdentity source;
  Recipe recipe;
  /// How the model wanted its input. The record's file holds it only where it is not the recipe of
  /// the default model, which every model had before there were others.
  InputRecipe input;
  bool has_posteriors = false;
  bool has_resampled = false;
  bool has_viewer = false;
  /// Derivatives and pictures, in the order in which they were written.
  std::vector<PublishedFile> files;
};

/// Whether the record names this file, relative to the output folder.
bool has_file(const ImageRecord& record, const std::string& path);

/// The digest of the merged sidecars of an image, given as JSON text. If it is not the one in the
/// record, the sidecars have changed since.
std::string metadata_digest(const std::string& metadata);

/// The record as JSON. Measures and timings keep their order.
nlohmann::ordered_json to_json(const ImageRecord& record);

/// The text of the record's file.
std::string to_text(const ImageRecord& record);

/// The inverse of to_json(). Throws nlohmann::json::exception if a key is missing or has another
/// type.
ImageRecord image_record_from_json(const nlohmann::ordered_json& json);

/// The record in the file `path`; nothing if there is no such file. Throws InputError if the file
/// cannot be read or is damaged.
std::optional<ImageRecord> read_image_record(const fs::path& path);

}  // namespace hypersynth
