#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/json.h"

namespace hypersynth {

/// One JSON object per line and step.
class MetricsLog {
 public:
  /// Appends to `path` after cutting off what follows the last line of step `last_step`: a resumed
  /// run makes it again. Throws Error kCannotCreateOutput.
  MetricsLog(const std::filesystem::path& path, std::int64_t last_step);

  /// Throws Error kIo, as where the disk is full.
  void write(const Json& line);

 private:
  std::string path_;
  std::ofstream stream_;
};

}  // namespace hypersynth
