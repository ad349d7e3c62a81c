// The workflow engine beside its peers, in one run: ninja, and Nipype where Debian's python3-nipype
// is installed. Figures are medians of alternating runs; compare ratios, not times of two runs, and
// CPU time (children included) where the machine is shared.
//
//   pipeline_bench [--quick] [processes | threads | cached | nipype]...

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <boost/filesystem.hpp>
#include <sys/resource.h>
#include <sys/wait.h>

#include "median.h"
#include "pipeline/graph/registry.h"
#include "pipeline/run/run.h"

namespace {

using namespace hypersynth::pipeline;
using hypersynth::median;

/// Copies a file, or makes an empty one: next to nothing to do.
struct Copy {
  struct Inputs {
    std::optional<fs::path> file;
    std::string name;
  };
  struct Outputs {
    fs::path file;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file}, Port{"name", &Inputs::name}};
  static constexpr std::tuple outputs{Port{"file", &Outputs::file}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext& context) const {
    const fs::path out = context.work_dir() / "copy";
    std::ofstream stream(out.string());
    if (in.file) stream << std::ifstream(in.file->string()).rdbuf();
    stream << in.name;
    return {out};
  }
};

/// The same without files.
struct Increment {
  struct Inputs {
    int value = 0;
    std::string name;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{Port{"value", &Inputs::value}, Port{"name", &Inputs::name}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const { return {in.value + 1}; }
};

/// `count` nodes in chains of `length`.
template <class I, class From, class To>
Workflow chains(int count, int length, From I::Outputs::*output, To I::Inputs::*input,
                Placement placement) {
  Workflow workflow("bench");
  NodeOptions options;
  options.placement = placement;
  std::optional<Node<I>> last;
  for (int i = 0; i < count; ++i) {
    typename I::Inputs inputs;
    inputs.name = std::to_string(i);
    const auto node = workflow.add<I>("node" + inputs.name, inputs, options);
    if (i % length != 0) workflow.connect(*last, output, node, input);
    last = node;
  }
  return workflow;
}

Workflow copies(int count, int length, Placement placement) {
  return chains<Copy>(count, length, &Copy::Outputs::file, &Copy::Inputs::file, placement);
}

Workflow increments(int count, int length) {
  return chains<Increment>(count, length, &Increment::Outputs::value, &Increment::Inputs::value,
                           Placement::kThread);
}

/// Wall-clock time, and processor time of this process and its children.
struct Cost {
  double wall_s = 0;
  double cpu_s = 0;
};

double cpu_s() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage = {};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  }
  return sum;
}

Cost cost_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_before_s = cpu_s();
  work();
  const auto wall = std::chrono::steady_clock::now() - start;
  return {std::chrono::duration<double>(wall).count(), cpu_s() - cpu_before_s};
}

/// Several costs of the same work.
struct Costs {
  std::vector<double> wall_s;
  std::vector<double> cpu_s;

  void add(const Cost& cost) {
    wall_s.push_back(cost.wall_s);
    cpu_s.push_back(cost.cpu_s);
  }
};

double median_ratio(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  return median(ratios);
}

/// "wall 1.234 CPU 0.987 ms/node".
void print(const char* what, const Costs& costs, double scale, const char* unit) {
  std::printf("%-40s wall %9.3f  CPU %9.3f %s", what, median(costs.wall_s) * scale,
              median(costs.cpu_s) * scale, unit);
}

void print_peer(const char* peer, const Costs& ours, const Costs& theirs, double scale) {
  std::printf("   %s wall %9.3f  CPU %9.3f   ratio wall %.2f  CPU %.2f\n", peer,
              median(theirs.wall_s) * scale, median(theirs.cpu_s) * scale,
              median_ratio(ours.wall_s, theirs.wall_s), median_ratio(ours.cpu_s, theirs.cpu_s));
}

void fail(const std::string& what) {
  std::fprintf(stderr, "pipeline_bench: %s\n", what.c_str());
  std::exit(1);
}

