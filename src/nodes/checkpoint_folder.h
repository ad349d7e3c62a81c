#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>
#include <boost/interprocess/sync/file_lock.hpp>

namespace hypersynth {

namespace fs = boost::filesystem;

/// The folder in which one training keeps its checkpoint, model and log while it runs. What it was
/// begun with stands in a file beside them: the key of all inputs, and the patch, which is smaller
/// than that of the inputs where memory was short.
class CheckpointFolder {
 public:
  /// Makes the folder where it is missing and locks it as long as this lives. Throws Error
  /// kCannotCreateOutput where it cannot be made, and where another process holds it.
  explicit CheckpointFolder(fs::path folder);

  /// The patch of the run with `key` that was not finished; nothing where there is none.
  std::optional<std::vector<std::int64_t>> patch_of(const std::string& key) const;

  /// Begins a run: what others have left is gone before the key says that it is this one's.
  void begin(const std::string& key, const std::vector<std::int64_t>& patch) const;

  /// Removes the folder where there is one that nobody works in.
  static void remove_unused(const fs::path& folder);

 private:
  fs::path folder_;
  boost::interprocess::file_lock lock_;
};

}  // namespace hypersynth
