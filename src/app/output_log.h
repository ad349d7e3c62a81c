#pragma once

#include <mutex>
#include <optional>
#include <string>

#include <boost/filesystem/path.hpp>
#include <nlohmann/json_fwd.hpp>

#include "pipeline/files/file_descriptor.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// logs/<run id>.jsonl in the output folder: one JSON object a line, "time" and "event" first. May
/// be used by several threads at once; a log that cannot be written does not stop the run, which
/// tells of it at its end.
class OutputLog {
 public:
  explicit OutputLog(const fs::path& output_dir);
  ~OutputLog();
  OutputLog(const OutputLog&) = delete;
  OutputLog& operator=(const OutputLog&) = delete;

  /// "20261122T101500_host_0123456789abcdef": time, host, and what no other run has.
  const std::string& run_id() const { return run_id_; }

  void event(const std::string& name, const nlohmann::json& fields);

  /// Why the log is not whole, or nothing.
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  std::string run_id_;
  fs::path path_;
  FileDescriptor file_;
  std::optional<std::string> problem_;
  std::mutex mutex_;
};

}  // namespace hypersynth
