#include "app/participant_options.h"

#include <sstream>

namespace hypersynth {

pipeline::SlurmOptions ParticipantOptions::slurm() const {
  pipeline::SlurmOptions result;
  result.partition = slurm_partition;
  result.account = slurm_account;
  for (const auto& words : slurm_args) {
    std::istringstream stream(words);
    for (std::string word; stream >> word;) result.sbatch_arguments.push_back(word);
  }
  result.max_memory_bytes = static_cast<std::uint64_t>(memory_limit_bytes);
  return result;
}

void ParticipantOptions::describe_own(OptionList& list) {
  list.heading("What to do");
  list.add("--model", model, "another model (safetensors)")
      .value_name("FILE")
      .shown_default("the one that comes with hypersynth")
      .after_reading([this] {
        require_file(model);
        model = whole_path(model);
      });
  list.add("--fast", fast, "one pass without left-right flip averaging: half the time");
  list.add("--save-posteriors", save_posteriors,
           "also write the posterior of every structure (probseg)");
  list.add("--save-resampled", save_resampled,
           "also write the image as the network saw it (1 mm, RAS)");
  list.add("--explain", explain,
           "a dry run that says for every step whether it would run, and which of its inputs "
           "changed")
      .refused_elsewhere();
  list.add("--graph", graph,
           "write the graph of all steps with their states to a .dot or .svg file: planned with "
           "--dry-run, else what became of them")
      .value_name("FILE")
      .after_reading([this] { graph = whole_path(graph); })
      .check(
          [this] {
            return graph.empty() || graph.extension() == ".dot" || graph.extension() == ".svg";
          },
          "must end in .dot or .svg")
      .refused_elsewhere();
  list.add("--reports-only", reports_only, "write the reports again from the results that exist")
      .refused_elsewhere();
  list.add("--stop-on-first-crash", stop_on_first_crash,
           "begin nothing more after an image has failed");

  list.heading("With what");
  list.add("-w,--work-dir", work_dir,
           "folder for intermediate files; shared between runs, finished steps are not done again")
      .value_name("DIR")
      .shown_default("OUTPUT_DIR/work, gone after a run without failures")
      .after_reading([this] { work_dir = whole_path(work_dir); });
  list.add("--clean-workdir", clean_workdir,
           "remove intermediate files as soon as no step needs them any more");
  list.add("--low-mem", low_mem, "one step at a time, the network in smaller pieces");
  list.add(
      "--resource-monitor", resource_monitor,
      "write wall time, CPU time and, of steps that are processes of their own, peak memory "
      "to OUTPUT_DIR/logs/RUN_resources.tsv and .json; on a CPU every step is then a process of "
      "its own");

  list.heading("Where");
  list.add("--executor", executor,
           "local: this machine; slurm: segmentation, measures, pictures and derivatives are jobs "
           "of a SLURM cluster, equal steps as one array, and the rest runs here");
  list.add("--slurm-partition", slurm_partition, "partition for the jobs").value_name("NAME");
  list.add("--slurm-account", slurm_account, "account for the jobs").value_name("NAME");
  list.add("--slurm-args", slurm_args,
           "more arguments for sbatch, in one word: --slurm-args='-t 60 -q low'")
      .value_name("WORDS");
}

std::vector<std::string> ParticipantOptions::contradictions() const {
  auto problems = CommonOptions::contradictions(only_plans());
  if (executor == ExecutorKind::kSlurm) {
    for (const auto& problem : slurm().check()) problems.push_back("--executor slurm: " + problem);
  } else if (!(slurm_partition.empty() && slurm_account.empty() && slurm_args.empty())) {
    problems.emplace_back(
        "--slurm-partition, --slurm-account and --slurm-args belong to --executor slurm");
  }
  return problems;
}

}  // namespace hypersynth
