#include "pipeline/batch/batch_executor.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/joined.h"

namespace hypersynth::pipeline {
namespace {

/// A server that is away while the run is cancelled is tried again this often, which gives it
/// some 10 s (and what each command waits for an answer) to come back; the user waits meanwhile.
constexpr int kMostCancelTries = 5;
constexpr auto kCancelRetry = std::chrono::seconds(2);

std::vector<std::string> words_of(const std::set<std::string>& ids) {
  return {ids.begin(), ids.end()};
}

}  // namespace

void check_cluster(const BatchOptions& options) {
  const BatchDialect& dialect = dialect_of(options.system);
  std::string problems;
  const auto add = [&](const std::string& problem) {
    problems += '\n' + dialect.name() + ": " + problem;
  };
  for (const auto& violation : options.check()) add(violation);
  for (const auto& program : dialect.programs()) {
    if (!is_in_path(program)) add("expected the command " + program + " in PATH, found none");
  }
  if (!problems.empty()) throw ClusterError(problems.substr(1));
}

std::unique_ptr<Executor> make_cluster_executor(const BatchOptions& options,
                                                const ExecutorSetup& setup,
                                                std::unique_ptr<Executor> local) {
  auto commands = std::make_unique<RealBatchCommands>(dialect_of(options.system).environment());
  return std::make_unique<BatchExecutor>(options, setup.work_folder, setup.loop, setup.program,
                                         std::move(commands), std::move(local), setup.warn);
}

BatchExecutor::BatchExecutor(const BatchOptions& options, const WorkFolder& work_folder,
                             EventLoop& loop, const std::vector<std::string>& program,
                             std::unique_ptr<BatchCommands> commands,
                             std::unique_ptr<Executor> light, Warn warn)
    : dialect_(dialect_of(options.system)),
      options_(options),
      work_folder_(work_folder),
      loop_(loop),
      light_(std::move(light)),
      warn_(std::move(warn)),
      caller_(std::move(commands), loop),
      folder_(work_folder, dialect_.folder()),
      orphans_(folder_),
      jobs_(dialect_, work_folder, folder_, orphans_, joined(program, " ")),
      queue_(
          dialect_, options_, loop, caller_,
          {[this] { return listing_need(); }, [this] { return jobs_to_list(); },
           [this](const auto& listing, auto asked) { on_listing(listing, asked); },
           [this](const Failure& failure) { finish_all(failure); }, [this] { advance(); }, warn_}),
      watcher_(dialect_, options_, work_folder, folder_, loop, caller_, jobs_, queue_,
               [this] { advance(); }),
      submitter_(dialect_, options_, work_folder, folder_, loop, caller_, orphans_, jobs_, queue_,
                 program, {[this] { on_submitted(); }, [this] { advance(); }, warn_}) {}

BatchExecutor::~BatchExecutor() {
  if (!watcher_.revenants().empty()) {
    caller_.call_and_wait(dialect_.cancel_command(words_of(watcher_.revenants())));
  }
  caller_.stop();
  if (!submitter_.is_submitting()) folder_.remove_if_empty(work_folder_.run_id());
}

bool BatchExecutor::is_clustered(Placement placement) const {
  return placement == Placement::kProcess || options_.submit_light_nodes;
}

std::optional<std::string> BatchExecutor::refusal(const Resources& needs,
                                                  Placement placement) const {
  if (is_clustered(placement)) return std::nullopt;  // the scheduler knows
  return light_->refusal(needs, placement);
}

std::uint64_t BatchExecutor::most_memory_bytes(Placement placement) const {
  return is_clustered(placement) ? options_.max_memory_bytes : light_->most_memory_bytes(placement);
}

std::optional<Slots> BatchExecutor::take(const Resources& needs, Placement placement) {
  if (!is_clustered(placement)) return light_->take(needs, placement);
  if (options_.max_jobs > 0 && taken_ >= options_.max_jobs) return std::nullopt;
  ++taken_;
  Slots slots{std::max(1, needs.cpus), needs.memory_bytes, {}};
  slots.gpu_ids.resize(static_cast<std::size_t>(std::max(0, needs.gpus)));
  std::iota(slots.gpu_ids.begin(), slots.gpu_ids.end(), 0);  // among those that it sees
  return slots;
}

void BatchExecutor::give_back(const Slots& slots, Placement placement) {
  if (!is_clustered(placement)) return light_->give_back(slots, placement);
  --taken_;
}

void BatchExecutor::start(Task task, Done done) {
  if (!is_clustered(task.placement)) return light_->start(std::move(task), std::move(done));
  submitter_.add({std::make_shared<const Task>(std::move(task)), std::move(done)});
}

void BatchExecutor::flush() {
  light_->flush();
  if (!submitter_.has_waiting()) return;
  orphans_.look();
  advance();
}

/// Takes every step that is possible now; called whenever something has changed.
void BatchExecutor::advance() {
  submitter_.submit();
  watcher_.watch();
  queue_.plan();
}

void BatchExecutor::on_submitted() {
  if (cancelled_) return cancel_all(1);
  if (stopping_) cancel_waiting();
  advance();
}

std::optional<BatchQueue::Need> BatchExecutor::listing_need() const {
  const bool orphans_wait = orphans_.are_in_doubt();
  // Nothing is submitted to a scheduler that has not answered, so it must be asked again.
  const bool tasks_wait = submitter_.has_waiting() && !queue_.is_answering();
  if (jobs_.empty() && !orphans_wait && !tasks_wait) return std::nullopt;
  return BatchQueue::Need{orphans_wait || tasks_wait || jobs_.are_in_doubt(), watcher_.since()};
}

JobTargets BatchExecutor::own_jobs() const {
  JobTargets own;
  for (const auto& [id, batch] : jobs_.batches()) {
    if (batch.job_id.empty()) {
      own.names.push_back(job_name(options_, id));
    } else {
      own.ids.insert(batch.job_id);
    }
  }
  return own;
}

JobTargets BatchExecutor::all_jobs() const {
  JobTargets all = own_jobs();
  all.ids.merge(orphans_.job_ids());
  return all;
}

JobTargets BatchExecutor::jobs_to_list() const {
  JobTargets targets = all_jobs();
  for (const auto& id : orphans_.doubtful()) targets.names.push_back(job_name(options_, id));
  return targets;
}

void BatchExecutor::on_listing(const QueueListing& listing, EventLoop::Clock::time_point asked) {
  orphans_.resolve(listing);
  submitter_.wait_again(jobs_.take_missing(listing, asked));
  watcher_.on_listing(listing, asked);
}

void BatchExecutor::finish_all(const Failure& failure) {
  submitter_.finish_waiting(failure);
  jobs_.finish_all(failure);
}

void BatchExecutor::stop_waiting() {
  light_->stop_waiting();
  stopping_ = true;
  submitter_.stop();
  watcher_.expect_cancelled();
  loop_.post([this] {
    submitter_.finish_waiting(cancelled_failure());
    if (!cancelled_) cancel_waiting();
  });
}

void BatchExecutor::cancel_waiting() {
  const JobTargets own = own_jobs();
  if (own.ids.empty()) return;
  const auto command = dialect_.cancel_command_of_waiting(words_of(own.ids));
  if (!command.empty()) return caller_.call(command, [](const CommandResult&) {});
  caller_.in_background(
      [this, own](BatchCommands& commands) { return dialect_.list(commands, own); },
      [this](const ListingAnswer& answer) {
        if (answer.listing) cancel_those_that_wait(*answer.listing);
      });
}

void BatchExecutor::cancel_those_that_wait(const QueueListing& listing) {
  std::vector<std::string> ids;
  for (const auto& [id, batch] : jobs_.batches()) {
    for (const auto& [index, job] : batch.jobs) {
      const QueuedJob* listed = listing.find(id, index);
      if (listed == nullptr || listed->phase != JobPhase::kWaiting) continue;
      ids.push_back(listed->is_array ? dialect_.element(batch.job_id, index) : batch.job_id);
    }
  }
  if (!ids.empty()) caller_.call(dialect_.cancel_command(ids), [](const CommandResult&) {});
}

void BatchExecutor::cancel() {
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

std::vector<std::vector<std::string>> BatchExecutor::cancel_commands() const {
  const JobTargets all = all_jobs();
  std::vector<std::vector<std::string>> commands;
  if (!all.ids.empty()) commands.push_back(dialect_.cancel_command(words_of(all.ids)));
  if (!all.names.empty()) commands.push_back(dialect_.cancel_command_by_name(all.names));
  return commands;
}

void BatchExecutor::cancel_all(int tries) {
  const auto commands = cancel_commands();
  const auto run_all = [this, commands](BatchCommands& scheduler) {
    std::string unanswered;
    for (const auto& command : commands) {
      const CommandResult result = scheduler.run(command);
      if (!result.ok() && dialect_.is_unanswered(result.output)) unanswered = result.output;
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
