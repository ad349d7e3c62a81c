#include "pipeline/slurm/slurm_executor.h"

#include <algorithm>
#include <numeric>
#include <system_error>

#include "pipeline/execution/local_executor.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::size_t kCommandsAtOnce = 3;
constexpr int kMostCancelTries = 5;
constexpr auto kCancelRetry = std::chrono::seconds(2);

}  // namespace

Failure cancelled_failure() {
  Failure failure;
  failure.cause = Cause::kCancelled;
  failure.message = "cancelled";
  return failure;
}

SlurmExecutor::SlurmExecutor(const SlurmOptions& options, const WorkFolder& work_folder,
                             EventLoop& loop, std::vector<std::string> program,
                             std::unique_ptr<SlurmCommands> commands,
                             std::unique_ptr<Executor> light, Warn warn)
    : options_(options),
      work_folder_(work_folder),
      loop_(loop),
      program_(std::move(program)),
      commands_(std::move(commands)),
      light_(std::move(light)),
      warn_(std::move(warn)),
      folder_(work_folder),
      array_limit_(options.max_array_size),
      room_limit_(options.max_array_size),
      threads_(kCommandsAtOnce) {}

SlurmExecutor::~SlurmExecutor() {
  if (!revenants_.empty()) {
    std::vector<std::string> command = {"scancel", "--quiet"};
    command.insert(command.end(), revenants_.begin(), revenants_.end());
    commands_->run(command);
  }
  commands_->stop();
  if (!submitting_) folder_.remove_if_empty(work_folder_.run_id());
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
  waiting_.push_back({std::make_shared<const Task>(std::move(task)), std::move(done)});
}

void SlurmExecutor::flush() {
  light_->flush();
  if (waiting_.empty()) return;
  find_orphans();
  submit_next();
}

void SlurmExecutor::run_command(std::vector<std::string> command,
                                std::function<void(const CommandResult&)> then) {
  threads_.submit([this, command = std::move(command), then = std::move(then)] {
    const CommandResult result = commands_->run(command);
    loop_.post([then, result] { then(result); });
  });
}

void SlurmExecutor::finish(const BatchId& id, int index, TaskOutcome outcome) {
  const auto batch = batches_.find(id);
  auto ended = batch->second.jobs.extract(index);
  const Waiting waiting = std::move(ended.mapped().waiting);
  keep_log(id, index, *waiting.task, outcome);
  folder_.forget_ending(id, index);
  if (batch->second.jobs.empty()) {
    if (batch->second.size > 0) finished_.emplace(id, batch->second.size);
    batches_.erase(batch);
    const bool others = std::any_of(orphans_.begin(), orphans_.end(),
                                    [&](const auto& orphan) { return orphan.second.id == id; });
    if (!others) folder_.remove(id);
  }
  no_room_ = false;
  waiting.done(*waiting.task, std::move(outcome));
}

/// Puts a job's output beside its result, or its end into its failure.
void SlurmExecutor::keep_log(const BatchId& id, int index, const Task& task,
                             TaskOutcome& outcome) const {
  const FileSystem& file_system = work_folder_.file_system();
  const fs::path log = folder_.log(id, index);
  try {
    if (auto* failure = std::get_if<Failure>(&outcome)) {
      failure->stderr_tail = tail(file_system, log);
      std::string words;
      for (const auto& word : program_) words += word + ' ';
      failure->command = "SLURM job " + batches_.at(id).job_id + '_' + std::to_string(index) +
                         ": " + words + "--run-node " + folder_.task(id, index).string();
      return;
    }
    const auto written = file_system.identify(log);
    if (written && written->size_bytes > 0 && std::get<Result>(outcome).has_folder)
      file_system.rename(log, work_folder_.nodes() / task.folder / "log.txt");
  } catch (const std::system_error&) {  // the result counts, not its log
  }
}

void SlurmExecutor::finish_waiting(const Failure& failure) {
  for (const auto& waiting : std::exchange(waiting_, {})) waiting.done(*waiting.task, failure);
}

void SlurmExecutor::finish_all(const Failure& failure) {
  finish_waiting(failure);
  while (!batches_.empty()) {
    const auto& [id, batch] = *batches_.begin();
    finish(BatchId(id), batch.jobs.begin()->first, failure);
  }
}

void SlurmExecutor::stop_waiting() {
  light_->stop_waiting();
  stopping_ = true;
  loop_.post([this] {
    finish_waiting(cancelled_failure());
    if (cancelled_) return;
    std::vector<std::string> command = {"scancel", "--quiet", "--state=PENDING"};
    for (const auto& [id, batch] : batches_) {
      if (!batch.job_id.empty()) command.push_back(batch.job_id);
    }
    if (command.size() > 3) run_command(command, [](const CommandResult&) {});
  });
}

void SlurmExecutor::cancel() {
  cancelled_ = true;
  stopping_ = true;
  light_->cancel();
  loop_.post([this] {
    finish_waiting(cancelled_failure());
    if (!submitting_) cancel_batches(1);  // else once its job is known
  });
}

std::vector<std::vector<std::string>> SlurmExecutor::scancel_commands() const {
  std::set<std::string> ids;
  std::string names;
  for (const auto& [id, batch] : batches_) {
    if (batch.job_id.empty()) {
      names += (names.empty() ? "" : ",") + job_name(options_, id);
    } else {
      ids.insert(batch.job_id);
    }
  }
  for (const auto& [key, orphan] : orphans_) ids.insert(orphan.job_id);
  std::vector<std::vector<std::string>> commands;
  if (!ids.empty()) {
    commands.push_back({"scancel", "--quiet"});
    commands.back().insert(commands.back().end(), ids.begin(), ids.end());
  }
  if (!names.empty()) commands.push_back({"scancel", "--quiet", "--name=" + names});
  return commands;
}

void SlurmExecutor::cancel_batches(int tries) {
  const auto commands = scancel_commands();
  threads_.submit([this, commands, tries] {
    std::string unanswered;
    for (const auto& command : commands) {
      const CommandResult result = commands_->run(command);
      if (!result.ok() && is_unanswered(result.output)) unanswered = result.output;
    }
    loop_.post([this, commands, tries, unanswered] {
      if (!unanswered.empty() && tries < kMostCancelTries) {
        loop_.after(kCancelRetry, [this, tries] { cancel_batches(tries + 1); });
        return;
      }
      if (!unanswered.empty()) {
        std::string ids;
        for (const auto& word : commands.front()) ids += ids.empty() ? word : ' ' + word;
        warn_("the cluster's jobs could not be cancelled (" + first_line(unanswered) +
              "); later, run: " + ids);
      }
      finish_all(cancelled_failure());
    });
  });
}

}  // namespace hypersynth::pipeline
