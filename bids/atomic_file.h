#pragma once

#include <string>
#include <string_view>

#include "bids/file_source.h"

namespace hypersynth::bids {

/// An output file under a temporary name in the folder of the final one, so that other processes
/// see it whole or not at all. The temporary name is hidden and keeps the extensions, by which some
/// writers choose a format; it is removed again unless commit() is called.
class AtomicFile {
 public:
  /// Makes the folders above `target`; throws DatasetError where that fails.
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where to write.
  const fs::path& temporary() const { return temporary_; }

  /// Gives the file its name, replacing what is there; throws DatasetError where that fails.
  void commit();

  /// Gives the file its name unless one is there already, which is then left as it is; false in
  /// that case. Of several processes that do so at once, one wins.
  bool commit_once();

 private:
  fs::path target_;
  fs::path temporary_;
  bool done_ = false;
};

/// Writes `content` to `target`, replacing what is there; throws DatasetError where that fails.
void write_atomically(const fs::path& target, std::string_view content);

/// Writes `content` to `target` unless it exists; true where it was written.
bool write_once(const fs::path& target, std::string_view content);

/// Removes temporary files that processes of this machine left in `folder` when they were killed.
/// Files of other machines and of running processes stay.
void remove_abandoned(const fs::path& folder);

}  // namespace hypersynth::bids
