#include "engine/metrics_log.h"

#include <string>
#include <vector>

#include "core/error.h"

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

MetricsLog::MetricsLog(const std::filesystem::path& path, std::int64_t last_step) {
  std::vector<std::string> kept;
  {
    std::ifstream earlier(path);
    for (std::string line; std::getline(earlier, line);) {
      if (up_to(line, last_step)) kept.push_back(line);
    }
  }
  stream_.open(path, std::ios::trunc);
  if (!stream_) throw Error(ExitCode::kCannotCreateOutput, path.string() + ": cannot be created");
  for (const auto& line : kept) stream_ << line << '\n';
  stream_.flush();
}

void MetricsLog::write(const Json& line) { stream_ << line.dump() << std::endl; }

}  // namespace hypersynth