void run_all(const Workflow& workflow, const fs::path& work_dir, std::size_t expected_executions) {
  RunOptions options;
  options.work_dir = work_dir;
  options.limits.cpus = 2;
  options.sync = false;
  const RunReport report = run(workflow, options);
  if (!report.ok() || report.executed() != expected_executions) fail("a run went wrong");
}

/// A new folder below `folder`. Nothing is removed before the end: ext4 is slow to make files where
/// many were removed within the last seconds.
fs::path new_folder(const fs::path& folder) {
  static int count = 0;
  return folder / std::to_string(count++);
}

/// A folder of the same nodes for ninja.
void write_ninja(const fs::path& folder, int count, int length) {
  fs::create_directories(folder);
  std::ofstream((folder / "source").string()) << 'x';
  std::ofstream file((folder / "build.ninja").string());
  file << "rule copy\n  command = cp $in $out\n";
  for (int i = 0; i < count; ++i) {
    const std::string input = i % length == 0 ? "source" : "node" + std::to_string(i - 1);
    file << "build node" << i << ": copy " << input << '\n';
  }
}

void run_ninja(const fs::path& folder) {
  const std::string command = "ninja -j2 -C '" + folder.string() + "' > /dev/null";
  if (std::system(command.c_str()) != 0) fail("ninja failed");
}

/// Processes: ours and ninja's in turn, each from nothing.
void bench_processes(const fs::path& folder, const char* what, int count, int length, int runs) {
  const Workflow workflow = copies(count, length, Placement::kProcess);
  Costs ours;
  Costs ninja;
  for (int i = 0; i < runs; ++i) {
    const fs::path peer = new_folder(folder);
    write_ninja(peer, count, length);
    ninja.add(cost_of([&] { run_ninja(peer); }));
    ours.add(
        cost_of([&] { run_all(workflow, new_folder(folder), static_cast<std::size_t>(count)); }));
  }
  print(what, ours, 1000.0 / count, "ms/node");
  print_peer("ninja", ours, ninja, 1000.0 / count);
}

/// Nodes in threads of this process, from nothing.
void bench_threads(const fs::path& folder, const char* what, const Workflow& workflow, int runs) {
  const std::size_t count = workflow.nodes().size();
  Costs costs;
  for (int i = 0; i < runs; ++i)
    costs.add(cost_of([&] { run_all(workflow, new_folder(folder), count); }));
  print(what, costs, 1e6 / static_cast<double>(count), "us/node\n");
}

/// This program again, so that memory is that of one run; its peak memory goes to `peak_mb`.
Cost run_child(int count, const fs::path& work_dir, std::size_t expected, double& peak_mb) {
  int status = 0;
  rusage usage = {};
  const Cost cost = cost_of([&] {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const std::string nodes = std::to_string(count);
      const std::string executed = std::to_string(expected);
      ::execl("/proc/self/exe", "pipeline_bench", "--child", nodes.c_str(), work_dir.c_str(),
              executed.c_str(), nullptr);
      ::_exit(127);
    }
    ::wait4(pid, &status, 0, &usage);
  });
  if (status != 0) fail("a child failed");
  peak_mb = static_cast<double>(usage.ru_maxrss) / 1000;
  return cost;
}

/// Everything is there already.
void bench_cached(const fs::path& folder, int count, int runs) {
  write_ninja(folder / "ninja", count, 4);
  run_ninja(folder / "ninja");
  double peak_mb = 0;
  run_child(count, folder / "small", static_cast<std::size_t>(count), peak_mb);
  run_child(2 * count, folder / "large", static_cast<std::size_t>(2 * count), peak_mb);
  Costs ninja;
  Costs small;
  Costs large;
  for (int i = 0; i < runs; ++i) {
    ninja.add(cost_of([&] { run_ninja(folder / "ninja"); }));
    large.add(run_child(2 * count, folder / "large", 0, peak_mb));
    small.add(run_child(count, folder / "small", 0, peak_mb));
  }
  print(("cached, " + std::to_string(count) + " nodes").c_str(), small, 1, "s");
  print_peer("ninja", small, ninja, 1);
  print(("cached, " + std::to_string(2 * count) + " nodes").c_str(), large, 1, "s");
  print_peer("half of them", large, small, 1);
  std::printf("cached, %d nodes: peak memory %.1f MB\n", count, peak_mb);
}

