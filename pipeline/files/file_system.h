#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "pipeline/files/digest.h"

namespace hypersynth::pipeline {

/// What tells one version of a file from the next without reading it.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< mtime, ns since the epoch
  std::int64_t changed_ns = 0;   ///< ctime: set by the kernel on every change, cannot be set back
  bool folder = false;

  bool operator==(const FileIdentity&) const = default;
};

/// The disk as the engine sees it; tests put a failing one in its place.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Nothing when there is no such file; links are followed.
  virtual std::optional<FileIdentity> identify(const fs::path& path) const;

  /// The digest of the bytes; throws std::system_error when they cannot be read.
  virtual Digest digest(const fs::path& file) const;

  /// The bytes, or nothing when there is no such file.
  virtual std::optional<std::string> read(const fs::path& file) const;

  /// The names in a folder, sorted; none when there is no such folder.
  virtual std::vector<std::string> list(const fs::path& folder) const;

  /// The writing operations throw std::system_error that names the path.
  virtual void create_folder(const fs::path& folder) const;
  virtual void write(const fs::path& file, std::string_view bytes) const;
  virtual void append(int descriptor, std::string_view bytes, const fs::path& file) const;

  /// Moves a file or folder; false when the target folder exists and is not empty.
  virtual bool rename(const fs::path& from, const fs::path& to) const;

  /// Moves a file; false, in one step, when the target exists. Where the disk has no hard links,
  /// the target is replaced.
  virtual bool rename_new(const fs::path& from, const fs::path& to) const;

  virtual void remove(const fs::path& path) const;

  /// Bytes an ordinary user may still write below `folder`.
  virtual std::uint64_t free_bytes(const fs::path& folder) const;

  /// Returns when all that was written to the file system of `folder` is on the disk.
  virtual void sync(const fs::path& folder) const;
};

/// Whether a write that failed with `code` would fail for any content: the disk is full, over its
/// quota, read-only or broken, or the file is larger than this process may write.
bool is_disk_error(const std::error_code& code);

/// The real disk.
const FileSystem& real_file_system();

}  // namespace hypersynth::pipeline
