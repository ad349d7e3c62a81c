#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/task.h"
#include "pipeline/execution/thread_pool.h"

namespace hypersynth::pipeline {

/// Finds the cache keys of tasks. A key needs the digest of every input file; small files are read
/// at once, large ones in threads of their own, so that the driver goes on meanwhile.
class KeyFinder {
 public:
  KeyFinder(DigestMemo& memo, const FileSystem& file_system, EventLoop& loop);

  /// The key of a task of the node called `node`, or nothing where large files have to be read
  /// first. Throws std::system_error or InputError where an input cannot be read.
  std::optional<CacheKey> find(const std::string& node, const Task& task);

  /// Reads the files of the task's inputs; then calls `then`, in the loop's thread, with why one of
  /// them cannot be read, or with nothing.
  void read_files(const Task& task, std::function<void(std::optional<Failure>)> then);

  /// The digests of a result's files are known, since the node has just made or checked them.
  void remember(const Result& result);

  /// Whether files are being read.
  bool is_busy() const { return reading_ > 0; }

  /// What stands before the words of the error that an unreadable input gives.
  static constexpr const char* kUnreadable = "an input cannot be read: ";

 private:
  std::optional<Digest> digest_if_quick(const fs::path& path);

  DigestMemo& memo_;
  const FileSystem& file_system_;
  EventLoop& loop_;
  std::unordered_map<std::string, Digest> known_;  ///< by path
  std::size_t reading_ = 0;                        ///< tasks whose files are being read
  ThreadPool threads_;                             // last: its jobs use the rest
};

}  // namespace hypersynth::pipeline
