#include "pipeline/export/event_log.h"

#include <cmath>
#include <fcntl.h>
#include <system_error>

#include "pipeline/cache/record_json.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

json to_json(const Progress& progress) {
  json object = {{"total", progress.total},     {"done", progress.done},
                 {"cached", progress.cached},   {"failed", progress.failed},
                 {"running", progress.running}, {"elapsed_s", progress.elapsed_s}};
  if (progress.remaining_s) object["remaining_s"] = *progress.remaining_s;
  return object;
}

/// "1 h 5 min", "1 min 5 s", "5 s".
std::string display_duration(double duration_s) {
  const auto seconds = static_cast<long long>(std::llround(duration_s));
  if (seconds >= 3600)
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
  if (seconds >= 60)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

}  // namespace

std::string to_json_line(const Event& event) {
  json object = {{"time", display_time(now_ms())}, {"event", to_string(event.kind)}};
  if (!event.node.empty()) object["node"] = text_to_json(event.node);
  if (!event.message.empty()) object["message"] = text_to_json(event.message);
  if (event.failure != nullptr && event.failure->input)
    object["input"] = findings_to_json(*event.failure->input);
  if (event.usage != nullptr) {
    object["started"] = display_time(event.usage->started_ms);
    object["wall_s"] = event.usage->wall_s;
    object["cpu_s"] = event.usage->cpu_s;
    if (event.usage->peak_bytes) object["peak_bytes"] = *event.usage->peak_bytes;
  }
  object["progress"] = to_json(event.progress);
  return object.dump();
}

struct EventLog::File {
  fs::path path;
  FileDescriptor descriptor;
};

EventLog::EventLog(fs::path file, const FileSystem& file_system)
    : file_system_(file_system),
      file_(std::make_unique<File>(File{file, open_file(file, O_WRONLY | O_CREAT | O_APPEND)})) {}

EventLog::~EventLog() = default;

void EventLog::on_event(const Event& event) {
  if (problem_) return;
  try {
    file_system_.append(file_->descriptor.get(), to_json_line(event) + '\n', file_->path);
  } catch (const std::system_error& error) {
    problem_ = error.what();
  }
}

std::string display(const Progress& progress) {
  std::string text =
      std::to_string(progress.done) + " of " + std::to_string(progress.total) + " done";
  if (progress.cached > 0) text += " (" + std::to_string(progress.cached) + " cached)";
  if (progress.failed > 0) text += ", " + std::to_string(progress.failed) + " failed";
  if (progress.running > 0) text += ", " + std::to_string(progress.running) + " running";
  text += ", " + display_duration(progress.elapsed_s);
  const bool ended = progress.done + progress.failed == progress.total;
  if (progress.remaining_s && !ended)
    text += ", about " + display_duration(*progress.remaining_s) + " left";
  return text;
}

void ProgressObserver::on_event(const Event& event) {
  const bool end =
      event.kind == Event::Kind::kRunStarted || event.kind == Event::Kind::kRunFinished;
  if (!end && event.progress.elapsed_s < shown_s_ + interval_s_) return;
  shown_s_ = event.progress.elapsed_s;
  show_(event.progress);
}

}  // namespace hypersynth::pipeline
