#pragma once

#include <memory>
#include <variant>

#include "pipeline/slurm/slurm_options.h"

namespace hypersynth::pipeline {

class Executor;
struct ExecutorSetup;

/// The table of cluster schedulers: one of them, with its options, or none (std::monostate). To add
/// one, make a room for it beside `slurm`, with an options struct and the functions
/// `check_cluster` and `make_cluster_executor` for it, and add that struct here.
using Cluster = std::variant<std::monostate, SlurmOptions>;

/// Throws what the scheduler's own check throws, such as SlurmError, where it cannot be used at all
/// or not with these options. Without a cluster there is nothing to check.
void check(const Cluster& cluster);

/// What runs the tasks of a run: this machine, or the cluster with this machine for light tasks.
std::unique_ptr<Executor> make_executor(const Cluster& cluster, const ExecutorSetup& setup);

}  // namespace hypersynth::pipeline
