// How long a workflow of equal nodes takes on a SLURM cluster, against the scheduler's own time for
// an array of as many empty jobs, in turn on the same cluster:
//
//     slurm_bench [NODES [REPETITIONS]]
//
// The cluster is the one that SLURM_CONF or /etc names; without one, three virtual nodes with two
// processors each are started on this machine (slurm-wlm, as root).

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "median.h"
#include "pipeline/graph/registry.h"
#include "pipeline/sample_nodes.h"
#include "pipeline/slurm_cluster.h"

namespace {

using namespace hypersynth::pipeline;
using hypersynth::median;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// From the submission of an array of empty jobs to an empty queue.
double drain_s(int jobs) {
  const auto start = Clock::now();
  const std::string id = output_of("sbatch --parsable --output=/dev/null --array=0-" +
                                   std::to_string(jobs - 1) + " --wrap=true");
  if (id.empty()) return -1;
  const std::string command = "squeue --noheader --jobs=" + id.substr(0, id.find_first_of(";\n"));
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  } while (!output_of(command).empty());
  return seconds_since(start);
}

/// A workflow of independent trivial nodes, each a job that commits its result.
double workflow_s(int nodes) {
  const TemporaryFolder folder;
  Workflow workflow("bench");
  NodeOptions node;
  node.placement = Placement::kProcess;
  for (int i = 0; i < nodes; ++i) workflow.add<Add>("node" + std::to_string(i), {i, 1}, node);
  RunOptions options = options_for(folder);
  options.cluster.emplace();
  const auto start = Clock::now();
  const RunReport report = run(workflow, options);
  return report.ok() ? seconds_since(start) : -1;
}

int measure(int nodes, int repetitions, const SlurmCluster* cluster) {
  std::vector<double> drains;
  std::vector<double> workflows;
  for (int i = 0; i < repetitions; ++i) {
    drains.push_back(drain_s(nodes));
    const std::size_t submitted = cluster != nullptr ? cluster->calls("sbatch").size() : 0;
    const std::size_t asked = cluster != nullptr ? cluster->calls("squeue").size() : 0;
    workflows.push_back(workflow_s(nodes));
    if (drains.back() < 0 || workflows.back() < 0) {
      std::fprintf(stderr, "slurm_bench: the jobs failed\n");
      return 1;
    }
    std::printf("%d jobs: scheduler alone %.2f s, workflow %.2f s", nodes, drains.back(),
                workflows.back());
    if (cluster != nullptr) {
      std::printf(", %zu sbatch, %zu squeue", cluster->calls("sbatch").size() - submitted,
                  cluster->calls("squeue").size() - asked);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  std::printf("ratio of the medians: %.2f\n", median(workflows) / median(drains));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Registry registry;
  registry.add<Add>();
  if (const auto code = serve_node(argc, argv, registry)) return *code;
  const int nodes = argc > 1 ? std::max(2, std::atoi(argv[1])) : 100;
  const int repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
  if (!output_of("sinfo --noheader").empty()) return measure(nodes, repetitions, nullptr);
  if (const auto obstacle = SlurmCluster::obstacle()) {
    std::printf("slurm_bench: skipped: %s\n", obstacle->c_str());
    return 0;
  }
  const SlurmCluster cluster;
  return cluster.is_up() ? measure(nodes, repetitions, &cluster) : 1;
}
