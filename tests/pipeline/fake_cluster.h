#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/joined.h"
#include "pipeline/batch/batch_dialect.h"
#include "pipeline/process_nodes.h"

namespace hypersynth::pipeline {

/// A cluster in this process, with the commands of one scheduler. Its jobs run when `run_job` is
/// called, or at once with `runs_at_once`.
class FakeCluster {
 public:
  struct Job {
    std::string id;
    std::string name;
    fs::path folder;
    int index = 0;
    bool is_array = true;
    std::string state = "PENDING";  ///< in SLURM's words, or the scheduler's; empty: forgotten
    std::string reason = "None";
  };

  virtual ~FakeCluster() = default;

  bool runs_at_once = true;
  std::size_t largest_array = 1000;
  std::size_t most_jobs = 1000;
  int unanswered = 0;               ///< commands that get no answer from now on
  bool accepts_unanswered = false;  ///< but are obeyed
  std::string refusal;              ///< of every submission

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
    if (silent && !accepts_unanswered) return no_answer();
    const CommandResult result = obey(words);
    return silent ? no_answer() : result;
  }

  /// Submissions so far, and the listings.
  std::vector<std::vector<std::string>> submissions() { return calls(submit_program_); }
  std::vector<std::vector<std::string>> listings() { return calls(list_program_); }

  /// What a submission was told of the jobs of its array, such as "--array=0-9".
  virtual std::string array_option(int jobs) const = 0;

  /// What a submission that finds too many jobs says.
  std::string no_room_words() const { return no_room_.substr(0, no_room_.find('\n')); }

  /// Does `action` with every job.
  void for_each(const std::function<void(Job&)>& action) {
    const std::lock_guard lock(mutex_);
    for (auto& job : jobs_) action(job);
  }

 protected:
  FakeCluster(std::string submit_program, std::string list_program)
      : submit_program_(std::move(submit_program)), list_program_(std::move(list_program)) {}

  virtual CommandResult obey(const std::vector<std::string>& words) = 0;

  /// What stands behind an option: "--name=value", or "-N value".
  static std::string option(const std::vector<std::string>& words, const std::string& name) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].rfind(name + '=', 0) == 0) return words[i].substr(name.size() + 1);
      if (words[i] == name && i + 1 < words.size()) return words[i + 1];
    }
    return "";
  }

  static bool in_queue(const Job& job) { return job.state == "PENDING" || job.state == "RUNNING"; }

  CommandResult no_answer() const { return {1, no_answer_}; }

  /// `array`: "0-9", or "1-10"; empty for a job that is none. Prints the id that `id_of` makes.
  CommandResult submit(const std::vector<std::string>& words, const std::string& array,
                       const std::string& name) {
    if (!refusal.empty()) return {1, refusal};
    std::size_t count = 1;
    if (const auto range = parse_indices(array); !range.empty())
      count = static_cast<std::size_t>(range[0].last - range[0].first) + 1;
    if (count > largest_array) return {1, too_large_};
    const auto queued = static_cast<std::size_t>(
        std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return in_queue(job); }));
    if (queued + count > most_jobs) return {1, no_room_};
    const std::string id = std::to_string(next_id_++);
    for (std::size_t i = 0; i < count; ++i) {
      jobs_.push_back(
          {id, name, fs::path(words.back()).parent_path(), static_cast<int>(i), !array.empty()});
      if (runs_at_once) run_job(jobs_.back());
    }
    return {0, id};
  }

  void cancel(const std::function<bool(const Job&)>& which) {
    for (auto& job : jobs_) {
      if (in_queue(job) && which(job)) job.state = "CANCELLED";
    }
  }

  static bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  std::string no_answer_;
  std::string too_large_;
  std::string no_room_;
  std::vector<Job> jobs_;

 private:
  /// Calls of one command so far.
  std::vector<std::vector<std::string>> calls(const std::string& program) {
    const std::lock_guard lock(mutex_);
    std::vector<std::vector<std::string>> found;
    for (const auto& words : commands_) {
      if (words[0] == program) found.push_back(words);
    }
    return found;
  }

  std::string submit_program_;
  std::string list_program_;
  std::mutex mutex_;
  std::vector<std::vector<std::string>> commands_;
  int next_id_ = 1;
};

