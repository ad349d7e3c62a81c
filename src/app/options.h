#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "pipeline/slurm/slurm_options.h"

namespace hypersynth {

namespace fs = boost::filesystem;

enum class Level { kParticipant, kGroup };

/// Who runs the steps of an image.
enum class ExecutorKind { kLocal, kSlurm };

/// A share of the work: part `index` (from 1) of `count`.
struct Batch {
  int index = 1;
  int count = 1;
};

/// Everything the command line and the configuration file can say. The initialisers are the
/// defaults.
struct Options {
  fs::path bids_dir;
  fs::path output_dir;
  Level level = Level::kParticipant;

  // Which images. Empty = all.
  std::vector<std::string> participant_label;          ///< with or without "sub-"
  std::vector<std::string> exclude_participant_label;  ///< with or without "sub-"
  std::vector<std::string> session_label;              ///< with or without "ses-"
  std::vector<std::string> run_id;
  std::vector<std::string> modalities;  ///< suffixes, any case
  fs::path bids_filter_file;
  fs::path bids_database_dir;
  bool skip_bids_validation = false;
  std::map<std::string, fs::path> derivatives;  ///< name -> folder
  std::optional<Batch> batch;

  // What to do with them.
  fs::path model;  ///< Empty = the default model that comes with the program.
  bool fast = false;
  bool save_posteriors = false;
  bool save_resampled = false;
  bool dry_run = false;
  bool json = false;
  bool explain = false;  ///< Every step, and which of its inputs changed; a dry run.
  fs::path graph;        ///< .dot or .svg; empty = none.
  bool reports_only = false;
  bool prune = false;  ///< Group level: remove the files of images that are gone.
  bool stop_on_first_crash = false;
  std::uint64_t random_seed = 0;

  // With what.
  fs::path work_dir;  ///< Empty = default_work_dir().
  bool clean_workdir = false;
  ExecutorKind executor = ExecutorKind::kLocal;
  std::string slurm_partition;
  std::string slurm_account;
  std::vector<std::string> slurm_args;  ///< For sbatch, as typed; each may hold several words.
  bool resource_monitor = false;
  std::string device = "auto";
  int nprocs = 0;        ///< CPU threads and steps at a time; 0 = the processors of this machine.
  int omp_nthreads = 0;  ///< Threads of one image's computation; 0 = nprocs.
  std::int64_t memory_limit_bytes = 0;  ///< 0 = none.
  bool low_mem = false;
  /// Every step is a process of its own. Not on the command line: set for the second try of a run
  /// that a step has ended.
  bool isolate_steps = false;

  int verbosity = 0;
  std::string command_line;  ///< As typed, for provenance.

  /// Processors to use: nprocs, or what this process may run on.
  int processors() const;
  /// Threads for one image.
  int threads() const { return omp_nthreads > 0 ? omp_nthreads : processors(); }

  /// Nothing is segmented, only said.
  bool only_plans() const { return dry_run || explain; }

  /// "work" in the output folder: gone after a run without failures.
  fs::path default_work_dir() const { return output_dir / "work"; }
  fs::path work_folder() const { return work_dir.empty() ? default_work_dir() : work_dir; }

  /// What the SLURM executor is told.
  pipeline::SlurmOptions slurm() const;

  /// Every contradiction at once, one line each; empty where there is none.
  std::vector<std::string> check() const;
};

/// "8G", "512M", "1.5T", "4000" (megabytes) as bytes; nothing where `text` is no amount of memory.
std::optional<std::int64_t> parse_memory(const std::string& text);

/// "2/5", or "slurm" for SLURM_ARRAY_TASK_ID of SLURM_ARRAY_TASK_COUNT; nothing where it is
/// neither.
std::optional<Batch> parse_batch(const std::string& text);

}  // namespace hypersynth
