#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

/// One JSON object per line and step.
class MetricsLog {
 public:
  /// Appends to `path` after cutting off what follows the last line of step `last_step`: a resumed
  /// run makes it again. Throws Error kCannotCreateOutput.
  MetricsLog(const std::string& path, std::int64_t last_step);

  /// Throws Error kIo, as where the disk is full.
  void write(const nlohmann::ordered_json& line);

 private:
  std::string path_;
  std::ofstream stream_;
};

}  // namespace hypersynth