class FakeSlurm final : public FakeCluster {
 public:
  FakeSlurm() : FakeCluster("sbatch", "squeue") {
    no_answer_ = "error: Unable to contact slurm controller (connect failure)\n";
    too_large_ = "sbatch: error: Batch job submission failed: Invalid job array specification\n";
    no_room_ = "sbatch: error: QOSMaxSubmitJobPerUserLimit\n";
  }

  std::string array_option(int jobs) const override {
    return "--array=0-" + std::to_string(jobs - 1);
  }

 private:
  CommandResult obey(const std::vector<std::string>& words) override {
    if (words[0] == "squeue") return squeue();
    if (words[0] == "scancel") return scancel(words);
    return submit(words, option(words, "--array"), option(words, "--job-name"));
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
    cancel([&](const Job& job) {
      const bool named =
          contains(words, job.id) || (!names.empty() && names.find(job.name) != std::string::npos);
      return named && (!waiting_only || job.state == "PENDING");
    });
    return {0, ""};
  }
};

/// PBS, with or without a history of jobs that have ended.
class FakePbs final : public FakeCluster {
 public:
  explicit FakePbs(bool has_history = true)
      : FakeCluster("qsub", "qstat"), has_history_(has_history) {
    no_answer_ = "Connection refused\nqstat: cannot connect to server pbs (errno=15010)\n";
    too_large_ = "qsub: Array job exceeds server or queue size limit\n";
    no_room_ = "qsub: would exceed complex's per-user limit\n";
  }

  std::string array_option(int jobs) const override { return "0-" + std::to_string(jobs - 1); }

 private:
  static std::string id_of(const Job& job) { return job.id + (job.is_array ? "[].pbs" : ".pbs"); }
  static std::string element_of(const Job& job) {
    return job.id + (job.is_array ? '[' + std::to_string(job.index) + "].pbs" : ".pbs");
  }

  CommandResult obey(const std::vector<std::string>& words) override {
    if (words[0] == "qselect") return qselect(words[2]);
    if (words[0] == "qstat") return qstat(words);
    if (words[0] == "sh") {  // deletes by name
      cancel([&](const Job& job) { return contains(words, job.name); });
      return {0, ""};
    }
    if (words[0] == "qdel") {
      cancel([&](const Job& job) {
        return contains(words, id_of(job)) || contains(words, element_of(job));
      });
      return {0, ""};
    }
    if (option(words, "-J") == "0-0") return {1, "qsub: illegal -J value\n"};
    CommandResult result = submit(words, option(words, "-J"), option(words, "-N"));
    if (result.ok()) result.output = id_of(jobs_.back()) + '\n';
    return result;
  }

  CommandResult qselect(const std::string& name) const {
    std::set<std::string> ids;
    for (const auto& job : jobs_) {
      if (job.name == name && in_queue(job)) ids.insert(id_of(job));
    }
    return {0, joined(ids, "\n") + '\n'};
  }

  CommandResult qstat(const std::vector<std::string>& words) const {
    if (!has_history_ && contains(words, "-x"))
      return {1, "qstat: PBS is not configured to maintain job history\n"};
    std::string text;
    std::string errors;
    for (std::size_t i = words[1] == "-x" ? 6 : 5; i < words.size(); ++i) {
      const std::string lines = lines_of(words[i]);
      (lines.empty() ? errors : text) +=
          lines.empty() ? "qstat: Unknown Job Id " + words[i] + '\n' : lines;
    }
    return {errors.empty() ? 0 : 153, errors + text};
  }

