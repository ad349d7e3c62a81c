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
#include "engine/model/input_recipe.h"
#include "nodes/published_file.h"
#include "quality/measure.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// What tells whether a source image is still the one that was segmented. The stamp is looked at
/// first; the content's digest decides where it differs.
struct SourceIdentity {
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< of the inode: catches an edit with its time set back
  std::uint64_t inode = 0;
  std::string digest;  ///< XXH3, 32 hexadecimal digits

  bool same_stamp(const SourceIdentity& other) const {
    return size_bytes == other.size_bytes && modified_ns == other.modified_ns &&
           changed_ns == other.changed_ns && inode == other.inode;
  }
};

/// The stamp of a file, without its digest; throws std::system_error, and InputError where it is no
/// regular file.
SourceIdentity stamp_of(const fs::path& file);

/// What the result depends on besides the source: another value means other results.
struct Recipe {
  std::string version;  ///< of the program
  std::string model;    ///< name
  std::string model_digest;
  bool fast = false;
  bool learned_synthesis = false;  ///< the model's synthesis was tuned by hypergradients

  bool operator==(const Recipe&) const = default;
};

/// The grid of an image, as people read it.
struct ImageGeometry {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  std::array<double, 3> spacing_mm{0, 0, 0};
  std::string orientation;  ///< "RAS": world directions that the voxel axes run to
};

/// What is known of one segmented image: the content of `*_iqms.json`. It is written last and names
/// the other files of the image, so an image is finished where its record is there and each of
/// these files is the one that the record names.
struct ImageRecord {
  std::string path;  ///< of the source, relative to its dataset
  std::string suffix;
  nlohmann::json entities;      ///< long names
  nlohmann::json metadata;      ///< merged sidecars of the source, and its entities
  std::string metadata_digest;  ///< of the merged sidecars, see metadata_digest()
  ImageGeometry geometry;
  double intracranial_mm3 = 0;
  std::vector<MeasureValue> measures;  ///< with why a value is missing, or what it belongs to
  std::vector<std::pair<std::string, double>> mean_posteriors;  ///< by structure; NaN: no voxel
  std::string verdict;                                          ///< "pass", "warning", "fail"
  std::vector<std::string> verdict_reasons;
  std::vector<std::string> warnings;  ///< of the source: contradictions in its header
  std::vector<std::pair<std::string, double>> timings_s;
  std::string device;
  SourceIdentity source;
  Recipe recipe;
  /// How the model wanted its input. The record's file holds it only where it is not the recipe of
  /// the default model, which every model had before there were others.
  InputRecipe input;
  bool has_posteriors = false;
  bool has_resampled = false;
  std::vector<PublishedFile> files;  ///< derivatives and pictures, in the order of writing
};

/// The digest that tells whether the merged sidecars of an image are those of its record;
/// `metadata` is their JSON text.
std::string metadata_digest(const std::string& metadata);

/// Measures and timings stay in their order.
nlohmann::ordered_json to_json(const ImageRecord& record);

/// The content of the record's file.
std::string to_text(const ImageRecord& record);

/// The inverse; throws nlohmann::json::exception where a key is missing or of another type.
ImageRecord image_record_from_json(const nlohmann::ordered_json& json);

/// The record at `path`; nothing where there is none. Throws InputError where it cannot be read or
/// is no whole record.
std::optional<ImageRecord> read_image_record(const fs::path& path);

}  // namespace hypersynth
