#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "pipeline/files/file_system.h"

namespace hypersynth::pipeline {

/// A version of a file and the digest of its bytes.
struct FileVersion {
  FileIdentity identity;
  Digest digest;

  bool operator==(const FileVersion&) const = default;
};

/// Remembers the digest of every file version, so that each is read once. A folder's digest is that
/// of the names and digests of all files below it. Safe to share between threads.
class DigestMemo {
 public:
  explicit DigestMemo(const FileSystem& file_system) : file_system_(file_system) {}

  /// Takes over what an earlier run learned.
  void remember(const FileVersion& version);

  /// The version of `path` when that needs no reading; nothing when it must be read or is absent.
  std::optional<FileVersion> known(const fs::path& path) const;

  /// The version of `path`, reading what is not known; throws std::system_error when it is absent.
  FileVersion find(const fs::path& path);

  /// The same for a file just written by a node of ours, which no one has changed since.
  FileVersion find_new(const fs::path& path);

  /// Reads `path` whatever is known.
  FileVersion reread(const fs::path& path);

  /// What was learned since the last call.
  std::vector<FileVersion> take_learned();

  /// Bytes read so far.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Where {
    std::uint64_t device;
    std::uint64_t inode;
    bool operator==(const Where&) const = default;
  };
  struct WhereHash {
    std::size_t operator()(const Where& where) const noexcept {
      return static_cast<std::size_t>(where.inode * 0x9e3779b97f4a7c15ULL ^ where.device);
    }
  };

  std::optional<FileVersion> known(const FileIdentity& identity) const;
  std::optional<FileVersion> known_folder(const fs::path& folder,
                                          const FileIdentity& identity) const;
  FileVersion read(const fs::path& path, bool just_written);
  FileVersion read_folder(const fs::path& folder, const FileIdentity& identity, bool just_written,
                          bool always);
  void learn(const FileVersion& version);

  const FileSystem& file_system_;
  mutable std::mutex mutex_;
  std::unordered_map<Where, FileVersion, WhereHash> versions_;
  std::vector<FileVersion> learned_;
  std::atomic<std::uint64_t> bytes_read_{0};
};

}  // namespace hypersynth::pipeline
