#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "pipeline/cache/result.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {

/// A folder that cannot be a work folder, since it holds what no driver put there.
class ForeignFolder : public InputError {
 public:
  using InputError::InputError;
};

/// The folder where results live between runs:
///
///     nodes/<node>-<key>/   one committed result: its files and result.json
///     nodes/<node>-<key>.json   a result without files
///     attempts/             what is being made, or thrown away: <run>.<number>.<node>-<key>
///     slurm/, pbs/, sge/    cluster jobs: what they are to do, their output
///     log/                  one run log per run
///     crashes/              what failed, and why
///     lock                  its locked byte ranges say which cache keys living drivers are at
///     hypersynth-work.json  the marker that this is a work folder; its locked byte ranges say
///                           which drivers are alive
///
/// Several drivers, also on several hosts, may share it. A folder without the marker belongs to
/// someone else: it is taken where it is empty, and neither written to nor cleared where it is not.
class WorkFolder {
 public:
  /// Who uses the folder: a driver, or the process of one step, whose driver is another process.
  enum class Role : std::uint8_t { kDriver, kStep };

  /// Makes the folder, which is not removed while this object lives; throws ForeignFolder, and
  /// std::system_error where it cannot be made.
  WorkFolder(const fs::path& root, const FileSystem& file_system, Role role = Role::kDriver);

  /// Makes the folder and its marker and nothing else; throws like the constructor.
  static void claim(const fs::path& root, const FileSystem& file_system);

  /// Removes the folder at `root` unless it has no marker or a driver is at work in it; whether it
  /// did. What else lies in it stays, and the marker with it. Throws std::system_error.
  static bool remove_unused(const fs::path& root, const FileSystem& file_system);

  const fs::path& root() const { return root_; }
  const fs::path& nodes() const { return nodes_; }
  fs::path attempts() const { return root_ / "attempts"; }
  fs::path logs() const { return root_ / "log"; }
  fs::path crashes() const { return root_ / "crashes"; }
  const FileSystem& file_system() const { return file_system_; }

  /// "n4-0123456789abcdef".
  static std::string folder_name(const std::string& node, const Digest& key);

  /// Distinguishes this run from every other, "<time>-<unique id>-<host>": they sort by time, and
  /// the host is for people.
  const std::string& run_id() const { return run_id_; }

  /// A new path for one attempt (not created).
  fs::path new_attempt(const std::string& folder) const;

  /// The committed result of that folder name, if it is there and intact.
  std::optional<Result> stored(const std::string& folder, const Digest& key) const;

  /// Takes a damaged or superseded result out of the way; whether there was anything.
  bool discard(const std::string& folder) const;

  /// Removes what dead drivers left in `attempts`.
  void clear_attempts() const;

  /// Those of `names` that begin with the id of a run whose driver is gone.
  std::vector<std::string> dead_runs(const std::vector<std::string>& names) const;

  /// Whether another living driver uses this folder.
  bool is_shared() const;

  /// Whether this driver may work on `key` now; a lock dies with the process that holds it.
  bool try_lock(const Digest& key) const;
  void unlock(const Digest& key) const;

 private:
  bool join(Role role);

  fs::path root_;
  fs::path nodes_;
  const FileSystem& file_system_;
  std::string run_id_;
  FileDescriptor lock_;
  FileDescriptor drivers_;
  mutable std::atomic<std::uint64_t> attempts_{0};
};

}  // namespace hypersynth::pipeline