  /// Where there is no history, jobs that have ended are known until the last of their array has.
  std::string lines_of(const std::string& id) const {
    std::string lines;
    bool any_in_queue = has_history_;
    for (const auto& job : jobs_) {
      if (id_of(job) != id || job.state.empty()) continue;
      any_in_queue = any_in_queue || in_queue(job) || job.state == "HELD";
      if (lines.empty() && job.is_array)
        lines = "Job Id: " + id + "|Job_Name=" + job.name + "|job_state=B|array=True\n";
      lines += "Job Id: " + element_of(job) + "|Job_Name=" + job.name + '|' + state_of(job) + '\n';
    }
    return any_in_queue ? lines : "";
  }

  static std::string state_of(const Job& job) {
    if (job.state == "PENDING") return "job_state=Q|comment=Not Running: Job is \\| waiting";
    if (job.state == "RUNNING") return "job_state=R";
    if (job.state == "HELD") return "job_state=H|comment=job held, too many failed attempts to run";
    const std::string exit_status = job.state == "COMPLETED"   ? "0"
                                    : job.state == "FAILED"    ? "1"
                                    : job.state == "CANCELLED" ? "271"
                                                               : job.state;
    return "job_state=X|Exit_status=" + exit_status;
  }

  bool has_history_;
};

class FakeSge final : public FakeCluster {
 public:
  FakeSge() : FakeCluster("qsub", "qstat") {
    no_answer_ = "error: commlib error: got select error (Connection refused)\n";
    too_large_ =
        "Unable to run job: job rejected: you tried to submit a job with more than 30 tasks\n";
    no_room_ = "Unable to run job: job rejected: only 7 jobs are allowed per user\nExiting.\n";
  }

  std::string array_option(int jobs) const override { return "1-" + std::to_string(jobs); }

 private:
  static std::string task_of(const Job& job) { return std::to_string(job.index + 1); }

  CommandResult obey(const std::vector<std::string>& words) override {
    if (words[0] == "qstat") return {0, listing()};
    if (words[0] == "qdel") {
      cancel([&](const Job& job) {
        return contains(words, job.id) || contains(words, job.id + '.' + task_of(job)) ||
               contains(words, job.name);
      });
      return {0, ""};
    }
    CommandResult result = submit(words, option(words, "-t"), option(words, "-N"));
    if (result.ok()) result.output += '.' + option(words, "-t") + ":1\n";
    return result;
  }

  std::string listing() const {
    std::string running;
    std::string waiting;
    for (const auto& job : jobs_) {
      if (job.state == "RUNNING") running += element(job, "r");
      if (job.state == "PENDING") waiting += element(job, "qw");
      if (job.state == "HELD") waiting += element(job, "Eqw");
    }
    return "<?xml version='1.0'?>\n<job_info>\n<queue_info>\n" + running +
           "</queue_info>\n<job_info>\n" + waiting + "</job_info>\n</job_info>\n";
  }

  static std::string element(const Job& job, const std::string& state) {
    return "<job_list><JB_job_number>" + job.id + "</JB_job_number><JB_name>" +
           job.name.substr(0, 10) + "</JB_name><state>" + state + "</state><tasks>" + task_of(job) +
           "</tasks><full_job_name>" + job.name + "</full_job_name></job_list>\n";
  }
};

inline std::unique_ptr<FakeCluster> make_fake_cluster(BatchSystem system) {
  switch (system) {
    case BatchSystem::kSlurm:
      return std::make_unique<FakeSlurm>();
    case BatchSystem::kPbs:
      return std::make_unique<FakePbs>();
    case BatchSystem::kSge:
      return std::make_unique<FakeSge>();
  }
  return nullptr;
}

/// The commands of a FakeCluster, which outlives drivers.
class FakeCommands final : public BatchCommands {
 public:
  explicit FakeCommands(FakeCluster& cluster) : cluster_(cluster) {}
  CommandResult run(const std::vector<std::string>& arguments) override {
    return cluster_.run(arguments);
  }

 private:
  FakeCluster& cluster_;
};

}  // namespace hypersynth::pipeline
