#include "app/learn.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/exit_status.h"
#include "app/learn_results.h"
#include "app/output_log.h"
#include "app/process_setup.h"
#include "app/progress.h"
#include "app/run_fault.h"
#include "app/runtime.h"
#include "app/step_command.h"
#include "app/supervisor.h"
#include "app/workflow_run.h"
#include "bids/read_file.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/joined.h"
#include "core/utf8.h"
#include "engine/inference/inference_network.h"
#include "engine/training/training_loader.h"
#include "nodes/checkpoint_folder.h"
#include "report/number.h"

namespace hypersynth {
namespace {

/// How often the log of a training is looked at.
constexpr std::chrono::seconds kLook{2};
/// How often the terminal hears of it.
constexpr std::chrono::seconds kTell{30};

/// Says how far a training is, from its log: so it does not matter which process or machine trains.
class TrainingWatch {
 public:
  explicit TrainingWatch(Progress& progress) : progress_(progress), thread_([this] { watch(); }) {}
  ~TrainingWatch() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  TrainingWatch(const TrainingWatch&) = delete;
  TrainingWatch& operator=(const TrainingWatch&) = delete;

  void begin(const std::string& node, const fs::path& log, std::int64_t steps) {
    const std::lock_guard lock(mutex_);
    current_ = Training{node, log, steps};
  }
  void end(const std::string& node) {
    const std::lock_guard lock(mutex_);
    if (current_ && current_->node == node) current_.reset();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Training {
    std::string node;
    fs::path log;
    std::int64_t steps = 0;
    std::int64_t first = -1;  ///< step when this run began to look
    double first_s = 0;
    Clock::time_point told = Clock::now();
  };

  static std::optional<nlohmann::json> last_line(const fs::path& log) {
    constexpr std::streamoff kMostBytes = 1 << 16;
    std::ifstream stream(log.string(), std::ios::ate);
    if (!stream) return std::nullopt;
    const auto size = static_cast<std::streamoff>(stream.tellg());
    stream.seekg(std::max<std::streamoff>(0, size - kMostBytes));
    std::optional<nlohmann::json> last;
    for (std::string text; std::getline(stream, text);) {
      auto line = nlohmann::json::parse(text, nullptr, false);
      if (line.is_object() && line.contains("seconds")) last = std::move(line);
    }
    return last;
  }

  void look(Training& training) {
    const auto line = last_line(training.log);
    if (!line) return;
    const auto step = line->value("step", std::int64_t{0});
    const double seconds = line->value("seconds", 0.0);
    if (training.first < 0) {
      training.first = step;
      training.first_s = seconds;
    }
    if (Clock::now() - training.told < kTell || step <= training.first) return;
    training.told = Clock::now();
    const double rate = (seconds - training.first_s) / static_cast<double>(step - training.first);
    progress_.message(LogLevel::kInfo,
                      training.node + ": step " + std::to_string(step) + " of " +
                          std::to_string(training.steps) + ", about " +
                          duration(rate * static_cast<double>(training.steps - step)) + " left");
  }

  void watch() {
    std::unique_lock lock(mutex_);
    while (!ends_) {
      changed_.wait_for(lock, kLook);
      if (current_) look(*current_);
    }
  }

  Progress& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Training> current_;
  bool ends_ = false;
  std::thread thread_;
};

/// The steps that a candidate's options ask for.
std::int64_t steps_of(const LearnCandidate& candidate) {
  std::int64_t steps = 0;
  for (std::size_t i = 0; i + 1 < candidate.options.size(); ++i) {
    if (candidate.options[i] == "--steps")
      OptionValue<std::int64_t>::read(candidate.options[i + 1], steps);
  }
  return steps;
}

/// Tells user and log what becomes of the nodes.
class LearnObserver : public pipeline::Observer {
 public:
  LearnObserver(const LearnParts& parts, const LearnWorkflow& workflow, Progress& progress,
                OutputLog& log, std::stop_source& stop)
      : parts_(parts),
        workflow_(workflow),
        progress_(progress),
        log_(log),
        stop_(stop),
        watch_(progress) {}

