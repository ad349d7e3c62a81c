#include "app/processors.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <utility>

#include "app/control_groups.h"

namespace hypersynth {
namespace {

namespace fs = boost::filesystem;

/// Time of processors that a group may use in each period, both in microseconds; no quota: 0.
struct Quota {
  double quota = 0, period = 0;
};

/// Variables of a cluster's jobs: one that only a job has, and one with its processors.
constexpr std::pair<const char*, const char*> kJobVariables[] = {
    {"SLURM_JOB_ID", "SLURM_CPUS_PER_TASK"}, {"PBS_JOBID", "NCPUS"}, {"JOB_ID", "NSLOTS"}};

Quota quota_of(const ControlGroup& group) {
  Quota quota;
  if (group.version == 2) {
    // "max 100000" stays at 0.
    std::ifstream((group.folder / "cpu.max").string()) >> quota.quota >> quota.period;
  } else {
    std::ifstream((group.folder / "cpu.cfs_quota_us").string()) >> quota.quota;  // -1: none
    std::ifstream((group.folder / "cpu.cfs_period_us").string()) >> quota.period;
  }
  return quota;
}

}  // namespace

int machine_processors(const fs::path& root) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  int processors = known ? CPU_COUNT(&allowed) : 1;
  for (const auto& group : own_control_groups("cpu", root)) {
    const auto [quota, period] = quota_of(group);
    if (quota > 0 && period > 0)
      processors = std::min(processors, static_cast<int>(std::ceil(quota / period)));
  }
  for (const auto& [job, given] : kJobVariables) {
    const char* text = std::getenv(given);
    if (text != nullptr && std::getenv(job) != nullptr && std::atoi(text) > 0)
      processors = std::min(processors, std::atoi(text));
  }
  return std::max(1, processors);
}

}  // namespace hypersynth
