#pragma once

#include <string>
#include <vector>

#include "app/common_options.h"
#include "pipeline/slurm/slurm_options.h"

namespace hypersynth {

/// Who runs the steps of an image.
enum class ExecutorKind {
  kLocal,  ///< this machine
  kSlurm,  ///< the nodes of a SLURM cluster
};

template <>
struct Choices<ExecutorKind> {
  static constexpr Choice<ExecutorKind> kAll[] = {{ExecutorKind::kLocal, "local"},
                                                  {ExecutorKind::kSlurm, "slurm"}};
};

/// What the participant level is told. The initialisers are the only defaults.
struct ParticipantOptions : CommonOptions {
  // What to do.
  fs::path model;     ///< empty = the default model that comes with the program
  bool fast = false;  ///< half the time, a little less accurate
  bool save_posteriors = false;
  bool save_resampled = false;
  bool explain = false;  ///< every step, and which of its inputs changed; a dry run
  fs::path graph;        ///< .dot or .svg; empty = none
  bool reports_only = false;
  bool stop_on_first_crash = false;  ///< off: one broken image costs no other its result

  // With what.
  fs::path work_dir;  ///< empty = default_work_dir()
  bool clean_workdir = false;
  bool low_mem = false;
  bool resource_monitor = false;

  // Where.
  ExecutorKind executor = ExecutorKind::kLocal;
  std::string slurm_partition;          ///< empty = the cluster's default
  std::string slurm_account;            ///< empty = the user's default
  std::vector<std::string> slurm_args;  ///< for sbatch, as typed; each may hold several words

  /// Every step is a process of its own. Not on the command line: set for the second try of a run
  /// that a step has ended.
  bool isolate_steps = false;

  /// Nothing is segmented, only said.
  bool only_plans() const { return dry_run || explain; }

  /// "work" in the output folder: gone after a run without failures.
  fs::path default_work_dir() const { return output_dir / "work"; }
  fs::path work_folder() const { return work_dir.empty() ? default_work_dir() : work_dir; }

  /// What the SLURM executor is told.
  pipeline::SlurmOptions slurm() const;

  /// Describes what this level has besides the common options.
  void describe_own(OptionList& list);
  /// Options that contradict each other, a sentence each.
  std::vector<std::string> contradictions() const;
};

}  // namespace hypersynth