  void on_event(const pipeline::Event& event) override {
    using Kind = pipeline::Event::Kind;
    if (event.kind == Kind::kWarning) {
      if (event.message != "cancelled" && event.message != "a node failed") warn(event.message);
      return;
    }
    if (event.node.empty()) return;
    switch (event.kind) {
      case Kind::kNodeStarted:
        progress_.message(
            LogLevel::kInfo,
            event.node + " begins" + (event.message.empty() ? "" : " (" + event.message + ")"));
        watch(event.node);
        return;
      case Kind::kNodeCached:
        return done(event, "finished before");
      case Kind::kNodeDone:
        watch_.end(event.node);
        return done(event,
                    event.usage != nullptr ? "done in " + duration(event.usage->wall_s) : "done");
      case Kind::kNodeFailed:
        watch_.end(event.node);
        progress_.message(LogLevel::kError, event.node + ": " + event.message);
        log_.event("step", {{"node", event.node}, {"state", "failed"}, {"message", event.message}});
        if (const auto fault =
                fault_of_run(event.message, event.failure != nullptr && event.failure->input,
                             {parts_.options.output_dir, parts_.options.work_folder()})) {
          fault_ = fault;
          stop_.request_stop();
        }
        return;
      default:
        return;
    }
  }

  const std::optional<ExitCode>& fault() const { return fault_; }

 private:
  void warn(const std::string& text) {
    progress_.message(LogLevel::kWarning, text);
    log_.event("warning", {{"message", text}});
  }

  void done(const pipeline::Event& event, const std::string& how) {
    progress_.advance(event.node + ": " + how);
    log_.event("step",
               {{"node", event.node},
                {"state", event.kind == pipeline::Event::Kind::kNodeCached ? "cached" : "done"}});
  }

  void watch(const std::string& node) {
    for (const auto& model : workflow_.models) {
      if (model.train != node) continue;
      for (const auto& candidate : parts_.candidates) {
        if (candidate.name == model.candidate)
          watch_.begin(
              node,
              training_folder(parts_.options, model.split, model.candidate) / "training.jsonl",
              steps_of(candidate));
      }
    }
  }

  const LearnParts& parts_;
  const LearnWorkflow& workflow_;
  Progress& progress_;
  OutputLog& log_;
  std::stop_source& stop_;
  TrainingWatch watch_;
  std::optional<ExitCode> fault_;
};

/// One run of the level.
class LearnRun {
 public:
  explicit LearnRun(const LearnOptions& options)
      : options_(options),
        layout_(open_dataset(options)),
        labels_(LabelDataset::open_reference(options.labels, options.labels_desc, "--labels", {},
                                             options)),
        data_(find_learn_data(options, layout_, labels_)),
        splits_(make_splits(options, data_.scans)),
        candidates_(make_candidates(options, data_)),
        parts_{options_, data_, splits_, candidates_},
        workflow_(make_learn_workflow(parts_)) {}

  ExitCode run();
  ExitCode print_plan() const;

 private:
  pipeline::RunOptions run_options() const;
  pipeline::RunReport run_workflow(const LearnParts& parts, const LearnWorkflow& workflow);
  ExitCode finish(const pipeline::RunReport& report);
  /// The training on all people, and the run that it was.
  struct LastTraining {
    pipeline::RunReport report;
    LearnFindings findings;
  };
  std::optional<ExitCode> early_end(const pipeline::RunReport& report);
  LastTraining train_on_all(const std::string& name);
  void keep_logs(const LearnFindings& findings) const;
  std::string people(bool held_out) const;
  std::string who_learns() const;

