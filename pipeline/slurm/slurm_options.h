#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace hypersynth::pipeline {

/// How nodes become SLURM jobs. Nodes placed in a process of their own are submitted, those with
/// equal needs as one array; light nodes, placed in a thread, stay with the driver.
struct SlurmOptions {
  std::string partition;  ///< empty: the cluster's default
  std::string account;    ///< empty: the user's default

  /// How long one job may run; 0: the partition's default, as nobody knows here how fast its
  /// machines are.
  std::chrono::minutes time_limit{0};

  /// What `--gres` calls a GPU: "gpu" is any, "gpu:a100" one of that type.
  std::string gpu_resource = "gpu";

  /// Added to every sbatch command; they win over what is said here.
  std::vector<std::string> sbatch_arguments;

  /// Least time between two squeue calls, at least 1 s. It can be long: results are noticed without
  /// squeue, as soon as they are in the work folder, and every call loads a controller that serves
  /// many users. squeue only tells which jobs were killed or vanished.
  std::chrono::milliseconds poll_interval{10'000};

  std::string job_name = "hypersynth";  ///< what job names begin with: letters, digits, "._-"

  /// Jobs per array. SLURM's own default for MaxArraySize is 1001; a cluster that takes less is
  /// noticed, and gets smaller arrays.
  int max_array_size = 1000;

  /// Jobs that are submitted and have not ended at any time; 0: as many as the cluster takes.
  int max_jobs = 0;

  /// The most memory that a node may ask for when it is tried again with more; 0: not limited, the
  /// cluster refuses what no machine has.
  std::uint64_t max_memory_bytes = 0;

  /// Submits also nodes placed in threads, so that nothing runs in the driver: for clusters that
  /// forbid work on the machine where the driver is. Otherwise that costs more than it gives, since
  /// starting a job takes longer than a light node.
  bool submit_light_nodes = false;

  /// How long the cluster may leave its commands unanswered before the nodes there count as lost.
  /// An hour is enough to restart a controller; its jobs go on meanwhile.
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
