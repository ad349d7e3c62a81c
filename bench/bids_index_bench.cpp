// How fast datasets are indexed: a generated one of 177,000 files, its growth from 20,000 to
// 200,000 files, real ones where a folder of datasets is given, and what a whole dry run costs
// where the program is given too.
//
//   bids_index_bench [FOLDER_OF_DATASETS [PROGRAM]]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <malloc.h>
#include <string>
#include <vector>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/string_file.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "bids/layout.h"

namespace {

namespace fs = boost::filesystem;
using hypersynth::bids::Layout;
using hypersynth::bids::Query;

/// Wall-clock and processor time of some work.
struct Duration {
  double wall_s = 0;
  double cpu_s = 0;
};

Duration duration_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu_start = std::clock();
  work();
  const auto wall = std::chrono::steady_clock::now() - start;
  return {std::chrono::duration<double>(wall).count(),
          static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC};
}

/// The best of several runs: other programs only ever add time.
Duration best_of(int runs, const std::function<void()>& work) {
  Duration best = duration_of(work);
  for (int run = 1; run < runs; ++run) {
    const Duration next = duration_of(work);
    best = {std::min(best.wall_s, next.wall_s), std::min(best.cpu_s, next.cpu_s)};
  }
  return best;
}

/// A sidecar as converters write it: 30 keys, 1 kB.
std::string sidecar_text() {
  nlohmann::json values;
  for (int key = 0; key < 20; ++key) values["ScannerParameter" + std::to_string(key)] = 0.001 * key;
  for (int key = 0; key < 8; ++key)
    values["ScannerText" + std::to_string(key)] = "some text of a scanner";
  values["ImageType"] = {"ORIGINAL", "PRIMARY", "M", "ND"};
  values["SliceTiming"] = std::vector<double>(20, 0.5);
  return values.dump(2);
}

/// Writes one session of 59 files.
void write_session(const fs::path& folder, const std::string& stem, const std::string& sidecar) {
  const auto touch = [&](const std::string& datatype, const std::string& rest) {
    std::ofstream((folder / datatype / (stem + rest)).string());
  };
  const auto image = [&](const std::string& datatype, const std::string& rest) {
    touch(datatype, rest + ".nii.gz");
    fs::save_string_file(folder / datatype / (stem + rest + ".json"), sidecar);
  };
  for (const char* datatype : {"anat", "func", "dwi", "fmap"})
    fs::create_directories(folder / datatype);
  for (const char* suffix : {"_T1w", "_acq-fast_T1w", "_T2w", "_FLAIR"}) image("anat", suffix);
  for (const char* task : {"rest", "nback", "motor"}) {
    for (const char* run : {"01", "02", "03"}) {
      const std::string name = std::string("_task-") + task + "_run-" + run;
      image("func", name + "_bold");
      image("func", name + "_sbref");
      touch("func", name + "_events.tsv");
    }
  }
  touch("dwi", "_dwi.bval");
  touch("dwi", "_dwi.bvec");
  image("dwi", "_dwi");
  touch("fmap", "_epi.nii.gz");
  touch("fmap", "_epi.json");
}

/// Generates a dataset of about `files` files.
void generate(const fs::path& root, std::size_t files) {
  const std::string sidecar = sidecar_text();
  fs::create_directories(root);
  fs::save_string_file(root / "dataset_description.json",
                       R"({"Name": "generated", "BIDSVersion": "1.10.1"})");
  for (const char* task : {"rest", "nback", "motor"})
    fs::save_string_file(root / (std::string("task-") + task + "_bold.json"), sidecar);
  const std::size_t subjects = files / (2 * 59);
  for (std::size_t subject = 1; subject <= subjects; ++subject) {
    for (const char* session : {"ses-01", "ses-02"}) {
      const std::string name = "sub-" + std::to_string(10000 + subject);
      write_session(root / name / session, name + "_" + session, sidecar);
    }
  }
}

