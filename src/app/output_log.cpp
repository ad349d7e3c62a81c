#include "app/output_log.h"

#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/unique_id.h"

namespace hypersynth {

namespace {

std::string utc(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

}  // namespace

OutputLog::OutputLog(const fs::path& output_dir) {
  char host[65] = "host";
  ::gethostname(host, sizeof host - 1);
  run_id_ = utc("%Y%m%dT%H%M%S") + "_" + host + "_" + unique_id();
  path_ = output_dir / "logs" / (run_id_ + ".jsonl");
  try {
    file_ = pipeline::open_file(path_, O_WRONLY | O_CREAT | O_APPEND);
  } catch (const std::system_error& error) {
    problem_ = error.what();
  }
}

OutputLog::~OutputLog() {
  if (file_) ::fsync(file_.get());  // after a power cut the log of a run that had ended is whole
}

void OutputLog::event(const std::string& name, const nlohmann::json& fields) {
  nlohmann::ordered_json line = {{"time", utc("%Y-%m-%dT%H:%M:%SZ")}, {"event", name}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  if (problem_) return;
  try {
    pipeline::write_all(file_.get(), text, path_);
  } catch (const std::system_error& error) {
    problem_ = error.what();
  }
}

}  // namespace hypersynth
