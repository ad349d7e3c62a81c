#pragma once

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// One submission of one driver, an array of jobs.
struct BatchId {
  std::string run;  ///< of the driver
  int number = 0;

  /// "<run>.<number>": what the names of its jobs end in.
  std::string text() const { return run + '.' + std::to_string(number); }
  auto operator<=>(const BatchId&) const = default;
};

/// Where drivers and their jobs meet, below a folder of the scheduler in the work folder:
///
///     <run>/<batch>/job.sh, keys     what was submitted; the cache key of every job
///     <run>/<batch>/<index>.task     what one job is to do
///     <run>/<batch>/<index>.log      its output
///     <run>/<batch>/<index>.<restart>    what it is making
///     <run>/ended/<batch>.<index>        written last: exit code and restart
class BatchFolder {
 public:
  /// What the script of a job wrote when its program had ended.
  struct Ending {
    int exit_code = 0;
    int restart = 0;
    bool was_killed() const;  ///< by SIGTERM or SIGKILL: the scheduler may know why
  };

  /// What a driver that is gone had submitted.
  struct Orphans {
    BatchId id;
    std::vector<std::pair<int, Digest>> unfinished;  ///< index and cache key
  };

  /// `name`: what the folder of the scheduler is called.
  BatchFolder(const WorkFolder& work_folder, const std::string& name);

  fs::path batch(const BatchId& id) const;
  fs::path ended(const BatchId& id, int index) const;
  fs::path task(const BatchId& id, int index) const { return file(id, index, ".task"); }
  fs::path log(const BatchId& id, int index) const { return file(id, index, ".log"); }
  fs::path attempt(const BatchId& id, int index) const { return file(id, index, ""); }
  fs::path report(const BatchId& id, int index, int restart) const {
    return file(id, index, '.' + std::to_string(restart) + ".failure");
  }

  /// Makes the folder of a batch; job i does `tasks[i]`. Throws std::system_error.
  void write(const BatchId& id, const std::vector<Task>& tasks, const std::string& script) const;

  /// Jobs of a run that have ended and were not forgotten yet: batch and index.
  std::vector<std::pair<BatchId, int>> endings(const std::string& run) const;

  /// Nothing when it is not there, or not whole yet.
  std::optional<Ending> ending(const BatchId& id, int index) const;
  void forget_ending(const BatchId& id, int index) const;

  /// The batches of drivers that are gone, those of the runs in `known` aside; adds to `known`.
  std::vector<Orphans> orphans(std::set<std::string>& known) const;

  /// Removes the folder of a batch, and that of a run that is gone with its last batch.
  void remove(const BatchId& id) const;
  void remove_if_empty(const std::string& run) const;

  /// Makes a network file system look again at what other hosts wrote.
  void refresh(const std::string& run) const;

 private:
  fs::path file(const BatchId& id, int index, const std::string& suffix) const {
    return batch(id) / (std::to_string(index) + suffix);
  }
  std::vector<int> batches(const std::string& run) const;

  const WorkFolder& work_folder_;
  const FileSystem& file_system_;
  fs::path root_;
};

}  // namespace hypersynth::pipeline
