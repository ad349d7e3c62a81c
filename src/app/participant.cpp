#include "app/participant.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <set>
#include <stop_token>
#include <system_error>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/absent_content.h"
#include "app/participant_graph.h"
#include "app/process_setup.h"
#include "app/run_observer.h"
#include "app/runtime.h"
#include "app/step_command.h"
#include "app/workflow_run.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/joined.h"
#include "nodes/lookup.h"
#include "nodes/results.h"
#include "nodes/tissue_classes.h"
#include "pipeline/cache/work_folder.h"
#include "pipeline/export/resource_report.h"

namespace hypersynth {

namespace {

ReportContext context_of(const ParticipantOptions& options, const bids::Layout& layout) {
  ReportContext context = report_context(options, &layout);
  context.single_pages = options.report == ReportFiles::kSingle;
  return context;
}

/// One run of the participant level, from the images that are planned to the exit code.
class ParticipantRun {
 public:
  ParticipantRun(const ParticipantOptions& options, const bids::Layout& layout,
                 const Recipe& recipe, const fs::path& model, std::vector<PlannedImage> images,
                 const Execution& execution)
      : options_(options),
        layout_(layout),
        recipe_(recipe),
        images_(std::move(images)),
        execution_(execution),
        parts_{options_,
               layout_,
               images_,
               recipe_,
               execution_,
               model,
               std::make_shared<ReportContext>(context_of(options, layout)),
               shared_network()},
        workflow_(make_participant_workflow(parts_)),
        progress_(images_.size(), options.verbosity),
        log_(options.output_dir),
        observer_(workflow_, images_, options.output_dir, options.work_folder(), progress_, log_,
                  stop_) {}

  ExitCode run() {
    log_start();
    show_issues(layout_, options_.skip_bids_validation, progress_, options_.datalad_get);
    if (!execution_.gpu_warning.empty())
      progress_.message(LogLevel::kWarning, execution_.gpu_warning);
    for (const auto& path : forget_failures_of_gone_images(options_, layout_))
      progress_.message(
          LogLevel::kWarning,
          path + ": failed before and is no longer in the dataset; its failure is forgotten");
    for (const auto& image : images_) {
      if (image.status != ImageStatus::kRun) observer_.skip(image);
      if (observer_.run_fault()) break;
    }
    const bool go_on =
        !observer_.run_fault() && (!options_.stop_on_first_crash || observer_.failed_images() == 0);
    const auto report = go_on ? run_workflow() : pipeline::RunReport{};
    finish_what_was_not_started(report);
    tell_crash_files(report);
    if (go_on) remove_own_work_folder(report);
    if (!options_.graph.empty()) write_graph(parts_, report);
    if (options_.resource_monitor) write_resources(report);
    const ExitCode code = exit_code(report);
    log_.event("end",
               {{"exit_code", static_cast<int>(code)}, {"failed", observer_.failed_images()}});
    if (!log_.problem()) return code;
    progress_.message(LogLevel::kError, "the log of this run is cut: " + *log_.problem());
    return code == ExitCode::kOk || code == ExitCode::kSomeImagesFailed ? ExitCode::kIo : code;
  }

 private:
  std::shared_ptr<SharedNetwork> shared_network() {
    InferenceOptions inference = execution_.inference;
    inference.stop = &network_stop_;
    return std::make_shared<SharedNetwork>(inference);
  }

  void log_start() {
    log_.event("start", {{"command_line", "hypersynth " + options_.command_line},
                         {"images", images_.size()},
                         {"version", recipe_.version},
                         {"model", recipe_.model},
                         {"model_xxh3", recipe_.model_digest}});
  }

  pipeline::RunReport run_workflow() {
    const std::stop_callback on_stop(stop_.get_token(), [this] { network_stop_ = true; });
    auto run = run_options(options_, execution_);
    run.observer = &observer_;
    return run_until_stopped(workflow_.workflow, run, stop_);
  }

  /// Where a failure ended the run, the pages that tell of it are still to be written.
  void finish_what_was_not_started(const pipeline::RunReport& report) {
    if (!options_.stop_on_first_crash || report.cancelled || observer_.failed_images() == 0) return;
    if (observer_.run_fault()) return;
    for (const auto& subject : observer_.failed_subjects())
      write_subject_page(subject, *parts_.context);
    write_failure_table(options_.output_dir, read_failures(options_.output_dir));
    write_citation(*parts_.context);
  }

