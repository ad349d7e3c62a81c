#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {

/// What a made cluster is like.
struct ClusterOptions {
  int nodes = 3;
  int cpus = 2;          ///< of a node; as many as it says, whatever the machine has
  int memory_mb = 4000;  ///< of a node
  int max_array_size = 10001;
};

/// A SLURM cluster of its own on this machine: a controller and virtual nodes with a GPU each, in a
/// temporary folder, on free ports. It ends with the object, and with the process.
class SlurmCluster {
 public:
  explicit SlurmCluster(const ClusterOptions& options = {});
  ~SlurmCluster();
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  /// Why there cannot be one here, or nothing.
  static std::optional<std::string> obstacle();

  /// Whether all nodes are idle within 30 s.
  bool is_up() const { return up_; }

  /// Calls of sbatch, squeue or scancel by this process and its children since the start, with
  /// their arguments.
  std::vector<std::string> calls(const std::string& program) const;

  /// Jobs that have not ended.
  std::vector<std::string> queue() const;

  void stop_controller() const;
  void start_controller() const;

  /// A node loses its daemon; its jobs go on, unseen.
  void stop_node(const std::string& node) const;
  void start_node(const std::string& node) const;

  const fs::path& folder() const { return folder_; }

 private:
  void write_configuration(const ClusterOptions& options) const;
  void write_counters() const;
  void start();

  TemporaryFolder temporary_;
  fs::path folder_;
  int keeper_ = -1;  ///< pipe to the process that ends the cluster when this one does
  int keeper_pid_ = -1;
  bool up_ = false;
};

/// What a shell command prints on stdout.
std::string output_of(const std::string& command);

}  // namespace hypersynth::pipeline
