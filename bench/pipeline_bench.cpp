// The workflow engine beside its peers, in one run: ninja, and Nipype where Debian's python3-nipype
// is installed. Figures are medians; compare ratios, not times of two runs.
//
//   pipeline_bench [--quick]

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

#include "pipeline/registry.h"
#include "pipeline/run.h"

namespace {

using namespace hypersynth::pipeline;

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

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
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

void forget_ninja(const fs::path& folder) {
  std::vector<fs::path> made;
  for (fs::directory_iterator entry(folder), end; entry != end; ++entry) {
    const fs::path name = entry->path().filename();
    if (name != "source" && name != "build.ninja") made.push_back(entry->path());
  }
  for (const auto& path : made) fs::remove(path);
}

/// Processes: ours and ninja's in turn, each from nothing.
void bench_processes(const fs::path& folder, const char* what, int count, int length, int runs) {
  write_ninja(folder / "ninja", count, length);
  const Workflow workflow = copies(count, length, Placement::kProcess);
  std::vector<double> ours_ms;
  std::vector<double> ninja_ms;
  std::vector<double> ratios;
  for (int i = 0; i < runs; ++i) {
    forget_ninja(folder / "ninja");
    fs::remove_all(folder / "work");
    ninja_ms.push_back(seconds_of([&] { run_ninja(folder / "ninja"); }) / count * 1000);
    ours_ms.push_back(
        seconds_of([&] { run_all(workflow, folder / "work", static_cast<std::size_t>(count)); }) /
        count * 1000);
    ratios.push_back(ours_ms.back() / ninja_ms.back());
  }
  std::printf("%-44s %8.3f ms/node   ninja %8.3f ms/node   ratio %5.2f\n", what, median(ours_ms),
              median(ninja_ms), median(ratios));
  fs::remove_all(folder);
}

/// Nodes in threads of this process, from nothing.
void bench_threads(const fs::path& folder, const char* what, const Workflow& workflow, int runs) {
  const std::size_t count = workflow.nodes().size();
  std::vector<double> us;
  for (int i = 0; i < runs; ++i) {
    fs::remove_all(folder);
    us.push_back(seconds_of([&] { run_all(workflow, folder, count); }) /
                 static_cast<double>(count) * 1e6);
  }
  std::printf("%-44s %8.1f us/node\n", what, median(us));
  fs::remove_all(folder);
}

struct ChildUsage {
  double wall_s = 0;
  double peak_mb = 0;
};

/// This program again, so that memory is that of one run.
ChildUsage run_child(int count, const fs::path& work_dir, std::size_t expected) {
  ChildUsage used;
  int status = 0;
  rusage usage = {};
  used.wall_s = seconds_of([&] {
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
  used.peak_mb = static_cast<double>(usage.ru_maxrss) / 1000;
  return used;
}

/// Everything is there already.
void bench_cached(const fs::path& folder, int count, int runs) {
  write_ninja(folder / "ninja", count, 4);
  run_ninja(folder / "ninja");
  run_child(count, folder / "small", static_cast<std::size_t>(count));
  run_child(2 * count, folder / "large", static_cast<std::size_t>(2 * count));
  std::vector<double> small_s;
  std::vector<double> ninja_s;
  std::vector<double> growths;
  double peak_mb = 0;
  for (int i = 0; i < runs; ++i) {
    ninja_s.push_back(seconds_of([&] { run_ninja(folder / "ninja"); }));
    const ChildUsage small = run_child(count, folder / "small", 0);
    const ChildUsage large = run_child(2 * count, folder / "large", 0);
    small_s.push_back(small.wall_s);
    growths.push_back(large.wall_s / small.wall_s);
    peak_mb = std::max(peak_mb, small.peak_mb);
  }
  std::printf("%-44s %8.3f s         ninja %8.3f s\n",
              ("cached, " + std::to_string(count) + " nodes, one process").c_str(), median(small_s),
              median(ninja_s));
  std::printf("%-44s %8.2f           peak memory %.1f MB\n", "cached, twice the nodes: time ratio",
              median(growths), peak_mb);
  fs::remove_all(folder);
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
  std::vector<double> ours_ms;
  for (int i = 0; i < 5; ++i) {
    fs::remove_all(folder / "work");
    ours_ms.push_back(seconds_of([&] { run_all(increments(kNodes, 1), folder / "work", kNodes); }) /
                      kNodes * 1000);
  }
  std::printf("%-44s %8.3f ms/node   Nipype (Linear) %.3f, cached %.3f ms/node\n",
              "cold, 100 nodes in this process", median(ours_ms), cold_ms, cached_ms);
  fs::remove_all(folder);
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
  const int scale = argc > 1 && std::string(argv[1]) == "--quick" ? 10 : 1;
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("pipeline-bench-%%%%%%%%");
  bench_processes(folder, "cold, independent processes, -j2", 1000 / scale, 1, 5);
  bench_processes(folder, "cold, one chain of processes", 400 / scale, 400, 5);
  bench_threads(folder, "cold, in-process, values, independent", increments(10'000 / scale, 1), 5);
  bench_threads(folder, "cold, in-process, values, chains of 100", increments(10'000 / scale, 100),
                5);
  bench_threads(folder, "cold, in-process, files, chains of 4",
                copies(10'000 / scale, 4, Placement::kThread), 3);
  bench_cached(folder, 10'000 / scale, 5);
  bench_nipype(folder);
}
