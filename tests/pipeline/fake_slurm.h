#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/process_nodes.h"
#include "pipeline/slurm/slurm_commands.h"

namespace hypersynth::pipeline {

/// A cluster in this process. Its jobs run when `run_job` is called, or at once with
/// `runs_at_once`.
class FakeSlurm {
 public:
  struct Job {
    std::string id;
    std::string name;
    fs::path folder;
    int index = 0;
    std::string state = "PENDING";
    std::string reason = "None";
  };

  bool runs_at_once = true;
  std::size_t largest_array = 1000;
  std::size_t most_jobs = 1000;
  int unanswered = 0;               ///< commands that get no answer from now on
  bool accepts_unanswered = false;  ///< but are obeyed
  std::string refusal;              ///< of every sbatch

  /// Runs one job as its script would.
  void run_job(Job& job) {
    const std::string index = std::to_string(job.index);
    const std::string task = (job.folder / (index + ".task")).string();
    const char* arguments[] = {"job", "--run-node", task.c_str(), "--restart", "0"};
    const int code = serve_node(5, arguments, sample_registry()).value();
    end_script(job, code);
    job.state = code == 0 ? "COMPLETED" : "FAILED";
  }

  /// Writes what the script of a job writes last.
  static void end_script(const Job& job, int code) {
    const fs::path ended = job.folder.parent_path() / "ended" /
                           (job.folder.filename().string() + '.' + std::to_string(job.index));
    write_text(ended, std::to_string(code) + " 0\n");
  }

  CommandResult run(const std::vector<std::string>& words) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(words);
    const bool silent = unanswered > 0 && unanswered-- > 0;
    if (silent && !accepts_unanswered) return no_answer(words[0]);
    CommandResult result = words[0] == "sbatch"   ? sbatch(words)
                           : words[0] == "squeue" ? squeue()
                                                  : scancel(words);
    return silent ? no_answer(words[0]) : result;
  }

  /// Calls of one command so far.
  std::vector<std::vector<std::string>> calls(const std::string& program) {
    const std::lock_guard lock(mutex_);
    std::vector<std::vector<std::string>> found;
    for (const auto& words : commands_) {
      if (words[0] == program) found.push_back(words);
    }
    return found;
  }

  /// Does `action` with every job.
  void for_each(const std::function<void(Job&)>& action) {
    const std::lock_guard lock(mutex_);
    for (auto& job : jobs_) action(job);
  }

 private:
  static CommandResult no_answer(const std::string& program) {
    return {1, program + ": error: Unable to contact slurm controller (connect failure)\n"};
  }

  static std::string option(const std::vector<std::string>& words, const std::string& name) {
    for (const auto& word : words) {
      if (word.rfind(name + '=', 0) == 0) return word.substr(name.size() + 1);
    }
    return "";
  }

  bool in_queue(const Job& job) const { return job.state == "PENDING" || job.state == "RUNNING"; }

  CommandResult sbatch(const std::vector<std::string>& words) {
    if (!refusal.empty()) return {1, refusal};
    const std::string array = option(words, "--array");
    const std::size_t count = array.empty() ? 1 : std::stoul(array.substr(2)) + 1;
    if (count > largest_array)
      return {1, "sbatch: error: Batch job submission failed: Invalid job array specification\n"};
    const auto queued = static_cast<std::size_t>(
        std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return in_queue(job); }));
    if (queued + count > most_jobs) return {1, "sbatch: error: QOSMaxSubmitJobPerUserLimit\n"};
    const std::string id = std::to_string(next_id_++);
    for (std::size_t i = 0; i < count; ++i) {
      jobs_.push_back({id, option(words, "--job-name"), fs::path(words.back()).parent_path(),
                       static_cast<int>(i)});
      if (runs_at_once) run_job(jobs_.back());
    }
    return {0, id + '\n'};
  }

  CommandResult squeue() const {
    std::string text;
    for (const auto& job : jobs_) {
      if (job.state.empty()) continue;
      text += job.id + '|' + std::to_string(job.index) + '|' + job.state + '|' + job.reason + '|' +
              job.name + '\n';
    }
    return {0, text};
  }

  CommandResult scancel(const std::vector<std::string>& words) {
    const bool waiting_only = option(words, "--state") == "PENDING";
    const std::string names = option(words, "--name");
    for (auto& job : jobs_) {
      const bool named = std::find(words.begin(), words.end(), job.id) != words.end() ||
                         (!names.empty() && names.find(job.name) != std::string::npos);
      if (named && in_queue(job) && (!waiting_only || job.state == "PENDING"))
        job.state = "CANCELLED";
    }
    return {0, ""};
  }

  std::mutex mutex_;
  std::vector<std::vector<std::string>> commands_;
  std::vector<Job> jobs_;
  int next_id_ = 1;
};

/// The commands of a FakeSlurm, which outlives drivers.
class FakeSlurmCommands final : public SlurmCommands {
 public:
  explicit FakeSlurmCommands(FakeSlurm& slurm) : slurm_(slurm) {}
  CommandResult run(const std::vector<std::string>& arguments) override {
    return slurm_.run(arguments);
  }

 private:
  FakeSlurm& slurm_;
};

}  // namespace hypersynth::pipeline
