#include "engine/training/metrics_log.h"

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "engine/model/json_reading.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

bool up_to(const std::string& line, std::int64_t last_step) {
  try {
    return integer_at(parse_json(line), "step") <= last_step;
  } catch (const JsonError&) {
    return false;
  }
}

/// Bytes of the whole lines of steps up to `last_step`.
std::uintmax_t kept_bytes(const std::string& path, std::int64_t last_step) {
  std::uintmax_t bytes = 0;
  std::ifstream earlier(path);
  for (std::string line; std::getline(earlier, line) && !earlier.eof(); bytes += line.size() + 1) {
    if (!up_to(line, last_step)) break;
  }
  return bytes;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& path, std::int64_t last_step) : path_(path) {
  std::error_code error;
  const auto kept = kept_bytes(path, last_step);
  if (fs::exists(path, error)) fs::resize_file(path, kept, error);
  if (!error) stream_.open(path, std::ios::app);
  if (error || !stream_) throw Error(ExitCode::kCannotCreateOutput, path_ + ": cannot be written");
}

void MetricsLog::write(const nlohmann::ordered_json& line) {
  stream_ << to_text(line) << std::endl;
  if (!stream_) throw Error(ExitCode::kIo, path_ + ": cannot be written; is the disk full?");
}

}  // namespace hypersynth
