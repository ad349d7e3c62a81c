#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "core/atomic_file.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A file of the output folder as it was when it was written: what the record of an image vouches
/// for.
struct PublishedFile {
  std::string path;  ///< relative to the output folder
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< since the epoch
  std::string digest;            ///< XXH3 of the bytes, 32 hexadecimal digits
};

/// Writes files into an output folder and notes what they are. Size, time and digest are taken from
/// the temporary file before it gets its name: what another run puts there a moment later is not
/// taken for this one's.
class Publisher {
 public:
  explicit Publisher(fs::path output_dir) : output_dir_(std::move(output_dir)) {}

  /// Writes `content` at `path`, relative to the output folder; throws Error where that fails.
  void text(const std::string& path, std::string_view content);

  /// Copies the file `from`, which may lie on another file system.
  void copy(const std::string& path, const fs::path& from);

  const std::vector<PublishedFile>& files() const { return files_; }

 private:
  void publish(const std::string& path, AtomicFile& file);

  fs::path output_dir_;
  std::vector<PublishedFile> files_;
};

/// Why the file in `output_dir` is not the one that was published, as "is missing"; empty where it
/// is. Its bytes are read only where its time is another (a copied folder) or `thorough`.
std::string damage_of(const fs::path& output_dir, const PublishedFile& file, bool thorough = false);

}  // namespace hypersynth
