#include "app/execution.h"

#include <algorithm>
#include <fstream>

#include <boost/filesystem/operations.hpp>
#include <sys/sysinfo.h>

#include "nodes/segmentation_memory.h"

namespace hypersynth {

namespace {

/// The program itself, with the index of a large dataset.
constexpr std::uint64_t kDriver_bytes = 100ULL << 20;
/// Segmentations that share a GPU: one is in the network, others are read, finished and written.
constexpr int kImagesPerGpu = 4;
/// Slabs that are tried, largest first: less is slower and needs less memory.
constexpr std::int64_t kSlabs_bytes[] = {64 << 20, 16 << 20, 4 << 20};

/// The grid of the largest image that will be run.
std::optional<Grid> largest_grid(const std::vector<PlannedImage>& images, std::int64_t slab_bytes) {
  std::optional<Grid> largest;
  for (const auto& image : images) {
    if (image.status != ImageStatus::kRun || !image.grid) continue;
    if (!largest || segmentation_memory_bytes(*image.grid, slab_bytes) >
                        segmentation_memory_bytes(*largest, slab_bytes))
      largest = image.grid;
  }
  return largest;
}

std::int64_t choose_slab(const std::vector<PlannedImage>& images, bool low_mem,
                         std::uint64_t limit_bytes) {
  const auto largest = largest_grid(images, kSlabs_bytes[0]);
  for (const std::int64_t slab_bytes : kSlabs_bytes) {
    if (low_mem && slab_bytes == kSlabs_bytes[0]) continue;
    if (!largest || segmentation_memory_bytes(*largest, slab_bytes) <= limit_bytes)
      return slab_bytes;
  }
  return kSlabs_bytes[2];
}

/// This program and the settings that serve_step() reads.
std::vector<std::string> step_program(const InferenceOptions& inference) {
  return {fs::read_symlink("/proc/self/exe").string(), "--device=" + inference.device,
          "--threads=" + std::to_string(inference.threads),
          "--slab-bytes=" + std::to_string(inference.slab_bytes)};
}

}  // namespace

pipeline::Resources Execution::segment_needs(const Grid& source) const {
  return {segment_cpus, allowed(segmentation_memory_bytes(source, inference.slab_bytes)), 0};
}

pipeline::Resources Execution::light_needs(const Grid& source) const {
  return {1, allowed(light_step_memory_bytes(source)), 0};
}

std::uint64_t Execution::allowed(std::uint64_t bytes) const {
  const bool limited = cap_bytes == 0 && limits.memory_bytes != 0;
  return limited ? std::min(bytes, limits.memory_bytes) : bytes;
}

Execution choose_execution(const Options& options, const std::vector<PlannedImage>& images) {
  Execution execution;
  const auto cap = static_cast<std::uint64_t>(options.memory_limit_bytes);
  const bool capped = cap > 0;
  execution.cap_bytes = cap;
  auto& limits = execution.limits;
  limits.memory_bytes = capped ? cap - std::min(cap / 2, kDriver_bytes) : available_memory_bytes();
  execution.on_cpu =
      options.device == "cpu" || (options.device == "auto" && !nvidia_driver_present());
  execution.inference.device = options.device;
  execution.inference.threads = options.threads();
  execution.inference.slab_bytes = choose_slab(images, options.low_mem, limits.memory_bytes);

  const bool slurm = options.executor == ExecutorKind::kSlurm;
  if (slurm || (execution.on_cpu && (capped || options.resource_monitor)))
    execution.placement = pipeline::Placement::kProcess;
  // One slot more than processors: an image is measured and written while the next one is in the
  // network, which holds the processors but for moments.
  const int processors = options.processors();
  const bool one_at_a_time = processors == 1 || options.low_mem;
  limits.cpus = one_at_a_time ? 1 : processors + 1;
  const int in_flight = one_at_a_time || execution.on_cpu ? 1 : kImagesPerGpu;
  execution.segment_cpus = std::max(1, std::min(processors, limits.cpus / in_flight));
  execution.program = step_program(execution.inference);
  return execution;
}

void refuse_what_cannot_fit(const Execution& execution, std::vector<PlannedImage>& images) {
  if (execution.cap_bytes == 0) return;
  for (auto& image : images) {
    if (image.status != ImageStatus::kRun || !image.grid) continue;
    const std::uint64_t needed = execution.segment_needs(*image.grid).memory_bytes;
    if (needed <= execution.limits.memory_bytes) continue;
    image.status = ImageStatus::kUnusable;
    image.reason = "expected at most " + pipeline::display_bytes(execution.cap_bytes) +
                   " of memory (--mem), found a need of " +
                   pipeline::display_bytes(needed + kDriver_bytes);
  }
}

pipeline::RunOptions run_options(const Options& options, const Execution& execution) {
  pipeline::RunOptions run;
  run.work_dir = options.work_folder();
  run.limits = execution.limits;
  run.stop_on_first_crash = options.stop_on_first_crash;
  run.program = execution.program;
  run.crash_dir = options.output_dir / "logs" / "crashes";
  run.clean_workdir = options.clean_workdir || options.work_dir.empty();
  if (options.executor == ExecutorKind::kSlurm) run.slurm = options.slurm();
  return run;
}

std::uint64_t available_memory_bytes() {
  std::uint64_t bytes = 0;
  std::ifstream meminfo("/proc/meminfo");
  for (std::string name, rest; meminfo >> name;) {
    std::uint64_t kib = 0;
    meminfo >> kib;
    std::getline(meminfo, rest);
    if (name == "MemAvailable:") bytes = kib << 10;
  }
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;  // "max" is no number: no limit
    if (std::ifstream(file) >> limit && limit > 0)
      bytes = bytes == 0 ? limit : std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace hypersynth
