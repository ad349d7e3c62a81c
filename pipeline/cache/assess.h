#pragma once

#include <string>

#include "pipeline/cache/run_log.h"
#include "pipeline/files/digest_memo.h"

namespace hypersynth::pipeline {

/// Whether a node has to run. A result stands when it was made for the same cache key and its files
/// are as they were recorded.
struct Assessment {
  std::shared_ptr<const Result> result;  ///< one that stands; null: the node has to run
  bool damaged = false;                  ///< there was one, but its files are not as recorded
  std::vector<std::string> reasons;      ///< why there is no result that stands
};

/// Why the files of `result` are not as recorded, or nothing. Sizes and file versions are compared;
/// bytes only where the version is not the recorded one, or `read_all`.
std::optional<std::string> find_damage(const Result& result, DigestMemo& memo,
                                       const FileSystem& file_system, bool read_all);

/// Decides from what earlier runs left whether a node has to run.
class Assessor {
 public:
  Assessor(const History& history, DigestMemo& memo, const FileSystem& file_system, bool verify)
      : history_(history), memo_(memo), file_system_(file_system), verify_(verify) {}

  Assessment assess(const std::string& node, const CacheKey& key) const;

 private:
  bool is_suspect(const Result& result) const;

  const History& history_;
  DigestMemo& memo_;
  const FileSystem& file_system_;
  bool verify_;
};

}  // namespace hypersynth::pipeline
