#include "pipeline/slurm/slurm_executor.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/joined.h"

namespace hypersynth::pipeline {
namespace {

/// A controller that is away while the run is cancelled is tried again this often, which gives it
/// some 10 s (and what each scancel waits for an answer) to come back; the user waits meanwhile.
constexpr int kMostCancelTries = 5;
constexpr auto kCancelRetry = std::chrono::seconds(2);

}  // namespace

void check_cluster(const SlurmOptions& options) {
  std::string problems;
  for (const auto& violation : options.check()) problems += "\nSLURM: " + violation;
  for (const auto& program : missing_slurm_commands())
    problems += "\nSLURM: expected the command " + program + " in PATH, found none";
  if (!problems.empty()) throw SlurmError(problems.substr(1));
}

std::unique_ptr<Executor> make_cluster_executor(const SlurmOptions& options,
                                                const ExecutorSetup& setup,
                                                std::unique_ptr<Executor> local) {
  return std::make_unique<SlurmExecutor>(options, setup.work_folder, setup.loop, setup.program,
                                         std::make_unique<RealSlurmCommands>(), std::move(local),
                                         setup.warn);
}

SlurmExecutor::SlurmExecutor(const SlurmOptions& options, const WorkFolder& work_folder,
                             EventLoop& loop, const std::vector<std::string>& program,
                             std::unique_ptr<SlurmCommands> commands,
                             std::unique_ptr<Executor> light, Warn warn)
    : options_(options),
      work_folder_(work_folder),
      loop_(loop),
      light_(std::move(light)),
      warn_(std::move(warn)),
      caller_(std::move(commands), loop),
      folder_(work_folder),
      orphans_(folder_),
      jobs_(work_folder, folder_, orphans_, joined(program, " ")),
      queue_(
          options_, loop, caller_,
          {[this] { return listing_need(); },
           [this](const auto& listing, auto asked) { on_listing(listing, asked); },
           [this](const Failure& failure) { finish_all(failure); }, [this] { advance(); }, warn_}),
      watcher_(options_, work_folder, folder_, loop, caller_, jobs_, queue_, [this] { advance(); }),
      submitter_(options_, work_folder, folder_, loop, caller_, orphans_, jobs_, queue_, program,
                 {[this] { on_submitted(); }, [this] { advance(); }, warn_}) {}

SlurmExecutor::~SlurmExecutor() {
  if (!watcher_.revenants().empty()) {
    std::vector<std::string> command = {"scancel", "--quiet"};
    command.insert(command.end(), watcher_.revenants().begin(), watcher_.revenants().end());
    caller_.call_and_wait(command);
  }
  caller_.stop();
  if (!submitter_.is_submitting()) folder_.remove_if_empty(work_folder_.run_id());
}

bool SlurmExecutor::is_clustered(Placement placement) const {
  return placement == Placement::kProcess || options_.submit_light_nodes;
}

std::optional<std::string> SlurmExecutor::refusal(const Resources& needs,
                                                  Placement placement) const {
  if (is_clustered(placement)) return std::nullopt;  // sbatch knows
  return light_->refusal(needs, placement);
}

std::uint64_t SlurmExecutor::most_memory_bytes(Placement placement) const {
  return is_clustered(placement) ? options_.max_memory_bytes : light_->most_memory_bytes(placement);
}

std::optional<Slots> SlurmExecutor::take(const Resources& needs, Placement placement) {
  if (!is_clustered(placement)) return light_->take(needs, placement);
  if (options_.max_jobs > 0 && taken_ >= options_.max_jobs) return std::nullopt;
  ++taken_;
  Slots slots{std::max(1, needs.cpus), needs.memory_bytes, {}};
  slots.gpu_ids.resize(static_cast<std::size_t>(std::max(0, needs.gpus)));
  std::iota(slots.gpu_ids.begin(), slots.gpu_ids.end(), 0);  // among those that SLURM shows it
  return slots;
}

void SlurmExecutor::give_back(const Slots& slots, Placement placement) {
  if (!is_clustered(placement)) return light_->give_back(slots, placement);
  --taken_;
}

void SlurmExecutor::start(Task task, Done done) {
  if (!is_clustered(task.placement)) return light_->start(std::move(task), std::move(done));
  submitter_.add({std::make_shared<const Task>(std::move(task)), std::move(done)});
}

void SlurmExecutor::flush() {
  light_->flush();
  if (!submitter_.has_waiting()) return;
  orphans_.look();
  advance();
}

/// Takes every step that is possible now; called whenever something has changed.
void SlurmExecutor::advance() {
  submitter_.submit();
  watcher_.watch();
  queue_.plan();
}

void SlurmExecutor::on_submitted() {
  if (cancelled_) return cancel_all(1);
  if (stopping_) cancel_pending();
  advance();
}

std::optional<SlurmQueue::Need> SlurmExecutor::listing_need() const {
  const bool orphans_wait = orphans_.are_in_doubt();
  if (jobs_.empty() && !orphans_wait) return std::nullopt;
  return SlurmQueue::Need{orphans_wait || jobs_.are_in_doubt(), watcher_.since()};
}

void SlurmExecutor::on_listing(const QueueListing& listing, EventLoop::Clock::time_point asked) {
  orphans_.resolve(listing);
  submitter_.wait_again(jobs_.take_missing(listing, asked));
  watcher_.on_listing(listing, asked);
}

void SlurmExecutor::finish_all(const Failure& failure) {
  submitter_.finish_waiting(failure);
  jobs_.finish_all(failure);
}

void SlurmExecutor::stop_waiting() {
  light_->stop_waiting();
  stopping_ = true;
  submitter_.stop();
  watcher_.expect_cancelled();
  loop_.post([this] {
    submitter_.finish_waiting(cancelled_failure());
    if (!cancelled_) cancel_pending();
  });
}

void SlurmExecutor::cancel_pending() {
  std::vector<std::string> command = {"scancel", "--quiet", "--state=PENDING"};
  const std::size_t without_jobs = command.size();
  for (const auto& [id, batch] : jobs_.batches()) {
    if (!batch.job_id.empty()) command.push_back(batch.job_id);
  }
  if (command.size() > without_jobs) caller_.call(command, [](const CommandResult&) {});
}

void SlurmExecutor::cancel() {
  cancelled_ = true;
  stopping_ = true;
  submitter_.stop();
  watcher_.expect_cancelled();
  queue_.stop();
  light_->cancel();
  loop_.post([this] {
    submitter_.finish_waiting(cancelled_failure());
    if (!submitter_.is_submitting()) cancel_all(1);  // else once its jobs are known
  });
}

std::vector<std::vector<std::string>> SlurmExecutor::scancel_commands() const {
  std::set<std::string> ids = orphans_.job_ids();
  std::string names;
  for (const auto& [id, batch] : jobs_.batches()) {
    if (batch.job_id.empty()) {
      names += (names.empty() ? "" : ",") + job_name(options_, id);
    } else {
      ids.insert(batch.job_id);
    }
  }
  std::vector<std::vector<std::string>> commands;
  if (!ids.empty()) {
    commands.push_back({"scancel", "--quiet"});
    commands.back().insert(commands.back().end(), ids.begin(), ids.end());
  }
  if (!names.empty()) commands.push_back({"scancel", "--quiet", "--name=" + names});
  return commands;
}

void SlurmExecutor::cancel_all(int tries) {
  const auto commands = scancel_commands();
  const auto run_all = [commands](SlurmCommands& slurm) {
    std::string unanswered;
    for (const auto& command : commands) {
      const CommandResult result = slurm.run(command);
      if (!result.ok() && is_unanswered(result.output)) unanswered = result.output;
    }
    return unanswered;
  };
  caller_.in_background(run_all, [this, commands, tries](const std::string& unanswered) {
    if (!unanswered.empty() && tries < kMostCancelTries) {
      loop_.after(kCancelRetry, [this, tries] { cancel_all(tries + 1); });
      return;
    }
    if (!unanswered.empty()) {
      warn_("the cluster's jobs could not be cancelled (" + first_line(unanswered) +
            "); later, run: " + joined(commands.front(), " "));
    }
    finish_all(cancelled_failure());
  });
}

}  // namespace hypersynth::pipeline