  void tell_crash_files(const pipeline::RunReport& report) {
    for (const auto& node : report.nodes) {
      if (node.crash_file.empty() || node.input) continue;
      progress_.message(LogLevel::kError,
                        "details of '" + node.node + "': " + node.crash_file.string());
    }
  }

  void write_resources(const pipeline::RunReport& report) {
    const std::string stem = (options_.output_dir / "logs" / log_.run_id()).string();
    write_atomically(stem + "_resources.tsv", pipeline::resources_tsv(report));
    write_atomically(stem + "_resources.json", pipeline::resources_json(report));
  }

  /// A folder that nobody asked for stays only where something is left to resume or to look into.
  void remove_own_work_folder(const pipeline::RunReport& report) {
    if (!options_.work_dir.empty() || !report.ok()) return;
    try {
      pipeline::WorkFolder::remove_unused(options_.work_folder(), pipeline::real_file_system());
    } catch (const std::system_error& error) {
      progress_.message(LogLevel::kWarning,
                        std::string("the work folder cannot be removed: ") + error.what());
    }
  }

  ExitCode exit_code(const pipeline::RunReport& report) {
    if (const auto fault = observer_.run_fault()) return *fault;
    if (report.disk_full) return ExitCode::kIo;
    if (report.cancelled) {
      progress_.message(LogLevel::kWarning, "interrupted; run again to go on");
      return ExitCode::kInterrupted;
    }
    if (observer_.failed_images() > 0 || has_unread_folder(layout_, options_))
      return ExitCode::kSomeImagesFailed;
    return observer_.other_failures() > 0 ? ExitCode::kIo : ExitCode::kOk;
  }

  const ParticipantOptions& options_;
  const bids::Layout& layout_;
  const Recipe& recipe_;
  std::vector<PlannedImage> images_;
  const Execution& execution_;
  std::stop_source stop_;
  std::atomic<bool> network_stop_{false};
  WorkflowParts parts_;
  ParticipantWorkflow workflow_;
  Progress progress_;
  OutputLog log_;
  RunObserver observer_;
};

/// The lookup table of the label maps with the numbers of BIDS, if they are asked for.
std::vector<bids::LookupRow> standard_table(const ParticipantOptions& options,
                                            const ModelManifest& model) {
  if (!options.save_standard_dseg) return {};
  const auto without = labels_without_class(model.labels);
  if (!without.empty())
    throw Error(ExitCode::kUsage,
                "--save-standard-dseg: expected a model whose structures all have a number in the "
                "BIDS table of common image-derived labels, found '" +
                    printable(without.front()) + "' without one");
  return standard_lookup_table(model.labels);
}

}  // namespace

ExitCode run_participant(const ParticipantOptions& options) {
  check_process_limits(options);
  if (options.datalad_get) fetch_descriptions(options);
  const auto layout = open_dataset(options);
  auto images = select(layout, options);
  const auto path = model_path(options);
  const Model model = read_model(path.string());
  const auto lookup = lookup_table(model);
  const Recipe recipe = recipe_of(options, path, model.manifest);
  const auto standard = standard_table(options, model.manifest);
  check_cluster_container(options);
  make_work_folder(options);
  prepare_output(options, layout, lookup, standard);
  plan(images, layout, options, recipe);
  const Execution execution = choose_execution(options, images, model.manifest, machine_memory(),
                                               usable_gpus(options, images));
  refuse_what_cannot_fit(execution, images);
  return ParticipantRun(options, layout, recipe, path, std::move(images), execution).run();
}

ExitCode run_reports(const ParticipantOptions& options) {
  const auto layout = open_dataset(options);
  const auto context = context_of(options, layout);
  const auto known = subjects_with_results(options.output_dir);
  std::set<std::string> subjects;
  std::vector<std::string> without;
  for (const auto& image : select(layout, options)) {
    if (std::binary_search(known.begin(), known.end(), image.subject()))
      subjects.insert(image.subject());
    else if (without.empty() || without.back() != image.subject())
      without.push_back(image.subject());
  }
  Progress progress(0, options.verbosity);
  show_issues(layout, options.skip_bids_validation, progress);
  if (subjects.empty())
    throw Error(ExitCode::kNothingSelected,
                options.output_dir.string() +
                    ": expected results of these participants, found none; run without "
                    "--reports-only first");
  if (!without.empty())
    progress.message(LogLevel::kWarning,
                     "no results yet, so no page: sub-" + joined(without, ", sub-"));
  for (const auto& subject : subjects) write_subject_page(subject, context);
  return ExitCode::kOk;
}

}  // namespace hypersynth
