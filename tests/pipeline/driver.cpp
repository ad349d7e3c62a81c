// A program with nodes, as an app would have it: it serves its nodes in processes of their own, and
// runs chains of them:
//     pipeline_driver WORK_DIR JOURNAL CHAINS LENGTH SLEEP_MS {thread,process,slurm}
// Exit code: 0 all done, 1 something failed, 130 interrupted.

#include <cstdlib>
#include <iostream>

#include "pipeline/process_nodes.h"
#include "pipeline/run/interrupt.h"

int main(int argc, char** argv) {
  using namespace hypersynth::pipeline;
  if (const auto code = serve_node(argc, argv, sample_registry())) return *code;
  if (argc != 7) return 64;
  const Interrupt interrupt;
  const std::string where = argv[6];
  const auto placement = where == "thread" ? Placement::kThread : Placement::kProcess;
  const Workflow workflow = chains_workflow(std::atoi(argv[3]), std::atoi(argv[4]), argv[2],
                                            std::atoi(argv[5]), placement);
  RunOptions options = options_for(argv[1]);
  options.stop = interrupt.token();
  options.sync = false;
  if (where == "slurm") options.cluster.emplace().poll_interval = std::chrono::seconds(1);
  const RunReport report = run(workflow, options);
  for (const auto& node : report.nodes) {
    if (node.state == NodeState::kDone || report.cancelled) continue;
    std::cerr << node.node << ": " << to_string(node.state) << ": " << node.message << '\n';
  }
  std::cout << report.executed() << '\n';
  return report.cancelled ? 130 : report.ok() ? 0 : 1;
}