std::size_t heap_bytes() { return ::mallinfo2().uordblks + ::mallinfo2().hblkhd; }

/// Prints and gives the microseconds of processor time per file.
double report_index(const fs::path& root) {
  const Duration index = best_of(3, [&] { Layout::index(root); });
  const std::size_t before = heap_bytes();
  const Layout layout = Layout::index(root);
  const double heap = static_cast<double>(heap_bytes() - before);
  const auto files = layout.tree().file_count();
  std::printf("%8u files  index %.3f s (cpu %.3f s)  %.2f us and %.0f bytes a file\n", files,
              index.wall_s, index.cpu_s, 1e6 * index.wall_s / files, heap / files);
  return 1e6 * index.cpu_s / files;
}

void report_metadata(const fs::path& root) {
  std::size_t keys = 0;
  std::size_t images = 0;
  const Duration time = best_of(2, [&] {
    const Layout layout = Layout::index(root);
    const auto files = layout.find(Query{{}, {}, {".nii", ".nii.gz"}, {}});
    keys = 0;
    images = files.size();
    for (const auto& file : files) keys += layout.metadata(file).values().size();
  });
  std::printf("         index and metadata of %zu images (%zu keys)  %.3f s (cpu %.3f s)\n", images,
              keys, time.wall_s, time.cpu_s);
}

void report_selection(const fs::path& root) {
  const Layout layout = Layout::index(root);
  std::size_t images = 0;
  const Duration time = best_of(3, [&] { images = layout.anatomical_images().size(); });
  std::printf("         %zu anatomical images in %.4f s\n", images, time.wall_s);
}

void report_stored_index(const fs::path& root, const fs::path& database) {
  Layout::index(root, {true, database});
  const Duration time = best_of(3, [&] { Layout::index(root, {true, database}); });
  std::printf("         index with stored listings  %.3f s (cpu %.3f s)\n", time.wall_s,
              time.cpu_s);
}

double children_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// The whole process of a dry run; the images are empty, so each is found unusable.
void report_dry_run(const fs::path& root, const std::string& program, const std::string& options) {
  const std::string command = "'" + program + "' '" + root.string() + "' '" + root.string() +
                              "-out' participant --dry-run " + options + " > /dev/null";
  const double cpu_s = children_cpu_s();
  int status = 0;
  const Duration time = duration_of([&] { status = std::system(command.c_str()); });
  std::printf("         whole process of --dry-run %-6s  %.3f s (cpu %.3f s), exit status %d\n",
              options.c_str(), time.wall_s, children_cpu_s() - cpu_s, status);
}

void report_datasets(const fs::path& folder) {
  std::vector<fs::path> datasets;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (fs::exists(entry.path() / "dataset_description.json")) datasets.push_back(entry.path());
  }
  std::size_t files = 0;
  const Duration time = best_of(5, [&] {
    files = 0;
    for (const auto& dataset : datasets) files += Layout::index(dataset).tree().file_count();
  });
  std::printf("%8zu files of %zu datasets in %s  index %.3f s (cpu %.3f s)\n", files,
              datasets.size(), folder.c_str(), time.wall_s, time.cpu_s);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc > 1) report_datasets(argv[1]);
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("hypersynth-bench-%%%%%%%%");
  std::vector<double> microseconds;
  for (const std::size_t files : {20000, 60000, 177000, 200000}) {
    const fs::path root = folder / std::to_string(files);
    generate(root, files);
    microseconds.push_back(report_index(root));
    if (files == 177000) {
      report_selection(root);
      report_metadata(root);
      report_stored_index(root, folder / "database");
      for (const char* options : {"", "--json"}) {
        if (argc > 2) report_dry_run(root, argv[2], options);
      }
    }
    fs::remove_all(root);
  }
  std::printf("processor time a file, 200,000 files to 20,000: %.2f\n",
              microseconds.back() / microseconds.front());
  fs::remove_all(folder);
}
