#include "app/participant.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/plan.h"
#include "app/progress.h"
#include "app/run_log.h"
#include "app/runtime.h"
#include "nodes/failure.h"
#include "nodes/lookup.h"
#include "nodes/segment_image.h"
#include "nodes/shared_network.h"

namespace hypersynth {

namespace {

std::string subject_of(const PlannedImage& image) {
  return std::string(image.source.entities.get(bids::Entity::kSubject).value_or(""));
}

InferenceOptions inference_options(const Options& options) {
  InferenceOptions result;
  result.device = options.device;
  result.threads = options.threads();
  if (options.is_short_of_memory()) result.slab_bytes /= 4;
  result.stop = &stop_requested;
  return result;
}

/// Works through the planned images with a few threads: one image is in the network while others
/// are read and written.
class ParticipantRun {
 public:
  ParticipantRun(const Options& options, const bids::Layout& layout, const Model& model,
                 const Recipe& recipe, std::vector<PlannedImage> images)
      : options_(options),
        layout_(layout),
        recipe_(recipe),
        images_(std::move(images)),
        progress_(images_.size(), options.verbosity),
        log_([this](LogLevel level, std::string_view text) { progress_.message(level, text); }),
        network_(model, inference_options(options), log_),
        run_log_(options.output_dir) {
    run_.dataset_root = layout.root();
    run_.output_dir = options.output_dir;
    run_.recipe = recipe;
    run_.save_posteriors = options.save_posteriors;
    run_.save_resampled = options.save_resampled;
    run_.threads = options.threads();
    run_.model = &model;
    run_.network = &network_;
    for (const auto& image : images_) ++open_images_[subject_of(image)];
  }

  ExitCode run() {
    run_log_.event("start", {{"command_line", "hypersynth " + options_.command_line},
                             {"images", images_.size()},
                             {"version", recipe_.version},
                             {"model", recipe_.model},
                             {"model_xxh3", recipe_.model_digest}});
    const int in_flight = options_.is_short_of_memory() || options_.nprocs == 1 ? 1 : 2;
    if (!options_.skip_bids_validation) show_issues();
    {
      std::vector<std::jthread> workers;
      const auto count = std::min<std::size_t>(static_cast<std::size_t>(in_flight), images_.size());
      for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
    }
    write_failure_table(options_.output_dir);
    write_citation(report_context(options_, layout_, recipe_, network_.device()));
    const ExitCode code = stop_requested                 ? ExitCode::kInterrupted
                          : error_code_ != ExitCode::kOk ? error_code_.load()
                          : failed_ > 0                  ? ExitCode::kSomeImagesFailed
                                                         : ExitCode::kOk;
    run_log_.event("end", {{"exit_code", static_cast<int>(code)}, {"failed", failed_.load()}});
    if (stop_requested) progress_.message(LogLevel::kWarning, "interrupted; run again to go on");
    return code;
  }

 private:
  void show_issues() {
    for (const auto& issue : layout_.issues()) {
      const bool severe = issue.severity() == bids::Severity::kError;
      progress_.message(severe ? LogLevel::kWarning : LogLevel::kInfo,
                        issue.path + ": " + issue.message);
    }
  }

  void work() {
    for (;;) {
      const std::size_t index = next_++;
      if (index >= images_.size() || stop_requested || stop_) return;
      process(images_[index]);
    }
  }

  void process(const PlannedImage& image) {
    const std::string& path = image.source.path;
    try {
      if (image.status == ImageStatus::kCached) {
        finish(image, "finished before", {{"status", "cached"}});
        return;
      }
      progress_.message(LogLevel::kInfo, path + ": " + image.reason);
      const auto record =
          segment_image(image.source, layout_.metadata(image.source).values(), run_);
      double seconds = 0;
      for (const auto& step : record.timings_s) seconds += step.second;
      char text[40];
      std::snprintf(text, sizeof text, "%.1f s", seconds);
      finish(image, text, {{"status", "done"}, {"timings_s", to_json(record)["timings_s"]}});
    } catch (const Error& error) {
      if (error.code() == ExitCode::kInterrupted) return;
      fail(image, error);
      // Not the image's fault: going on would fail in the same way.
      if (error.code() == ExitCode::kIo || error.code() == ExitCode::kCannotCreateOutput) {
        error_code_ = error.code();
        stop_ = true;
      }
    } catch (const std::exception& error) {
      fail(image, error);
    }
  }

  void fail(const PlannedImage& image, const std::exception& error) {
    ++failed_;
    if (options_.stop_on_first_crash) stop_ = true;
    progress_.message(LogLevel::kError, error.what());
    try {
      write_failure(options_.output_dir, outputs_of(image.source), failure_of(image.source, error));
      finish(image, "failed", {{"status", "failed"}, {"message", error.what()}});
    } catch (const std::exception& second) {
      progress_.message(LogLevel::kError, second.what());
    }
  }

  void finish(const PlannedImage& image, const std::string& how, nlohmann::json event) {
    event["path"] = bids::valid_utf8(image.source.path);
    run_log_.event("image", event);
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      last = --open_images_[subject_of(image)] == 0;
    }
    if (last) {
      write_subject_page(subject_of(image),
                         report_context(options_, layout_, recipe_, network_.device()));
    }
    progress_.advance(image.source.path + ": " + how);
  }

  const Options& options_;
  const bids::Layout& layout_;
  const Recipe& recipe_;
  std::vector<PlannedImage> images_;
  Progress progress_;
  Log log_;
  SharedNetwork network_;
  RunLog run_log_;
  SegmentationRun run_;
  std::atomic<std::size_t> next_{0};
  std::atomic<int> failed_{0};
  std::atomic<bool> stop_{false};
  std::atomic<ExitCode> error_code_{ExitCode::kOk};
  std::mutex mutex_;
  std::map<std::string, int> open_images_;
};

}  // namespace

ExitCode run_participant(const Options& options) {
  const auto layout = open_dataset(options);
  auto images = select(layout, options);
  const auto path = model_path(options);
  const Model model = read_model(path.string());
  const Recipe recipe = recipe_of(options, path);
  prepare_output(options, layout, lookup_table(model));
  plan(images, layout, options, recipe);
  install_stop_signals();
  return ParticipantRun(options, layout, model, recipe, std::move(images)).run();
}

ExitCode run_dry(const Options& options) {
  const auto layout = open_dataset(options);
  auto images = select(layout, options);
  plan(images, layout, options, recipe_of(options, model_path(options)));
  if (options.json) {
    std::printf("%s\n", describe_plan(images, layout).dump(2).c_str());
    return ExitCode::kOk;
  }
  std::map<std::string, int> counts;
  for (const auto& image : images) {
    ++counts[to_string(image.status)];
    std::printf("%-8s  %s  (%s)\n", to_string(image.status).c_str(),
                printable(image.source.path).c_str(), printable(image.reason).c_str());
  }
  std::printf("%zu images: %d to run, %d finished before, %d unusable\n", images.size(),
              counts["run"], counts["cached"], counts["unusable"]);
  return ExitCode::kOk;
}

ExitCode run_reports(const Options& options) {
  const auto layout = open_dataset(options);
  const auto path = model_path(options);
  const Model model = read_model(path.string());
  const auto context = report_context(options, layout, recipe_of(options, path), "");
  std::vector<std::string> subjects;
  for (const auto& image : select(layout, options)) subjects.push_back(subject_of(image));
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  for (const auto& subject : subjects) write_subject_page(subject, context);
  return ExitCode::kOk;
}

}  // namespace hypersynth
