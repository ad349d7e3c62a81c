#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace hypersynth::pipeline {

/// What runs the jobs of a cluster.
enum class BatchSystem { kSlurm, kPbs, kSge };

/// How nodes become jobs of a cluster. Nodes placed in a process of their own are submitted, those
/// with equal needs as one array; light nodes, placed in a thread, stay with the driver.
struct BatchOptions {
  BatchSystem system = BatchSystem::kSlurm;
  std::string partition;  ///< SLURM's word for a queue; empty: the cluster's default
  std::string account;    ///< SGE's word is project; empty: the user's default

  /// How long one job may run; 0: the cluster's default, as nobody knows here how fast its
  /// machines are.
  std::chrono::minutes time_limit{0};

  /// What the cluster calls a GPU, such as "gpu:a100" for one of that type; empty: its usual name.
  std::string gpu_resource;

  /// Of SGE: the parallel environment that gives several processors of one machine, and the
  /// resource that stands for the memory of each. Every site names them as it likes.
  std::string parallel_environment = "smp";
  std::string memory_resource = "h_vmem";

  /// Added to every submission; they win over what is said here.
  std::vector<std::string> submit_arguments;

  /// Least time between two listings of the queue, at least 1 s. It can be long: results are
  /// noticed without them, as soon as they are in the work folder, and every listing loads a server
  /// that has many users. It only tells which jobs were killed or vanished.
  std::chrono::milliseconds poll_interval{10'000};

  std::string job_name =
      "hypersynth";  ///< what job names begin with: a letter, then letters, digits, "._-"

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
  /// An hour is enough to restart a server; its jobs go on meanwhile.
  std::chrono::minutes patience{60};

  /// All that is wrong with these values, one sentence each.
  std::vector<std::string> check() const;
};

/// The cluster cannot be used at all, or not with these options.
class ClusterError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hypersynth::pipeline