constexpr const char* kNipype = R"(
import sys, time
from nipype import Workflow, Node, Function
from nipype.utils.logger import logging
logging.getLogger('nipype.workflow').setLevel('ERROR')
def f(x): return x + 1
def make():
    w = Workflow('bench', base_dir=sys.argv[1])
    for i in range(int(sys.argv[2])):
        n = Node(Function(['x'], ['y'], f), 'n%d' % i)
        n.inputs.x = i
        w.add_nodes([n])
    return w
for _ in range(2):
    w = make()
    t = time.time()
    w.run('Linear')
    print('%.3f' % ((time.time() - t) / int(sys.argv[2]) * 1000))
)";

void bench_nipype(const fs::path& folder) {
  if (std::system("/usr/bin/python3 -c 'import nipype' > /dev/null 2>&1") != 0) {
    std::printf("Nipype is not installed: not compared\n");
    return;
  }
  constexpr int kNodes = 100;
  fs::create_directories(folder);
  std::ofstream((folder / "bench.py").string()) << kNipype;
  const std::string command = "/usr/bin/python3 '" + (folder / "bench.py").string() + "' '" +
                              folder.string() + "' " + std::to_string(kNodes) + " 2> /dev/null";
  FILE* output = ::popen(command.c_str(), "r");
  double cold_ms = 0;
  double cached_ms = 0;
  const int read = std::fscanf(output, "%lf %lf", &cold_ms, &cached_ms);
  ::pclose(output);
  if (read != 2) return (void)std::printf("Nipype failed: not compared\n");
  Costs ours;
  for (int i = 0; i < 5; ++i)
    ours.add(cost_of([&] { run_all(increments(kNodes, 1), new_folder(folder), kNodes); }));
  print("cold, 100 nodes in this process", ours, 1000.0 / kNodes, "ms/node");
  std::printf("   Nipype (Linear) wall %9.3f  cached %9.3f\n", cold_ms, cached_ms);
}

}  // namespace

int main(int argc, char** argv) {
  Registry registry;
  registry.add<Copy>();
  if (const auto code = serve_node(argc, argv, registry)) return *code;
  if (argc == 5 && std::string(argv[1]) == "--child") {
    run_all(copies(std::atoi(argv[2]), 4, Placement::kThread), argv[3],
            static_cast<std::size_t>(std::atoi(argv[4])));
    return 0;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::vector<std::string> parts(argv + 1, argv + argc);
  const int scale = parts.empty() || parts.front() != "--quick" ? 1 : 10;
  if (scale != 1) parts.erase(parts.begin());
  const auto wanted = [&](const char* part) {
    return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("pipeline-bench-%%%%%%%%");
  if (wanted("processes")) {
    bench_processes(folder, "cold, independent processes, -j2", 1000 / scale, 1, 5);
    bench_processes(folder, "cold, one chain of processes", 400 / scale, 400, 5);
  }
  if (wanted("threads")) {
    bench_threads(folder, "cold, threads, values, independent", increments(10'000 / scale, 1), 5);
    bench_threads(folder, "cold, threads, values, chains of 100", increments(10'000 / scale, 100),
                  5);
    bench_threads(folder, "cold, threads, files, chains of 4",
                  copies(10'000 / scale, 4, Placement::kThread), 3);
  }
  if (wanted("cached")) bench_cached(folder, 10'000 / scale, 5);
  if (wanted("nipype")) bench_nipype(folder);
  fs::remove_all(folder);
}