  const LearnOptions& options_;
  bids::Layout layout_;
  LabelDataset labels_;
  LearnData data_;
  std::vector<Split> splits_;
  std::vector<LearnCandidate> candidates_;
  LearnParts parts_;
  LearnWorkflow workflow_;
  std::stop_source stop_;
  std::optional<Progress> progress_;
  std::optional<OutputLog> log_;
  std::optional<ExitCode> fault_;
};

pipeline::RunOptions LearnRun::run_options() const {
  auto run = workflow_run_options(options_);
  run.limits.cpus = options_.processors();
  run.limits.memory_bytes = static_cast<std::uint64_t>(options_.memory_limit_bytes);
  std::vector<fs::path> inputs{labels_.layout().root()};
  for (const auto& path : {options_.label_maps, options_.initial_path()}) {
    if (!path.empty()) inputs.push_back(path);
  }
  run.program = step_command(
      options_,
      {"--device=" + to_string(options_.device), "--training-device=" + training_device(options_),
       "--threads=" + std::to_string(options_.threads())},
      inputs);
  run.clean_workdir = options_.clean_workdir;
  return run;
}

std::string LearnRun::people(bool held_out) const {
  return joined(people_of(splits_, data_.scans, held_out), ", ",
                [](const std::string& label) { return "sub-" + label; });
}

std::string LearnRun::who_learns() const {
  if (splits_.size() > 1)
    return "each held out once, in " + std::to_string(splits_.size()) + " parts: " + people(true);
  return "to learn from: " + people(false) + "; held out: " + people(true);
}

ExitCode LearnRun::print_plan() const {
  const auto planned = pipeline::plan(workflow_.workflow, run_options());
  if (options_.json) {
    nlohmann::ordered_json json{
        {"scans", nlohmann::json::array()},      {"without_labels", data_.without_labels},
        {"unused", nlohmann::json::array()},     {"splits", nlohmann::json::array()},
        {"candidates", nlohmann::json::array()}, {"steps", nlohmann::json::array()}};
    for (const auto& scan : data_.scans)
      json["scans"].push_back(
          {{"image", scan.image.path}, {"labels", scan.reference_path.string()}});
    for (const auto& scan : data_.unused)
      json["unused"].push_back({{"image", scan.path}, {"reason", scan.reason}});
    for (const auto& split : splits_) {
      json["splits"].push_back({{"learning", people_of({split}, data_.scans, false)},
                                {"held_out", people_of({split}, data_.scans, true)}});
    }
    for (const auto& candidate : candidates_)
      json["candidates"].push_back(
          {{"name", candidate.name}, {"options", joined(candidate.options, " ")}});
    for (const auto& node : planned.nodes)
      json["steps"].push_back(
          {{"node", node.node}, {"action", to_string(node.action)}, {"reasons", node.reasons}});
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return ExitCode::kOk;
  }
  std::printf("%zu selected scans without a label map\n", data_.without_labels);
  std::printf("%zu labelled scans\n%s\nlabel maps to synthesise from: %zu\n", data_.scans.size(),
              printable(who_learns()).c_str(),
              data_.label_maps.empty() ? data_.scans.size() : data_.label_maps.size());
  for (const auto& scan : data_.unused)
    std::printf("not used: %s: %s\n", printable(scan.path).c_str(), printable(scan.reason).c_str());
  for (const auto& candidate : candidates_)
    std::printf("candidate %s: %s\n  %s\n", candidate.name.c_str(), candidate.explanation.c_str(),
                joined(candidate.options, " ").c_str());
  for (const auto& node : planned.nodes)
    std::printf("  %-28s  %-7s  %s\n", node.node.c_str(), to_string(node.action).c_str(),
                printable(joined(node.reasons, "; ")).c_str());
  return ExitCode::kOk;
}

pipeline::RunReport LearnRun::run_workflow(const LearnParts& parts, const LearnWorkflow& workflow) {
  LearnObserver observer(parts, workflow, *progress_, *log_, stop_);
  auto run = run_options();
  run.observer = &observer;
  auto report = run_until_stopped(workflow.workflow, run, stop_);
  fault_ = observer.fault();
  return report;
}

/// After cross-validation: the method that was best, on all people.
LearnRun::LastTraining LearnRun::train_on_all(const std::string& name) {
  std::vector<Split> all(1);
  all[0].name = "all";
  for (std::size_t i = 0; i < data_.scans.size(); ++i) all[0].learning.push_back(i);
  std::vector<LearnCandidate> best;
  for (const auto& candidate : candidates_) {
    if (candidate.name != trained_as(name)) continue;
    best.push_back(candidate);
    // Nobody is held out, so nothing can be validated.
    for (const char* word : {"--validation-every", "0", "--patience", "0"})
      best.back().options.emplace_back(word);
  }
  const LearnParts parts{options_, data_, all, best};
  const auto workflow = make_learn_workflow(parts);
  LastTraining last{run_workflow(parts, workflow), {}};
  last.findings = findings_of(workflow, last.report);
  keep_logs(last.findings);
  return last;
}

/// Of each finished training keeps the log, and no checkpoint.
void LearnRun::keep_logs(const LearnFindings& findings) const {
  for (const auto& model : findings.models) {
    if (!model.trained) continue;
    const auto& nodes = model.nodes;
    const fs::path kept =
        options_.output_dir / training_log(options_, nodes.split, nodes.candidate);
    boost::system::error_code error;
    fs::create_directories(kept.parent_path(), error);
    write_atomically(kept.string(), bids::read_regular_file(model.trained->log));
    CheckpointFolder::remove_unused(training_folder(options_, nodes.split, nodes.candidate));
  }
}

/// Why there is nothing to hand out yet, if the run ended before its time.
std::optional<ExitCode> LearnRun::early_end(const pipeline::RunReport& report) {
  if (fault_) return fault_;
  if (report.disk_full) return ExitCode::kIo;
  if (!report.cancelled) return std::nullopt;
  progress_->message(LogLevel::kWarning, "interrupted; run again to go on");
  return ExitCode::kInterrupted;
}

ExitCode LearnRun::finish(const pipeline::RunReport& report) {
  if (const auto code = early_end(report)) return *code;
  const auto findings = findings_of(workflow_, report);
  const bool has_initial = data_.initial.has_value();
  const auto choice = choose_model(
      scores_of(findings, candidates_, shifts_of(data_.scans), has_initial), has_initial);
  if (findings.packs.size() < splits_.size()) {
    progress_->message(LogLevel::kError, "no model is handed out: the scans could not be packed");
    return ExitCode::kSomeImagesFailed;
  }
  if (!choice.chosen) {
    progress_->message(LogLevel::kError, "no model is handed out: " + choice.reason);
    return ExitCode::kSomeImagesFailed;
  }
  const std::string& chosen = choice.models[*choice.chosen].name;
  fs::path handed_out, training_log;
  const auto take = [&](const LearnFindings& from) {
    for (const auto& model : from.models) {
      if (model.nodes.candidate == chosen) handed_out = model.model;
      if (model.nodes.candidate == trained_as(chosen) && model.trained)
        training_log = model.trained->log;
    }
  };
  if (chosen != kInitialModel && splits_.size() > 1) {
    const auto last = train_on_all(chosen);
    if (const auto code = early_end(last.report)) return *code;
    take(last.findings);
    if (handed_out.empty()) {
      progress_->message(LogLevel::kError,
                         "no model is handed out: the training on all scans failed; run again to "
                         "try once more");
      return ExitCode::kSomeImagesFailed;
    }
  } else {
    take(findings);
  }
  const auto written = write_learn_results(
      {options_, layout_, data_, splits_, candidates_, findings, choice, handed_out, training_log});
  keep_logs(findings);
  progress_->message(choice.gained || !data_.initial ? LogLevel::kInfo : LogLevel::kWarning,
                     choice.reason);
  for (const auto& path : written) std::printf("%s\n", path.c_str());
  const bool some_failed = !report.ok() || !findings.packs.front().left_out.empty();
  return some_failed ? ExitCode::kSomeImagesFailed : ExitCode::kOk;
}

ExitCode LearnRun::run() {
  check_process_limits(options_);
  check_cluster_container(options_);
  const bool trains_here = options_.executor == ExecutorKind::kLocal;
  // Opens libtorch: where that fails, better now than when all is packed.
  const bool has_cuda = trains_here && engine_has_cuda();
  make_work_folder(options_);
  prepare_output(options_, layout_, {});
  // Pack, train and blend once more.
  const std::size_t on_all = splits_.size() > 1 ? (data_.initial ? 3 : 2) : 0;
  progress_.emplace(workflow_.workflow.nodes().size() + on_all, std::max(1, options_.verbosity),
                    "");
  log_.emplace(options_.output_dir);
  log_->event("start", {{"command_line", "hypersynth " + options_.command_line},
                        {"scans", data_.scans.size()}});
  show_issues(layout_, options_.skip_bids_validation, *progress_);
  const bool any_device = options_.device.kind == ComputeDevice::Kind::kAuto;
  if (trains_here && any_device && !has_cuda && visible_gpus() > 0)
    progress_->message(LogLevel::kWarning,
                       "training uses the CPU: there is a GPU, but this libtorch cannot use it");
  if (data_.without_labels > 0)
    progress_->message(LogLevel::kInfo,
                       std::to_string(data_.without_labels) + " selected scans have no label map");
  for (const auto& scan : data_.unused)
    progress_->message(LogLevel::kWarning, scan.path + " is not used: " + scan.reason);
  progress_->message(LogLevel::kInfo, who_learns());
  const auto code = finish(run_workflow(parts_, workflow_));
  log_->event("end", {{"exit_code", static_cast<int>(code)}});
  return code;
}

}  // namespace

int run_learn_level(const LearnOptions& options) {
  if (options.dry_run)
    return exit_status_of([&] { return static_cast<int>(LearnRun(options).print_plan()); });
  return supervise([&](bool isolated) {
    LearnOptions own = options;
    own.isolate_steps = isolated;
    return exit_status_of([&] { return static_cast<int>(LearnRun(own).run()); });
  });
}

}  // namespace hypersynth
