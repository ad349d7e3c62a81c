#include "app/cli.h"

#include <algorithm>
#include <system_error>

#include <CLI/CLI.hpp>
#include <boost/filesystem/operations.hpp>

#include "bids/read_file.h"
#include "core/error.h"
#include "core/version.h"

namespace hypersynth {

namespace {

/// More threads than any machine has processors only fail to start.
constexpr int kMostProcessors = 4096;

/// Texts as typed, before they become options.
struct Typed {
  std::string level;
  std::string batch;
  std::string memory;
  std::string executor;
  std::vector<std::string> derivatives;
};

/// "--foo_bar=x_y" -> "--foo-bar=x_y".
std::string with_dashes(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// A file that exists and ends: not a pipe or a device.
CLI::Validator regular_file() {
  return {[](const std::string& path) {
            try {
              bids::require_regular_file(path);
              return std::string();
            } catch (const std::system_error& error) {
              return path + ": " + error.code().message();
            }
          },
          "FILE"};
}

bool is_level(const std::string& word) { return word == "participant" || word == "group"; }

/// `arguments` with BIDS_DIR, OUTPUT_DIR and the level in front, wherever they stand together: an
/// option that takes many values would take them as well.
std::vector<std::string> with_places_first(std::vector<std::string> arguments) {
  const auto is_option = [](const std::string& word) { return word.rfind('-', 0) == 0; };
  constexpr std::ptrdiff_t kPlaces = 3;
  const auto first_option = std::find_if(arguments.begin(), arguments.end(), is_option);
  const auto missing = kPlaces - (first_option - arguments.begin());
  if (missing <= 0) return arguments;
  for (auto level = arguments.end(); level != first_option;) {
    --level;
    const bool ends = level + 1 == arguments.end() || is_option(*(level + 1));
    if (!is_level(*level) || !ends || level + 1 - first_option < missing) continue;
    if (std::none_of(level + 1 - missing, level, is_option))
      std::rotate(first_option, level + 1 - missing, level + 1);
    break;
  }
  return arguments;
}

/// The name of an option or argument that was given without a word in it; empty where none was.
std::string empty_argument(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const auto& values = option->results();
    if (std::find(values.begin(), values.end(), std::string()) != values.end())
      return option->get_name();
  }
  return "";
}

void add_selection(CLI::App& app, Options& options, Typed& typed) {
  const std::string group = "Which images";
  app.add_option("--participant-label", options.participant_label,
                 "participants to process, with or without sub-")
      ->group(group);
  app.add_option("--exclude-participant-label", options.exclude_participant_label,
                 "participants to leave out")
      ->group(group);
  app.add_option("--session-label,--session-id", options.session_label,
                 "sessions to process, with or without ses-")
      ->group(group);
  app.add_option("--run-id", options.run_id, "runs to process")->group(group);
  app.add_option("-m,--modalities", options.modalities,
                 "suffixes to process: T1w T2w PDw FLAIR T2starw inplaneT1 inplaneT2 UNIT1")
      ->group(group);
  app.add_option("--bids-filter-file", options.bids_filter_file,
                 "JSON file of entity filters per modality, as fMRIPrep takes it")
      ->check(regular_file())
      ->group(group);
  app.add_option("--bids-database-dir", options.bids_database_dir,
                 "folder that keeps the dataset's index between runs")
      ->group(group);
  app.add_flag("--skip-bids-validation", options.skip_bids_validation,
               "do not report names that BIDS does not allow")
      ->group(group);
  app.add_option("-d,--derivatives", typed.derivatives,
                 "derivative datasets of other programs, NAME=PATH or PATH")
      ->group(group);
  app.add_option(
         "--batch", typed.batch,
         "process only part i of n of the participants; 'slurm' takes both from the job array")
      ->type_name("i/n")
      ->group(group);
}

void add_processing(CLI::App& app, Options& options) {
  const std::string group = "What to do";
  app.add_option("--model", options.model,
                 "model file (default: the one that comes with hypersynth)")
      ->check(regular_file())
      ->group(group);
  app.add_flag("--fast", options.fast, "one pass: no left-right flip averaging, half the time")
      ->group(group);
  app.add_flag("--save-posteriors", options.save_posteriors,
               "also write the posterior of every structure (probseg)")
      ->group(group);
  app.add_flag("--save-resampled", options.save_resampled,
               "also write the image as the network saw it (1 mm, RAS)")
      ->group(group);
  app.add_flag("--dry-run", options.dry_run, "say what would be done and why, and stop")
      ->group(group);
  app.add_flag("--json", options.json, "with --dry-run: one JSON object on stdout")->group(group);
  app.add_flag("--explain", options.explain,
               "a dry run that says for every step whether it would run and what changed")
      ->group(group);
  app.add_option("--graph", options.graph,
                 "write the graph of all steps with their states to this .dot or .svg file")
      ->group(group);
  app.add_flag("--reports-only", options.reports_only,
               "write the reports again from the results that exist")
      ->group(group);
  app.add_flag("--prune", options.prune,
               "group level: remove the files of images that are no longer in the dataset")
      ->group(group);
  app.add_flag("--stop-on-first-crash", options.stop_on_first_crash,
               "begin nothing more after an image has failed")
      ->group(group);
  app.add_option("--random-seed", options.random_seed,
                 "seed of everything random (segmentation has nothing random)")
      ->group(group);
}

void add_resources(CLI::App& app, Options& options, Typed& typed) {
  const std::string group = "With what";
  app.add_option("-w,--work-dir", options.work_dir,
                 "folder for intermediate files (default: OUTPUT_DIR/work, gone after a run "
                 "without failures); shared between runs, finished steps are not done again")
      ->group(group);
  app.add_flag("--clean-workdir", options.clean_workdir,
               "remove intermediate files as soon as nothing needs them any more")
      ->group(group);
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str()
      ->group(group);
  app.add_option("--nprocs,--nthreads,--n-cpus", options.nprocs,
                 "processors to use (default: all that this process may run on)")
      ->check(CLI::Range(1, kMostProcessors))
      ->group(group);
  app.add_option("--omp-nthreads", options.omp_nthreads, "threads for one image (default: nprocs)")
      ->check(CLI::Range(1, kMostProcessors))
      ->group(group);
  app.add_option("--mem,--mem-mb", typed.memory,
                 "memory that may be used, a cap that is kept: 8G, 512M, a bare number is "
                 "megabytes; every step is then a process of its own")
      ->group(group);
  app.add_option_function<double>(
         "--mem-gb", [&](double gigabytes) { typed.memory = std::to_string(gigabytes) + "G"; },
         "the same in gigabytes")
      ->group(group);
  app.add_flag("--low-mem", options.low_mem, "one step at a time, smaller pieces")->group(group);
  app.add_flag("--resource-monitor", options.resource_monitor,
               "write time and peak memory of every step to OUTPUT_DIR/logs; on a CPU every step "
               "is then a process of its own")
      ->group(group);
}

void add_executor(CLI::App& app, Options& options, Typed& typed) {
  const std::string group = "Where";
  app.add_option("--executor", typed.executor,
                 "local: this machine; slurm: the heavy steps are jobs of a SLURM cluster")
      ->check(CLI::IsMember({"local", "slurm"}))
      ->group(group);
  app.add_option("--slurm-partition", options.slurm_partition, "partition for the jobs")
      ->group(group);
  app.add_option("--slurm-account", options.slurm_account, "account for the jobs")->group(group);
  app.add_option("--slurm-args", options.slurm_args,
                 "more arguments for sbatch, as one word: --slurm-args='-t 60 -q low'")
      ->group(group);
}

std::vector<std::string> convert(const Typed& typed, Options& options) {
  std::vector<std::string> problems;
  if (!typed.memory.empty()) {
    const auto bytes = parse_memory(typed.memory);
    if (!bytes)
      problems.push_back("--mem: expected an amount like 8G, 512M or 4000, found " + typed.memory);
    options.memory_limit_bytes = bytes.value_or(0);
  }
  if (!typed.batch.empty()) {
    options.batch = parse_batch(typed.batch);
    if (!options.batch) {
      problems.push_back("--batch: expected i/n, or slurm inside a job array, found " +
                         typed.batch);
    }
  }
  for (const auto& entry : typed.derivatives) {
    const auto equals = entry.find('=');
    const std::string path = equals == std::string::npos ? entry : entry.substr(equals + 1);
    const std::string name = equals == std::string::npos
                                 ? fs::path(path).remove_trailing_separator().filename().string()
                                 : entry.substr(0, equals);
    if (!options.derivatives.emplace(name, path).second)
      problems.push_back("--derivatives: two datasets are named '" + name + "'");
  }
  return problems;
}

/// From the root on, without "." and "..", so that what is kept between runs finds it from
/// anywhere.
fs::path whole_path(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return whole.filename() == "." || whole.filename().empty() ? whole.parent_path() : whole;
}

CliExit usage_error(const std::string& text) {
  return {ExitCode::kUsage, "hypersynth: " + text + "\nRun hypersynth --help for the options.\n"};
}

}  // namespace

std::variant<Options, CliExit> parse_command_line(int argc, const char* const* argv) {
  Options options;
  Typed typed;
  int verbosity = 0;
  bool notrack = false;
  std::string bids_dir;
  std::string output_dir;
  CLI::App app("Segments brain MRI of any contrast and resolution: a BIDS App.", "hypersynth");
  app.add_option("bids_dir", bids_dir, "dataset with the images")->required();
  app.add_option("output_dir", output_dir, "dataset for the results; made where missing")
      ->required();
  app.add_option(
         "level", typed.level,
         "participant: segment images, one report per participant; group: tables and report")
      ->required();
  add_selection(app, options, typed);
  add_processing(app, options);
  add_resources(app, options, typed);
  add_executor(app, options, typed);
  app.add_flag("-v", verbosity, "say more; -vv even more");
  app.add_flag("--notrack", notrack, "accepted; there is no telemetry");
  app.set_version_flag("--version", "hypersynth " + std::string(version()));
  app.set_config("--config-file", "", "TOML file of options; the command line wins")
      ->check(regular_file());
  app.allow_config_extras(false);

  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    options.command_line += (i > 1 ? " " : "") + std::string(argv[i]);
    arguments.push_back(with_dashes(argv[i]));
  }
  arguments = with_places_first(std::move(arguments));
  std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 takes
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return CliExit{ExitCode::kOk, app.help()};
  } catch (const CLI::CallForVersion&) {
    return CliExit{ExitCode::kOk, "hypersynth " + std::string(version()) + "\n"};
  } catch (const CLI::RequiredError& error) {
    return usage_error(
        std::string(error.what()) +
        ": expected BIDS_DIR OUTPUT_DIR {participant,group} beside each other, as in "
        "hypersynth BIDS_DIR OUTPUT_DIR participant --fast");
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  if (const auto name = empty_argument(app); !name.empty())
    return usage_error(name + ": expected a value, found an empty one");
  options.bids_dir = whole_path(bids_dir);
  options.output_dir = whole_path(output_dir);
  for (fs::path* path : {&options.work_dir, &options.model, &options.graph})
    if (!path->empty()) *path = whole_path(*path);
  options.verbosity = verbosity;
  if (!is_level(typed.level)) {
    return CliExit{ExitCode::kBadLevel,
                   "hypersynth: expected the level participant or group, found " +
                       printable(typed.level) + "\n"};
  }
  if (typed.executor == "slurm") options.executor = ExecutorKind::kSlurm;
  options.level = typed.level == "group" ? Level::kGroup : Level::kParticipant;
  auto problems = convert(typed, options);
  for (auto& problem : options.check()) problems.push_back(std::move(problem));
  if (problems.empty()) return options;
  std::string text;
  for (const auto& problem : problems) text += (text.empty() ? "" : "\nhypersynth: ") + problem;
  return usage_error(text);
}

}  // namespace hypersynth
