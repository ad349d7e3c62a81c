// CPU seconds of the participant level over datasets of images that cannot be used: each has a row
// in a table and a page of its own, so the time must grow with their number and not faster.
// Usage: broken_images_bench BIN_DIR

#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <sys/resource.h>
#include <sys/wait.h>

namespace fs = boost::filesystem;

namespace {

/// `count` subjects with an empty image each.
void make_dataset(const fs::path& root, int count) {
  fs::create_directories(root);
  std::ofstream((root / "dataset_description.json").string())
      << R"({"Name": "bench", "BIDSVersion": "1.10.1", "DatasetType": "raw"})";
  for (int i = 0; i < count; ++i) {
    const std::string subject = "sub-" + std::to_string(10000 + i);
    fs::create_directories(root / subject / "anat");
    std::ofstream((root / subject / "anat" / (subject + "_T1w.nii.gz")).string());
  }
}

/// CPU seconds of `program root out participant`.
double run(const fs::path& program, const fs::path& root, const fs::path& out) {
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execl(program.c_str(), program.c_str(), root.c_str(), out.c_str(), "participant", nullptr);
    _exit(127);
  }
  rusage usage{};
  wait4(child, nullptr, 0, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: broken_images_bench BIN_DIR\n");
    return 64;
  }
  const fs::path work = fs::temp_directory_path() / fs::unique_path("broken_images_%%%%%%");
  std::printf("%8s %8s %14s\n", "images", "cpu_s", "ms per image");
  for (const int count : {250, 500, 1000, 2000}) {
    const fs::path root = work / std::to_string(count) / "raw";
    make_dataset(root, count);
    const double cpu_s =
        run(fs::path(argv[1]) / "hypersynth", root, work / std::to_string(count) / "out");
    std::printf("%8d %8.2f %14.2f\n", count, cpu_s, 1000 * cpu_s / count);
  }
  fs::remove_all(work);
  return 0;
}
