#pragma once

#include <mutex>
#include <string>

#include <boost/filesystem/path.hpp>
#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

namespace fs = boost::filesystem;

/// logs/<run id>.jsonl in the output folder: one JSON object a line, "time" and "event" first. May
/// be used by several threads at once; a log that cannot be written does not stop the run.
class RunLog {
 public:
  explicit RunLog(const fs::path& output_dir);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  /// "20261122T101500_host_0123456789abcdef": time, host, and what no other run has.
  const std::string& run_id() const { return run_id_; }

  void event(const std::string& name, const nlohmann::json& fields);

 private:
  std::string run_id_;
  int file_ = -1;
  std::mutex mutex_;
};

}  // namespace hypersynth
