#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/filesystem/path.hpp>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A file of the output folder as it was when it was written. The record of an image holds one for
/// each file of the image, so that a later change is noticed.
struct PublishedFile {
  std::string path;  ///< relative to the output folder
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< since the epoch
  std::string digest;            ///< XXH3 of the bytes, 32 hexadecimal digits
};

/// Files as JSON: {path: {"size_bytes", "modified_ns", "xxh3"}}, in their order.
nlohmann::ordered_json files_to_json(const std::vector<PublishedFile>& files);

/// The inverse. Throws nlohmann::json::exception if a key is missing or has another type.
std::vector<PublishedFile> files_from_json(const nlohmann::ordered_json& object);

/// Writes files into an output folder and notes size, time and digest of each. These are taken from
/// the temporary file before it gets its final name, so that a file which another run puts there a
/// moment later is never taken for the one written here.
class Publisher {
 public:
  explicit Publisher(fs::path output_dir) : output_dir_(std::move(output_dir)) {}

  /// Writes `content` to `path`, relative to the output folder. Throws Error if that fails.
  void text(const std::string& path, std::string_view content);

  /// Copies the file `from` to `path`. `from` may lie on another file system. Throws Error if that
  /// fails.
  void copy(const std::string& path, const fs::path& from);

  /// The files written so far, in this order.
  const std::vector<PublishedFile>& files() const { return files_; }

 private:
  void publish(const std::string& path, AtomicFile& file);

  fs::path output_dir_;
  std::vector<PublishedFile> files_;
};

/// Why the file in `output_dir` is not the one that was published, as in "is missing"; empty if it
/// is that file. A file of the right size and time is taken for it without reading it, unless
/// `thorough` is true. If only the time differs, as in a copied folder, its digest decides.
std::string damage_of(const fs::path& output_dir, const PublishedFile& file, bool thorough = false);

}  // namespace hypersynth
