#include "app/options.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <sched.h>
#include <sstream>

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
  return Batch{*id - environment_integer("SLURM_ARRAY_TASK_MIN").value_or(1) + 1, *count};
}

}  // namespace

int Options::processors() const {
  if (nprocs > 0) return nprocs;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  return std::max(1, CPU_COUNT(&allowed));
}

pipeline::SlurmOptions Options::slurm() const {
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

std::vector<std::string> Options::check() const {
  std::vector<std::string> problems;
  const auto complain = [&](bool problem, const std::string& text) {
    if (problem) problems.push_back(text);
  };
  complain(json && !only_plans(), "--json describes a dry run: give --dry-run as well");
  const std::string picture = graph.extension().string();
  complain(!graph.empty() && picture != ".dot" && picture != ".svg",
           "--graph: expected a file that ends in .dot or .svg, found " + graph.string());
  complain(level != Level::kParticipant && (explain || !graph.empty()),
           "--explain and --graph belong to the participant level");
  complain(reports_only && level != Level::kParticipant,
           "--reports-only belongs to the participant level");
  complain(prune && level != Level::kGroup, "--prune belongs to the group level");
  complain(batch && (batch->index < 1 || batch->index > batch->count),
           "--batch: expected i/n with i from 1 to n");
  const bool device_known = device == "auto" || device == "cpu" || device == "cuda" ||
                            (device.rfind("cuda:", 0) == 0 && parse_integer(device.substr(5)));
  complain(!device_known, "--device: expected auto, cpu, cuda or cuda:N, found " + device);
  for (const auto& [name, path] : derivatives) {
    complain(path.empty(), "--derivatives: expected NAME=PATH, found no path for '" + name + "'");
    complain(name.empty() || name == "raw" || name.find(':') != std::string::npos,
             "--derivatives: expected a name that is not 'raw' and has no colon, found '" + name +
                 "' for " + path.string());
  }
  if (executor == ExecutorKind::kSlurm) {
    for (const auto& problem : slurm().check()) complain(true, "--executor slurm: " + problem);
  }
  complain(executor == ExecutorKind::kLocal &&
               !(slurm_partition.empty() && slurm_account.empty() && slurm_args.empty()),
           "--slurm-partition, --slurm-account and --slurm-args belong to --executor slurm");
  return problems;
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

std::optional<Batch> parse_batch(const std::string& text) {
  if (text == "slurm") return slurm_batch();
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto index = parse_integer(std::string_view(text).substr(0, slash));
  const auto count = parse_integer(std::string_view(text).substr(slash + 1));
  if (!index || !count) return std::nullopt;
  return Batch{*index, *count};
}

}  // namespace hypersynth
