#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace hypersynth::pipeline {

/// How nodes become SLURM jobs. Nodes placed in a process of their own are submitted, equal ones as
/// one array; light nodes, placed in a thread, stay with the driver.
struct SlurmOptions {
  std::string partition;               ///< empty: the cluster's default
  std::string account;                 ///< empty: the user's default
  std::chrono::minutes time_limit{0};  ///< of one node; 0: the partition's default
  std::string gpu_resource = "gpu";    ///< what `--gres` calls a GPU, such as "gpu:a100"

  /// Added to every sbatch command; they win over what is said here.
  std::vector<std::string> sbatch_arguments;

  /// Least time between two squeue calls (at least 1 s). Results are noticed without squeue, as
  /// soon as they are in the work folder; it tells which jobs were killed or vanished.
  std::chrono::milliseconds poll_interval{10'000};

  std::string job_name = "hypersynth";  ///< what job names begin with: letters, digits, "._-"
  int max_array_size = 1000;            ///< jobs per array; cut to the cluster's MaxArraySize
  int max_jobs = 0;                     ///< submitted and not ended at a time; 0: not limited

  /// Most memory a node may ask for when it is tried again with more; 0: not limited.
  std::uint64_t max_memory_bytes = 0;

  bool submit_light_nodes = false;  ///< also nodes placed in threads: nothing runs in the driver

  /// How long the cluster may leave its commands unanswered before the nodes there count as lost.
  std::chrono::minutes patience{60};

  /// All that is wrong with these values, one sentence each.
  std::vector<std::string> check() const;
};

/// SLURM cannot be used at all, or not with these options.
class SlurmError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hypersynth::pipeline
