#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "options/compute_device.h"
#include "options/option.h"
#include "pipeline/batch/batch_options.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Who runs the steps of a workflow.
enum class ExecutorKind {
  kLocal,  ///< this machine
  // The nodes of a cluster:
  kSlurm,
  kPbs,
  kSge,
};

template <>
struct Choices<ExecutorKind> {
  static constexpr Choice<ExecutorKind> kAll[] = {{ExecutorKind::kLocal, "local"},
                                                  {ExecutorKind::kSlurm, "slurm"},
                                                  {ExecutorKind::kPbs, "pbs"},
                                                  {ExecutorKind::kSge, "sge"}};
};

/// A share of the work: part `index` (from 1) of `count`.
struct Batch {
  int index = 1;
  int count = 1;
};

/// A dataset that an option names.
struct NamedDataset {
  std::string name;
  fs::path path;  ///< as typed; empty = none
};

/// What every level is told. The options of a level derive from this; the initialisers are the
/// only defaults. Where a level has no use for one of these options it takes it all the same, so
/// that one command line or configuration file serves all levels.
struct CommonOptions {
  fs::path bids_dir;    ///< from the root on
  fs::path output_dir;  ///< from the root on

  // Which images. Empty = all.
  std::vector<std::string> participant_label;          ///< with or without "sub-"
  std::vector<std::string> exclude_participant_label;  ///< with or without "sub-"
  std::vector<std::string> session_label;              ///< with or without "ses-"
  std::vector<std::string> run_id;                     ///< by number: "1" is also "01"
  std::vector<std::string> modalities;                 ///< suffixes, in any case
  fs::path bids_filter_file;                           ///< empty = none
  fs::path bids_database_dir;                          ///< empty = nothing is kept
  bool skip_bids_validation = false;
  std::map<std::string, fs::path> derivatives;  ///< name of a dataset -> its folder
  std::optional<Batch> batch;

  // What to do.
  bool dry_run = false;
  bool json = false;  ///< of a dry run
  std::uint64_t random_seed = 0;
  std::string label_mapping;  ///< a file, or the name of a table that comes with the program

  // With what.
  ComputeDevice device;             ///< a GPU where there is one: every machine then does its best
  std::optional<int> nprocs;        ///< CPU threads and steps at a time; none = all of this process
  std::optional<int> omp_nthreads;  ///< threads of one image; none = chosen
  std::int64_t memory_limit_bytes = 0;  ///< 0 = what there is

  fs::path work_dir;  ///< empty = default_work
  /// In the output folder; that of the participant level is gone after a run without failures. A
  /// level whose own outlasts it has another name here, which it gets with its options.
  static constexpr const char* kDefaultWork = "work";
  std::string default_work = kDefaultWork;
  bool clean_workdir = false;

  // Where.
  ExecutorKind executor = ExecutorKind::kLocal;
  std::string cluster_partition;          ///< empty = the cluster's default
  std::string cluster_account;            ///< empty = the user's default
  std::vector<std::string> cluster_args;  ///< of submissions, as typed; each may hold several words
  fs::path cluster_container;             ///< image that jobs run in; empty = this program itself
  std::string sge_pe = pipeline::BatchOptions{}.parallel_environment;
  std::string sge_memory = pipeline::BatchOptions{}.memory_resource;

  /// Every step is a process of its own. Not on the command line: set for the second try of a run
  /// that a step has ended.
  bool isolate_steps = false;

  int verbosity = 0;         ///< how often -v was given
  std::string command_line;  ///< as typed, for provenance

  /// Processors to use: nprocs, or machine_processors().
  int processors() const;
  /// Threads for one image.
  int threads() const { return omp_nthreads.value_or(processors()); }

  fs::path work_folder() const { return work_dir.empty() ? output_dir / default_work : work_dir; }

  /// The cluster that runs the steps, where there is one.
  std::optional<pipeline::BatchOptions> cluster() const;

  /// Options that contradict each other, a sentence each; `only_plans`: nothing is done, only said.
  std::vector<std::string> contradictions(bool only_plans) const;
};

/// The options of every level but the two folders and those of what is printed.
void describe_common(CommonOptions& options, OptionList& list);

/// "NAME=PATH", or "PATH" whose last folder is the name; throws std::invalid_argument where there
/// is no path, or a name that no dataset may have.
NamedDataset parse_named_dataset(const std::string& word);

/// "8G", "512M", "1.5T", "4000" (megabytes) as bytes; nothing where `text` is no amount of memory.
std::optional<std::int64_t> parse_memory(const std::string& text);

/// The words of a text, without the blanks between them.
std::vector<std::string> split_words(const std::string& text);

/// "2/5", or "slurm" or "sge" for the place in the job array that this process is in; nothing where
/// it is neither.
std::optional<Batch> parse_batch(const std::string& text);

/// From the root on, without "." and "..", so that what is kept between runs finds it from
/// anywhere.
fs::path whole_path(const fs::path& path);

/// Throws std::invalid_argument with the reason where `path` is no regular file that can be read to
/// its end: a pipe or a device has none.
void require_file(const fs::path& path);

template <>
struct OptionValue<fs::path> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "PATH"; }
  static void read(const std::string& text, fs::path& path) { path = text; }
  static std::string text(const fs::path& path) { return path.string(); }
  static std::string json(const fs::path& path) { return quoted_json(path.string()); }
};

}  // namespace hypersynth
