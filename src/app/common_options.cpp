#include "app/common_options.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "app/processors.h"
#include "bids/read_file.h"

namespace hypersynth {

namespace {

std::optional<int> parse_integer(std::string_view text) {
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> environment_integer(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : parse_integer(text);
}

std::optional<Batch> slurm_batch() {
  const auto id = environment_integer("SLURM_ARRAY_TASK_ID");
  const auto count = environment_integer("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count) return std::nullopt;
  const int first = environment_integer("SLURM_ARRAY_TASK_MIN").value_or(1);
  const int last = environment_integer("SLURM_ARRAY_TASK_MAX").value_or(first + *count - 1);
  if (last - first + 1 != *count || *id > last)
    throw std::invalid_argument("expected a job array without gaps, as --array=1-20, found " +
                                std::to_string(*count) + " elements from " + std::to_string(first) +
                                " to " + std::to_string(std::max(*id, last)) +
                                "; submit the whole array again: what is finished is skipped");
  return Batch{*id - first + 1, *count};
}

/// The tasks of SGE are those from FIRST to LAST in steps.
std::optional<Batch> sge_batch() {
  const auto id = environment_integer("SGE_TASK_ID");
  const auto first = environment_integer("SGE_TASK_FIRST");
  const auto last = environment_integer("SGE_TASK_LAST");
  const int step = environment_integer("SGE_TASK_STEPSIZE").value_or(1);
  if (!id || !first || !last || step < 1) return std::nullopt;
  return Batch{(*id - *first) / step + 1, (*last - *first) / step + 1};
}

void read_derivative(const std::string& word, std::map<std::string, fs::path>& derivatives) {
  const NamedDataset dataset = parse_named_dataset(word);
  if (!derivatives.emplace(dataset.name, dataset.path).second)
    throw std::invalid_argument("two datasets are named '" + dataset.name + "'");
}

void read_batch(const std::string& word, std::optional<Batch>& batch) {
  if (word == "pbs") {
    throw std::invalid_argument(
        "PBS does not say how many jobs an array has: expected $PBS_ARRAY_INDEX/n, found pbs");
  }
  batch = parse_batch(word);
  if (!batch) {
    throw std::invalid_argument("expected i/n, or slurm or sge inside a job array, found " + word);
  }
  if (batch->index < 1 || batch->index > batch->count)
    throw std::invalid_argument("expected i/n with i from 1 to n");
}

void describe_selection(CommonOptions& options, OptionList& list) {
  list.heading("Which images");
  list.add("--participant-label", options.participant_label,
           "only these participants, with or without sub-; a label that the dataset lacks is an "
           "error")
      .value_name("LABEL");
  list.add("--exclude-participant-label", options.exclude_participant_label,
           "not these; a label that the dataset lacks is an error")
      .value_name("LABEL");
  list.add("--session-label,--session-id", options.session_label,
           "only these sessions, with or without ses-; images without a session are left out. One "
           "that the dataset lacks is an issue, none that it has is exit code 18")
      .value_name("LABEL");
  list.add("--run-id", options.run_id, "only these runs, by number: 1 is also run-01")
      .value_name("RUN");
  list.add("-m,--modalities", options.modalities,
           "only these suffixes, in any case: T1w T2w PDw FLAIR T2starw inplaneT1 inplaneT2 UNIT1")
      .value_name("SUFFIX");
  list.add("--bids-filter-file", options.bids_filter_file,
           "JSON filters per modality, as fMRIPrep takes them")
      .value_name("FILE")
      .after_reading([&options] { require_file(options.bids_filter_file); });
  list.add("--bids-database-dir", options.bids_database_dir,
           "keep the listing of the dataset's folders here between runs")
      .value_name("DIR");
  list.add("--skip-bids-validation", options.skip_bids_validation,
           "do not report names that BIDS does not allow, nor what is left out for them");
  list.add_parsed(
      "-d,--derivatives", OptionKind::kList, "NAME=PATH",
      "derivative datasets of other programs; PATH alone takes the folder's name",
      [&options](const std::string& word) { read_derivative(word, options.derivatives); });
  list.add_parsed(
      "--batch", OptionKind::kValue, "i/n",
      "only part i of n of the participants; 'slurm' and 'sge' take both from the job array",
      [&options](const std::string& word) { read_batch(word, options.batch); });
}

/// More threads than any machine has processors only fail to start.
constexpr int kMostProcessors = 4096;

void describe_resources(CommonOptions& options, OptionList& list) {
  list.heading("With what");
  list.add("--device", options.device,
           "auto (the GPUs where there are any, otherwise the CPU; also where a GPU's memory does "
           "not suffice), cpu, cuda (all GPUs), cuda:N, or several as in cuda:0,2");
  list.add("--nprocs,--nthreads,--n-cpus", options.nprocs, "processors to use")
      .range(Range::whole(1, kMostProcessors))
      .shown_default("all that the process may use");
  list.add("--omp-nthreads", options.omp_nthreads, "threads for one image")
      .range(Range::whole(1, kMostProcessors))
      .shown_default(
          "as many as --nprocs; with 16 processors and more at least 8, so that several images "
          "share them; cluster jobs: 4");
  const auto read_memory = [&options](const std::string& typed, const std::string& amount) {
    const auto bytes = parse_memory(amount);
    if (!bytes)
      throw std::invalid_argument("expected an amount like 8G, 512M or 4000, found " + typed);
    options.memory_limit_bytes = *bytes;
  };
  list.add_parsed("--mem,--mem-mb", OptionKind::kValue, "AMOUNT",
                  "memory that may be used, such as 8G or 512M; a bare number is megabytes. A cap "
                  "that is kept: every step is then a process of its own",
                  [read_memory](const std::string& word) { read_memory(word, word); })
      .shown_default("what there is");
  list.add_parsed("--mem-gb", OptionKind::kValue, "NUMBER", "the same in gigabytes",
                  [read_memory](const std::string& word) {
                    double gigabytes = 0;
                    OptionValue<double>::read(word, gigabytes);
                    read_memory(word, std::to_string(gigabytes) + "G");
                  });
  list.add("-w,--work-dir", options.work_dir,
           "folder for intermediate files; shared between runs, finished steps are not done again")
      .value_name("DIR")
      .shown_default(
          "OUTPUT_DIR/work, gone after a run without failures; learn: OUTPUT_DIR/work-learn, "
          "which stays")
      .after_reading([&options] { options.work_dir = whole_path(options.work_dir); });
  list.add("--clean-workdir", options.clean_workdir,
           "remove intermediate files as soon as no step needs them any more");

  list.heading("Where");
  list.add("--executor", options.executor,
           "local: this machine; otherwise the steps that compute are jobs of a cluster, equal "
           "steps as one array, and the rest runs here. slurm: SLURM; pbs: PBS Professional or "
           "OpenPBS; sge: Grid Engine");
  list.add("--cluster-partition", options.cluster_partition,
           "partition (SLURM) or queue (PBS, SGE) for the jobs")
      .value_name("NAME");
  list.add("--cluster-account", options.cluster_account,
           "account (SLURM, PBS) or project (SGE) for the jobs")
      .value_name("NAME");
  list.add("--cluster-args", options.cluster_args,
           "more arguments for sbatch or qsub, in one word: --cluster-args='-t 60 -q low'")
      .value_name("WORDS");
  list.add("--sge-pe", options.sge_pe,
           "parallel environment of SGE that gives several processors of one machine")
      .value_name("NAME");
  list.add("--sge-memory", options.sge_memory,
           "resource of SGE that stands for the memory of each processor")
      .value_name("NAME");
  list.add(
          "--cluster-container", options.cluster_container,
          "Apptainer image with the same version of hypersynth, on a disk that all nodes see: jobs "
          "run in it")
      .value_name("IMAGE")
      .after_reading(
          [&options] { options.cluster_container = whole_path(options.cluster_container); });
}

}  // namespace

int CommonOptions::processors() const { return nprocs ? *nprocs : machine_processors(); }

std::optional<pipeline::BatchOptions> CommonOptions::cluster() const {
  if (executor == ExecutorKind::kLocal) return std::nullopt;
  pipeline::BatchOptions result;
  if (executor == ExecutorKind::kPbs) result.system = pipeline::BatchSystem::kPbs;
  if (executor == ExecutorKind::kSge) result.system = pipeline::BatchSystem::kSge;
  result.partition = cluster_partition;
  result.account = cluster_account;
  result.parallel_environment = sge_pe;
  result.memory_resource = sge_memory;
  for (const auto& words : cluster_args) {
    for (auto& word : split_words(words)) result.submit_arguments.push_back(std::move(word));
  }
  result.max_memory_bytes = static_cast<std::uint64_t>(memory_limit_bytes);
  return result;
}

std::vector<std::string> CommonOptions::contradictions(bool only_plans) const {
  std::vector<std::string> problems;
  if (json && !only_plans)
    problems.emplace_back("--json describes a dry run: give --dry-run as well");
  if (const auto batch_options = cluster()) {
    for (const auto& problem : batch_options->check()) problems.push_back("--executor: " + problem);
  } else if (!(cluster_partition.empty() && cluster_account.empty() && cluster_args.empty() &&
               cluster_container.empty())) {
    problems.emplace_back(
        "--cluster-partition, --cluster-account, --cluster-args and --cluster-container belong to "
        "--executor slurm, pbs or sge");
  }
  return problems;
}

void describe_common(CommonOptions& options, OptionList& list) {
  describe_selection(options, list);
  list.heading("What to do");
  list.add("--dry-run", options.dry_run, "say what would be done and why, and stop");
  list.add("--json", options.json, "with --dry-run: one JSON object on standard output");
  list.add("--random-seed", options.random_seed,
           "seed of everything random; segmentation itself is deterministic");
  list.add("--label-mapping", options.label_mapping,
           "translates the labels of --reference and --labels: table with the columns index (their "
           "label) and mapping (label of the segmentation, n/a: ignored), or the name of one that "
           "comes with hypersynth: neuromorphometrics")
      .value_name("TSV|NAME");
  describe_resources(options, list);
}

NamedDataset parse_named_dataset(const std::string& word) {
  const auto equals = word.find('=');
  const std::string path = equals == std::string::npos ? word : word.substr(equals + 1);
  const std::string name = equals == std::string::npos
                               ? fs::path(path).remove_trailing_separator().filename().string()
                               : word.substr(0, equals);
  if (path.empty())
    throw std::invalid_argument("expected NAME=PATH, found no path for '" + name + "'");
  if (name.empty() || name == "raw" || name.find(':') != std::string::npos) {
    throw std::invalid_argument("expected a name that is not 'raw' and has no colon, found '" +
                                name + "' for " + path);
  }
  return {name, path};
}

std::optional<std::int64_t> parse_memory(const std::string& text) {
  char* end = nullptr;
  const double amount = std::strtod(text.c_str(), &end);
  std::string unit = end;
  if (end == text.c_str() || !(amount > 0) || !std::isfinite(amount)) return std::nullopt;
  if (unit.size() == 2 && (unit[1] == 'B' || unit[1] == 'b')) unit.pop_back();
  if (unit.empty()) unit = "M";
  const std::string units = "KMGT";
  const auto power =
      unit.size() == 1 ? units.find(static_cast<char>(std::toupper(unit[0]))) : std::string::npos;
  if (power == std::string::npos) return std::nullopt;
  const double bytes = amount * std::pow(1024.0, static_cast<double>(power + 1));
  if (bytes < 1 || bytes >= 1e15) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::optional<Batch> parse_batch(const std::string& text) {
  if (text == "slurm") return slurm_batch();
  if (text == "sge") return sge_batch();
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto index = parse_integer(std::string_view(text).substr(0, slash));
  const auto count = parse_integer(std::string_view(text).substr(slash + 1));
  if (!index || !count) return std::nullopt;
  return Batch{*index, *count};
}

fs::path whole_path(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return whole.filename() == "." || whole.filename().empty() ? whole.parent_path() : whole;
}

void require_file(const fs::path& path) {
  try {
    bids::require_regular_file(path);
  } catch (const std::system_error& error) {
    throw std::invalid_argument(path.string() + ": " + error.code().message());
  }
}

}  // namespace hypersynth
