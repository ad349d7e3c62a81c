#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "app/output_log.h"
#include "app/participant_workflow.h"
#include "app/progress.h"
#include "core/error.h"
#include "pipeline/run/observer.h"

namespace hypersynth {

/// Tells the user, the run log and the failure records what becomes of the images.
class RunObserver : public pipeline::Observer {
 public:
  RunObserver(const ParticipantWorkflow& workflow, const std::vector<PlannedImage>& images,
              const fs::path& output_dir, const fs::path& work_dir, Progress& progress,
              OutputLog& log, std::stop_source& stop)
      : workflow_(workflow),
        images_(images),
        output_dir_(output_dir),
        work_dir_(work_dir),
        progress_(progress),
        log_(log),
        stop_(stop) {}

  void on_event(const pipeline::Event& event) override;

  /// Tells of an image that needs no steps: finished before, or not worth trying.
  void skip(const PlannedImage& image);

  std::size_t failed_images() const { return failed_; }
  const std::set<std::string>& failed_subjects() const { return failed_subjects_; }
  /// Why the run was asked to stop, where a step failed for a reason that is not its image's: the
  /// output or the work folder takes no files any more, or this process gets nothing more.
  std::optional<ExitCode> run_fault() const { return run_fault_; }
  /// Failures of steps that belong to no image.
  std::size_t other_failures() const { return other_failures_; }

 private:
  void log_node(const pipeline::Event& event);
  void on_image_step(const pipeline::Event& event, std::size_t index);
  void on_failed_step(const pipeline::Event& event, std::size_t index);
  void check_run(const pipeline::Event& event);
  void stop_run(ExitCode fault, const std::string& message);
  void fail(const PlannedImage& image, const std::string& message,
            const std::optional<InputFindings>& input);
  void finish(const PlannedImage& image, const std::string& how, const std::string& status,
              const std::string& message = {});

  const ParticipantWorkflow& workflow_;
  const std::vector<PlannedImage>& images_;
  fs::path output_dir_;
  fs::path work_dir_;
  Progress& progress_;
  OutputLog& log_;
  std::stop_source& stop_;
  std::map<std::size_t, double> seconds_;  ///< of an image's steps
  std::set<std::size_t> failed_images_;
  std::size_t failed_ = 0;
  std::set<std::string> failed_subjects_;
  std::size_t other_failures_ = 0;
  std::optional<ExitCode> run_fault_;
};

}  // namespace hypersynth
