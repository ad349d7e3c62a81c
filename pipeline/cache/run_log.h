#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pipeline/cache/result.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {

/// What the logs of earlier runs of a work folder say together.
struct History {
  std::unordered_map<Digest, std::shared_ptr<const Result>> results;  ///< by key
  std::unordered_map<std::string, Digest> latest_key;                 ///< by node
  /// Results that were on the disk for good, so that a power cut since then has not harmed them.
  std::unordered_set<Digest> durable;
  std::vector<FileVersion> file_versions;  ///< of inputs and outputs, the newest last
  std::size_t damaged_lines = 0;
  std::size_t lines = 0;

  void add(std::shared_ptr<const Result> result);
};

/// The append-only log of one run: a file of JSON lines, each with a checksum, in a folder that
/// holds one such file per run. A line that was cut or damaged is skipped; the rest counts.
class RunLog {
 public:
  /// Reads every log below `folder`, oldest first.
  static History load(const fs::path& folder, const fs::path& nodes_folder,
                      const FileSystem& file_system);

  /// Puts the logs called `names` into one, without what newer lines outdate. Whoever reads the
  /// folder meanwhile may miss lines, never see wrong ones.
  static void merge(const fs::path& folder, const std::vector<std::string>& names,
                    const fs::path& nodes_folder, const FileSystem& file_system);

  /// The log of this run; the file is made when there is something to write.
  RunLog(const fs::path& folder, const std::string& run_id, fs::path nodes_folder,
         const FileSystem& file_system);

  void add(const Result& result);
  void add(const FileVersion& version);

  /// The first `results` results of this log are on the disk for good.
  void add_durable(std::size_t results);

  /// The files of this result were removed because no node needs them any more.
  void add_collected(const Digest& key);

  /// This result was removed because its node has a newer one.
  void add_removed(const Digest& key);

  std::size_t results() const { return results_; }

  /// Writes what was added; throws std::system_error when the disk is full.
  void flush();

  const fs::path& file() const { return file_; }

 private:
  fs::path file_;
  fs::path nodes_folder_;
  const FileSystem& file_system_;
  FileDescriptor descriptor_;
  std::string pending_;
  std::size_t results_ = 0;
};

}  // namespace hypersynth::pipeline
