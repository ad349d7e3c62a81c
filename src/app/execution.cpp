#include "app/execution.h"

#include <algorithm>
#include <iterator>

#include "app/runtime.h"
#include "app/step_command.h"
#include "app/workflow_run.h"
#include "core/error.h"
#include "engine/training/training_loader.h"
#include "nodes/segmentation_memory.h"

namespace hypersynth {

namespace {

/// The program itself, with the index of a large dataset.
constexpr std::uint64_t kDriver_bytes = 100ULL << 20;
/// Segmentations that share a GPU: two are in the network, where there are processors others are
/// read and written.
constexpr int kFewestImagesPerGpu = 2, kMostImagesPerGpu = 6;

/// Those that the steps may use, each as often as segmentations may share it; of cluster jobs each
/// sees its own.
std::vector<int> shared_gpus(const ComputeDevice& device, int count, int processors) {
  auto gpus = device.indices;
  for (int gpu = 0; device.indices.empty() && gpu < std::max(1, count); ++gpu) gpus.push_back(gpu);
  const int images = std::clamp(processors / (2 * static_cast<int>(gpus.size())),
                                kFewestImagesPerGpu, kMostImagesPerGpu);
  std::vector<int> shared;
  for (int share = 0; share < images; ++share)
    shared.insert(shared.end(), gpus.begin(), gpus.end());
  return shared;
}

/// From so many threads on, another image beside it uses processors better than more of them.
constexpr int kThreadsOfOneImage = 8;
/// What a cluster job asks for where nobody says: the machine of the driver is no measure.
constexpr int kThreadsOfOneJob = 4;

/// Threads of one segmentation on the CPU.
int threads_of_one_image(const ParticipantOptions& options,
                         const std::vector<PlannedImage>& images) {
  if (options.omp_nthreads) return *options.omp_nthreads;
  if (options.executor != ExecutorKind::kLocal) return options.nprocs.value_or(kThreadsOfOneJob);
  if (options.low_mem) return options.processors();
  const auto to_run = std::count_if(images.begin(), images.end(), [](const PlannedImage& image) {
    return image.status == ImageStatus::kRun && !image.only_refresh;
  });
  const int most_at_once = std::max(1, options.processors() / kThreadsOfOneImage);
  const int at_once = static_cast<int>(std::clamp<std::ptrdiff_t>(to_run, 1, most_at_once));
  return options.processors() / at_once;
}

/// Slabs that are tried, largest first: less is slower and needs less memory.
constexpr std::int64_t kSlabs_bytes[] = {64 << 20, 16 << 20, 4 << 20};

/// What the segmentation of an image takes; 0 where it is not run.
std::uint64_t needs(const PlannedImage& image, const ModelManifest& model,
                    std::int64_t slab_bytes) {
  if (image.status != ImageStatus::kRun || !(image.grid || image.to_fetch)) return 0;
  return segmentation_memory_bytes(image.assumed_grid(), model, slab_bytes);
}

/// The largest of the slabs with which every image fits into `limit_bytes` that is not refused.
std::int64_t choose_slab(const std::vector<PlannedImage>& images, const ModelManifest& model,
                         bool low_mem, std::uint64_t limit_bytes, std::uint64_t room_bytes) {
  constexpr std::int64_t kLeast = kSlabs_bytes[std::size(kSlabs_bytes) - 1];
  for (const std::int64_t slab_bytes : kSlabs_bytes) {
    if (low_mem && slab_bytes == kSlabs_bytes[0]) continue;
    const bool all_fit = std::all_of(images.begin(), images.end(), [&](const auto& image) {
      return needs(image, model, slab_bytes) <= limit_bytes ||
             (room_bytes != 0 && needs(image, model, kLeast) > room_bytes);
    });
    if (all_fit) return slab_bytes;
  }
  return kLeast;
}

}  // namespace

pipeline::Resources Execution::segment_needs(const Grid& source) const {
  // What the libraries of a GPU take depends on the machine: where the cap is to be kept, the step
  // gets all that there is.
  const int gpus = limits.gpu_ids.empty() ? 0 : 1;
  if (!on_cpu && cap_is_given) return {segment_cpus, limits.memory_bytes, gpus};
  return {segment_cpus, allowed(segmentation_memory_bytes(source, model, inference.slab_bytes)),
          gpus};
}

pipeline::Resources Execution::light_needs(const Grid& source) const {
  return {1, allowed(light_step_memory_bytes(source)), 0};
}

std::uint64_t Execution::room_bytes() const {
  return cap.bytes - std::min(cap.bytes / 2, kDriver_bytes);
}

/// What others use at the moment makes a step wait for its turn, but fails no image.
std::uint64_t Execution::allowed(std::uint64_t bytes) const {
  const bool limited = !cap_is_given && limits.memory_bytes != 0;
  return limited ? std::min(bytes, limits.memory_bytes) : bytes;
}

UsableGpus usable_gpus(const ParticipantOptions& options, const std::vector<PlannedImage>& images) {
  UsableGpus gpus;
  if (options.device.kind != ComputeDevice::Kind::kAuto || gpus.count == 0) return gpus;
  // Steps in processes of their own, here or on a cluster, see for themselves.
  if (options.executor != ExecutorKind::kLocal || options.isolate_steps ||
      options.memory_limit_bytes > 0)
    return gpus;
  const bool any_to_segment = std::any_of(images.begin(), images.end(), [](const auto& image) {
    return image.status == ImageStatus::kRun && !image.only_refresh;
  });
  if (!any_to_segment) return gpus;
  try {
    if (engine_has_cuda()) return gpus;
    gpus.warning = "this libtorch cannot use it";
  } catch (const Error& error) {
    gpus.warning = error.what();
  }
  gpus.count = 0;
  gpus.warning = "there is a GPU, but it is not used: " + gpus.warning;
  return gpus;
}

Execution choose_execution(const ParticipantOptions& options,
                           const std::vector<PlannedImage>& images, const ModelManifest& model,
                           const MemoryLimit& machine, const UsableGpus& gpus) {
  Execution execution;
  execution.model = model;
  const bool cluster = options.executor != ExecutorKind::kLocal;
  const auto given = static_cast<std::uint64_t>(options.memory_limit_bytes);
  const bool least = cluster || machine.bytes == 0 || given <= machine.bytes;
  execution.cap_is_given = given > 0;
  if (!cluster) execution.cap = machine;
  if (execution.cap_is_given && least) execution.cap = {given, "--mem"};
  auto& limits = execution.limits;
  limits.memory_bytes = execution.room_bytes();
  // What is free here says nothing of the machines that a cluster gives.
  const std::uint64_t free = cluster ? 0 : free_memory_bytes();
  if (!execution.cap_is_given && free != 0)
    limits.memory_bytes = limits.memory_bytes == 0 ? free : std::min(limits.memory_bytes, free);
  execution.on_cpu =
      options.device.kind == ComputeDevice::Kind::kCpu ||
      (options.device.kind == ComputeDevice::Kind::kAuto && (cluster || gpus.count == 0));
  execution.gpu_warning = gpus.warning;
  const int processors = options.processors();
  if (!execution.on_cpu) limits.gpu_ids = shared_gpus(options.device, gpus.count, processors);
  // Each segmentation is told which of the GPUs is its own. A job of a cluster may find one.
  execution.inference.device =
      options.device.kind == ComputeDevice::Kind::kCuda ? "cuda" : to_string(options.device);
  if (execution.on_cpu && !cluster) execution.inference.device = "cpu";
  const int threads = threads_of_one_image(options, images);
  execution.inference.threads = threads;
  execution.inference.precision = options.precision;
  execution.inference.slab_bytes =
      choose_slab(images, model, options.low_mem, limits.memory_bytes, execution.room_bytes());
  // What others use at the moment makes steps wait for each other, but ends none: where a step is a
  // process of its own, what it is given is its limit.
  if (!execution.cap_is_given && limits.memory_bytes != 0) {
    const std::uint64_t room = execution.room_bytes();
    const auto make_room = [&](std::uint64_t need) {
      limits.memory_bytes = std::max(limits.memory_bytes, room == 0 ? need : std::min(need, room));
    };
    make_room(light_step_memory_bytes(kComparedGrid));
    for (const auto& image : images) {
      if (image.status != ImageStatus::kRun) continue;
      make_room(needs(image, model, execution.inference.slab_bytes));
      make_room(light_step_memory_bytes(image.assumed_grid()));
    }
  }

  const bool one_at_a_time = processors == 1 || options.low_mem;
  // The steps of one process share its network, which segments one image at a time.
  const bool side_by_side = execution.on_cpu && !one_at_a_time && 2 * threads <= processors;
  if (cluster || side_by_side || execution.cap_is_given || options.isolate_steps ||
      (execution.on_cpu && options.resource_monitor))
    execution.placement = pipeline::Placement::kProcess;
  // Processes know nothing of each other's memory on the GPU that they share: one at a time.
  if (!cluster && execution.placement == pipeline::Placement::kProcess) {
    auto& ids = limits.gpu_ids;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  // On the CPU a segmentation takes a slot for each of its threads. One slot more than there are
  // processors lets the image before it be measured and written meanwhile, in the moments in which
  // the network does not use them all. On a GPU it mostly waits.
  limits.cpus = one_at_a_time ? 1 : processors + 1;
  execution.segment_cpus = !execution.on_cpu ? 1
                           : cluster         ? threads
                                             : std::min(threads, limits.cpus);
  // As serve_step() reads them.
  execution.program =
      step_command(options,
                   {"--device=" + execution.inference.device,
                    "--threads=" + std::to_string(execution.inference.threads),
                    "--precision=" + word_of(execution.inference.precision),
                    "--slab-bytes=" + std::to_string(execution.inference.slab_bytes)},
                   {model_path(options)});
  return execution;
}

void refuse_what_cannot_fit(const Execution& execution, std::vector<PlannedImage>& images) {
  if (execution.cap.bytes == 0) return;
  for (auto& image : images) {
    if (image.status != ImageStatus::kRun || !image.grid) continue;
    const std::uint64_t needed =
        segmentation_memory_bytes(*image.grid, execution.model, execution.inference.slab_bytes);
    if (needed <= execution.room_bytes()) continue;
    refuse(image,
           "at most " + pipeline::display_bytes(execution.cap.bytes) + " of memory (" +
               execution.cap.source + ")",
           "a need of " + pipeline::display_bytes(needed + kDriver_bytes));
  }
}

pipeline::RunOptions run_options(const ParticipantOptions& options, const Execution& execution) {
  auto run = workflow_run_options(options);
  run.limits = execution.limits;
  run.stop_on_first_crash = options.stop_on_first_crash;
  run.program = execution.program;
  run.clean_workdir = options.clean_workdir || options.work_dir.empty();
  return run;
}

}  // namespace hypersynth
