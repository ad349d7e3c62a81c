// The participant level as a whole process, against the bare libtorch forward pass of the same
// network on the same padded volume, in turn: A B A B ...
// Usage: participant_bench BIN_DIR IMAGE.nii.gz [runs [OPTION...]]; the options go to the program.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <boost/filesystem/operations.hpp>
#include <sys/resource.h>
#include <sys/wait.h>

#include "image/nifti.h"
#include "median.h"

namespace fs = boost::filesystem;

namespace {

using hypersynth::median;

struct Run {
  double wall_s = 0;
  double cpu_s = 0;
  long peak_MB = 0;
};

/// Runs a program to its end with stdout in `output`.
Run run(const std::vector<std::string>& command, const fs::path& output) {
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (status != 0) {
    std::fprintf(stderr, "%s failed:\n%s\n", command[0].c_str(), output.c_str());
    std::exit(1);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss / 1024};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: participant_bench BIN_DIR IMAGE.nii.gz [runs [OPTION...]]\n");
    return 64;
  }
  const fs::path bin = fs::canonical(argv[1]);
  const fs::path image = argv[2];
  const int runs = argc > 3 ? std::atoi(argv[3]) : 3;
  const fs::path work = fs::temp_directory_path() / fs::unique_path("participant_bench_%%%%%%");
  const fs::path anat = work / "raw" / "sub-01" / "anat";
  fs::create_directories(anat);
  fs::copy_file(image, anat / "sub-01_T1w.nii.gz");
  std::ofstream((work / "raw" / "dataset_description.json").string())
      << R"({"Name": "bench", "BIDSVersion": "1.10.1", "DatasetType": "raw"})";
  std::vector<std::string> forward = {(bin / "bare_forward").string()};
  for (const auto extent : hypersynth::read_grid(image.string()).shape) {
    forward.push_back(std::to_string((extent + 15) / 16 * 16));
  }
  std::printf("image %s, padded to %s x %s x %s\n", image.c_str(), forward[1].c_str(),
              forward[2].c_str(), forward[3].c_str());
  std::printf("%4s %14s %14s %8s %14s %14s\n", "run", "forward_s", "process_s", "ratio",
              "process_cpu_s", "process_MB");
  std::vector<std::string> program = {(bin / "hypersynth").string(),
                                      (work / "raw").string(),
                                      (work / "out").string(),
                                      "participant",
                                      "--fast",
                                      "--device",
                                      "cpu"};
  for (int i = 4; i < argc; ++i) program.emplace_back(argv[i]);
  std::vector<double> ratios;
  for (int i = 0; i < runs; ++i) {
    run(forward, work / "forward.txt");
    double forward_s = 0;
    std::ifstream((work / "forward.txt").string()) >> forward_s;
    fs::remove_all(work / "out");
    const Run process = run(program, work / "process.txt");
    ratios.push_back(process.wall_s / forward_s);
    std::printf("%4d %14.2f %14.2f %8.2f %14.2f %14ld\n", i, forward_s, process.wall_s,
                ratios.back(), process.cpu_s, process.peak_MB);
  }
  std::printf("median ratio process / forward: %.2f\n", median(ratios));
  fs::remove_all(work);
  return 0;
}
