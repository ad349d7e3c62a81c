#include "app/run_observer.h"

#include <cstdio>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/run_fault.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/number_text.h"
#include "core/utf8.h"
#include "nodes/failure.h"

namespace hypersynth {

using pipeline::Event;

namespace {

/// Whether the output folder still takes files.
bool takes_files(const fs::path& output_dir) {
  try {
    const fs::path probe = output_dir / "logs" / "probe";
    write_atomically(probe, std::string(1 << 16, ' '));
    fs::remove(probe);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// What the step that failed says of one of its input files, or nothing.
std::optional<InputFindings> input_of(const Event& event) {
  return event.failure != nullptr ? event.failure->input : std::nullopt;
}

bool has_ended(Event::Kind kind) {
  return kind == Event::Kind::kNodeCached || kind == Event::Kind::kNodeDone ||
         kind == Event::Kind::kNodeFailed || kind == Event::Kind::kNodeSkipped;
}

}  // namespace

void RunObserver::on_event(const Event& event) {
  if (event.kind == Event::Kind::kWarning) {
    if (event.message == "cancelled" || event.message == "a node failed") return;  // said elsewhere
    const auto fault = fault_of_run(event.message, false, {output_dir_, work_dir_});
    if (!fault) return progress_.message(LogLevel::kWarning, event.message);
    if (!run_fault_) stop_run(*fault, event.message);
    return;
  }
  if (event.node.empty()) return;
  if (has_ended(event.kind)) log_node(event);
  if (const auto index = workflow_.image(event.node)) {
    on_image_step(event, *index);
  } else if (event.kind == Event::Kind::kNodeFailed) {
    ++other_failures_;
    check_run(event);
    if (!run_fault_) progress_.message(LogLevel::kError, event.node + ": " + event.message);
  }
}

void RunObserver::log_node(const Event& event) {
  nlohmann::json fields = {{"node", valid_utf8(event.node)},
                           {"state", pipeline::to_string(event.kind)}};
  if (event.usage != nullptr && event.kind != Event::Kind::kNodeCached) {
    fields["wall_s"] = event.usage->wall_s;
    fields["cpu_s"] = event.usage->cpu_s;
    if (event.usage->peak_bytes) fields["peak_bytes"] = *event.usage->peak_bytes;
  }
  log_.event("node", fields);
}

void RunObserver::on_image_step(const Event& event, std::size_t index) {
  const PlannedImage& image = images_[index];
  const std::string step = step_of(event.node);
  const std::string name = image.source.path + ": " + step;
  switch (event.kind) {
    case Event::Kind::kNodeStarted:
      progress_.message(LogLevel::kInfo,
                        name + (event.message.empty() ? "" : ": " + event.message));
      break;
    case Event::Kind::kNodeRetried:
      progress_.message(LogLevel::kWarning, name + ": " + event.message + "; it is tried again");
      break;
    case Event::Kind::kNodeFailed:
      on_failed_step(event, index);
      break;
    case Event::Kind::kNodeCached:
    case Event::Kind::kNodeDone:
      if (event.kind == Event::Kind::kNodeDone && event.usage != nullptr)
        seconds_[index] += event.usage->wall_s;
      if (step == "record") {
        finish(image, decimal_places(seconds_[index], 1) + " s", "done");
      }
      break;
    default:
      break;
  }
}

void RunObserver::on_failed_step(const Event& event, std::size_t index) {
  // What is ended in the middle of its work may call that a failure.
  if (stop_.stop_requested() || !failed_images_.insert(index).second) return;
  check_run(event);
  if (run_fault_) return;
  const PlannedImage& image = images_[index];
  const auto input = input_of(event);
  // The message of an unusable image names it already.
  fail(
      image,
      input ? event.message : image.source.path + ": " + step_of(event.node) + ": " + event.message,
      input);
}

/// Stops the run where the failure is not the image's fault: going on would fail in the same way.
void RunObserver::check_run(const Event& event) {
  if (run_fault_) return;
  const bool names_input = input_of(event).has_value();
  if (const auto fault = fault_of_run(event.message, names_input, {output_dir_, work_dir_})) {
    stop_run(*fault, event.message);
  } else if (!takes_files(output_dir_)) {
    stop_run(ExitCode::kIo, event.message);
  }
}

void RunObserver::stop_run(ExitCode fault, const std::string& message) {
  if (run_fault_) return;
  run_fault_ = fault;
  progress_.message(LogLevel::kError, message);
  stop_.request_stop();
}

void RunObserver::fail(const PlannedImage& image, const std::string& message,
                       const std::optional<InputFindings>& input) {
  ++failed_;
  failed_subjects_.insert(image.subject());
  progress_.message(LogLevel::kError, message);
  try {
    write_failure(output_dir_, outputs_of(image.source), failure_of(image.source, message, input));
  } catch (const std::exception& error) {
    stop_run(ExitCode::kIo, error.what());
  }
  finish(image, "failed", "failed", message);
}

void RunObserver::skip(const PlannedImage& image) {
  if (image.status == ImageStatus::kCached) {
    // It may have failed since, as while its content was not there, and is whole again.
    remove_failure(output_dir_, outputs_of(image.source));
    return finish(image, "finished before", "cached");
  }
  fail(image, image.source.path + ": " + image.reason, image.input);
}

void RunObserver::finish(const PlannedImage& image, const std::string& how,
                         const std::string& status, const std::string& message) {
  nlohmann::json fields = {{"path", valid_utf8(image.source.path)}, {"status", status}};
  if (!message.empty()) fields["message"] = valid_utf8(message);
  log_.event("image", fields);
  progress_.advance(image.source.path + ": " + how);
}

}  // namespace hypersynth
