#include "pipeline/run/clusters.h"

#include <type_traits>

#include "pipeline/execution/local_executor.h"
#include "pipeline/slurm/slurm_executor.h"

namespace hypersynth::pipeline {
namespace {

template <class Options>
inline constexpr bool kIsCluster = !std::is_same_v<Options, std::monostate>;

}  // namespace

void check(const Cluster& cluster) {
  std::visit(
      []<class Options>(const Options& options) {
        if constexpr (kIsCluster<Options>) check_cluster(options);
      },
      cluster);
}

std::unique_ptr<Executor> make_executor(const Cluster& cluster, const ExecutorSetup& setup) {
  std::unique_ptr<Executor> local = std::make_unique<LocalExecutor>(
      setup.work_folder, setup.memo, setup.loop, setup.limits, setup.program);
  return std::visit(
      [&]<class Options>(const Options& options) -> std::unique_ptr<Executor> {
        if constexpr (kIsCluster<Options>)
          return make_cluster_executor(options, setup, std::move(local));
        else
          return std::move(local);
      },
      cluster);
}

}  // namespace hypersynth::pipeline
