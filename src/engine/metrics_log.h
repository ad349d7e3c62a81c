#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "core/json.h"

namespace hypersynth {

/// One JSON object per line and step.
class MetricsLog {
 public:
  /// Appends to `path` after dropping the lines of steps above `last_step`, which a resumed run
  /// makes again. Throws Error kCannotCreateOutput.
  MetricsLog(const std::filesystem::path& path, std::int64_t last_step);

  void write(const Json& line);

 private:
  std::ofstream stream_;
};

}  // namespace hypersynth
