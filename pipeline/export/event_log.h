#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/files/file_system.h"
#include "pipeline/run/observer.h"

namespace hypersynth::pipeline {

/// One JSON object, without a line break: "time", "event", "node", "message", "input" (path,
/// expected and found of an unusable file), "wall_s", "cpu_s", "peak_bytes", "started" (where they
/// are known) and "progress".
std::string to_json_line(const Event& event);

/// Appends every event to a file of JSON lines, as it happens. A file that cannot be written never
/// ends a run.
class EventLog final : public Observer {
 public:
  /// Opens `file` to append to it; throws std::system_error.
  explicit EventLog(fs::path file, const FileSystem& file_system = real_file_system());
  ~EventLog() override;

  void on_event(const Event& event) override;

  /// Why events are missing from the file, or nothing.
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  struct File;

  const FileSystem& file_system_;
  std::unique_ptr<File> file_;
  std::optional<std::string> problem_;
};

/// Tells several observers, in the order in which they were added.
class Observers final : public Observer {
 public:
  /// `observer` has to outlive this.
  void add(Observer& observer) { observers_.push_back(&observer); }
  void on_event(const Event& event) override {
    for (Observer* observer : observers_) observer->on_event(event);
  }

 private:
  std::vector<Observer*> observers_;
};

/// "12 of 40 done (3 cached), 1 failed, 2 running, 1 min 5 s, about 2 min left".
std::string display(const Progress& progress);

/// Shows how far a run is: at its start, at its end, and in between not more often than told.
class ProgressObserver final : public Observer {
 public:
  using Show = std::function<void(const Progress&)>;

  ProgressObserver(Show show, double interval_s)
      : show_(std::move(show)), interval_s_(interval_s) {}

  void on_event(const Event& event) override;

 private:
  Show show_;
  double interval_s_;
  double shown_s_ = 0;
};

}  // namespace hypersynth::pipeline
