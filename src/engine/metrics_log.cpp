#include "engine/metrics_log.h"

#include <string>
#include <vector>

#include "core/error.h"
#include "core/temporary_name.h"

namespace hypersynth {
namespace {

/// A line that a killed run left half-written counts as too late.
bool up_to(const std::string& line, std::int64_t last_step) {
  try {
    const auto object = Json::parse(line);
    const auto* step = object.find("step");
    return step != nullptr && step->integer() <= last_step;
  } catch (const JsonError&) {
    return false;
  }
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, std::int64_t last_step)
    : path_(path.string()) {
  std::vector<std::string> kept;
  {
    std::ifstream earlier(path);
    for (std::string line; std::getline(earlier, line);) {
      if (up_to(line, last_step)) kept.push_back(line);
    }
  }
  // Rewritten under another name: a run that is killed meanwhile loses no line.
  const std::filesystem::path temporary = temporary_name(path_);
  stream_.open(temporary);
  for (const auto& line : kept) stream_ << line << '\n';
  stream_.close();
  std::error_code error;
  if (stream_) std::filesystem::rename(temporary, path, error);
  if (!stream_ || error) {
    std::filesystem::remove(temporary, error);
    throw Error(ExitCode::kCannotCreateOutput, path_ + ": cannot be created");
  }
  stream_.open(path, std::ios::app);
}

void MetricsLog::write(const Json& line) {
  stream_ << line.dump() << std::endl;
  if (!stream_) throw Error(ExitCode::kIo, path_ + ": cannot be written");
}

}  // namespace hypersynth
