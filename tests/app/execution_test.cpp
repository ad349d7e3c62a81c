#include "app/execution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nodes/segmentation_memory.h"

namespace hypersynth {
namespace {

Grid head(std::int64_t side) {
  Grid grid;
  grid.shape = {side, side, side};
  grid.world_from_voxel = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  return grid;
}

/// Of the size of the default model.
ModelManifest default_model() {
  ModelManifest model;
  model.labels.resize(33);
  model.architecture = PoolUnetOptions();
  return model;
}

/// A U-Net on libtorch, for images of `dimensions`, at 2 mm.
ModelManifest libtorch_model(int dimensions) {
  ModelManifest model;
  model.labels.resize(4);
  model.input.spacing_mm = 2;
  ResizeUnetOptions unet;
  unet.dimensions = dimensions;
  unet.features = {8, 16, 32};
  unet.out_channels = 4;
  model.architecture = unet;
  return model;
}

std::vector<PlannedImage> images_of(std::vector<std::int64_t> sides) {
  std::vector<PlannedImage> images(sides.size());
  for (std::size_t i = 0; i < sides.size(); ++i) images[i].grid = head(sides[i]);
  return images;
}

ParticipantOptions on_cpu() {
  ParticipantOptions options;
  options.device = ComputeDevice::cpu();
  options.nprocs = 4;
  return options;
}

constexpr std::uint64_t kGiB = 1ULL << 30;
const MemoryLimit kMachine{64 * kGiB, "this machine"};

TEST(ExecutionTest, WithoutACapStepsShareOneLoadedModel) {
  const auto execution = choose_execution(on_cpu(), images_of({192}), default_model());
  EXPECT_EQ(execution.placement, pipeline::Placement::kThread);
  EXPECT_FALSE(execution.cap_is_given);
}

TEST(ExecutionTest, WhatOthersUseOfTheMemoryIsNoLimitOfAStep) {
  const Grid huge = head(3000);  // larger than the free memory of any machine that runs this
  const auto execution = choose_execution(on_cpu(), images_of({3000}), default_model(),
                                          {1024 * 1024 * kGiB, "a large machine"});
  EXPECT_EQ(execution.segment_needs(huge).memory_bytes,
            segmentation_memory_bytes(huge, default_model(), execution.inference.slab_bytes));
  EXPECT_EQ(execution.light_needs(huge).memory_bytes, light_step_memory_bytes(huge));
}

TEST(ExecutionTest, AfterACrashEveryStepIsAProcessOfItsOwn) {
  ParticipantOptions options = on_cpu();
  options.isolate_steps = true;
  EXPECT_EQ(choose_execution(options, images_of({192}), default_model()).placement,
            pipeline::Placement::kProcess);
}

TEST(ExecutionTest, OneImageIsInTheNetworkWhileOthersAreMeasuredAndWritten) {
  const auto execution = choose_execution(on_cpu(), images_of({192, 192}), default_model());
  const auto needs = execution.segment_needs(head(192));
  EXPECT_GT(2 * needs.cpus, execution.limits.cpus);
  EXPECT_LT(needs.cpus, execution.limits.cpus);
}

TEST(ExecutionTest, ManyProcessorsSegmentSeveralImagesSideBySide) {
  ParticipantOptions options = on_cpu();
  options.nprocs = 32;
  const auto threads = [&](std::size_t images) {
    const auto execution = choose_execution(
        options, images_of(std::vector<std::int64_t>(images, 64)), default_model(), kMachine);
    EXPECT_EQ(execution.segment_cpus, execution.inference.threads);
    EXPECT_EQ(execution.placement, execution.inference.threads < 32 ? pipeline::Placement::kProcess
                                                                    : pipeline::Placement::kThread);
    return execution.inference.threads;
  };
  EXPECT_EQ(threads(1), 32);
  EXPECT_EQ(threads(2), 16);
  EXPECT_EQ(threads(9), 8);
  options.omp_nthreads = 2;
  EXPECT_EQ(threads(9), 2);
  options.omp_nthreads.reset();
  options.low_mem = true;
  EXPECT_EQ(choose_execution(options, images_of({64, 64}), default_model()).inference.threads, 32);
  EXPECT_EQ(choose_execution(options, images_of({64, 64}), default_model(), kMachine).limits.cpus,
            1);
}

TEST(ExecutionTest, AJobDoesNotAskForTheProcessorsOfTheDriversMachine) {
  ParticipantOptions options = on_cpu();
  options.nprocs.reset();
  options.executor = ExecutorKind::kSlurm;
  const auto images = images_of({64, 64});
  EXPECT_EQ(choose_execution(options, images, default_model()).segment_cpus, 4);
  options.nprocs = 1;
  EXPECT_EQ(choose_execution(options, images, default_model()).segment_cpus, 1);
  options.nprocs = 6;
  EXPECT_EQ(choose_execution(options, images, default_model()).segment_cpus, 6);
}

TEST(ExecutionTest, ACapIsKeptByProcessesThatAreWatched) {
  ParticipantOptions options = on_cpu();
  options.memory_limit_bytes = 8LL << 30;
  const auto execution = choose_execution(options, images_of({192}), default_model(), kMachine);
  EXPECT_EQ(execution.placement, pipeline::Placement::kProcess);
  EXPECT_LT(execution.limits.memory_bytes, 8ULL << 30) << "the program itself needs some";
}

TEST(ExecutionTest, ATightCapMeansSmallerSlabs) {
  ParticipantOptions options = on_cpu();
  options.memory_limit_bytes = 16LL << 30;
  const auto wide = choose_execution(options, images_of({256}), default_model(), kMachine);
  const auto needed =
      segmentation_memory_bytes(head(256), default_model(), wide.inference.slab_bytes);
  options.memory_limit_bytes = static_cast<std::int64_t>(needed);
  const auto tight = choose_execution(options, images_of({256}), default_model(), kMachine);
  EXPECT_LT(tight.inference.slab_bytes, wide.inference.slab_bytes);
  EXPECT_LE(tight.segment_needs(head(256)).memory_bytes, tight.limits.memory_bytes);
}

TEST(ExecutionTest, AnImageThatCannotFitIsRefusedAloneAndSaysWhatItNeeds) {
  ParticipantOptions options = on_cpu();
  options.memory_limit_bytes = 500LL << 20;
  auto images = images_of({256, 64});
  refuse_what_cannot_fit(choose_execution(options, images, default_model(), kMachine), images);
  EXPECT_EQ(images[0].status, ImageStatus::kUnusable);
  EXPECT_THAT(images[0].reason,
              testing::ContainsRegex("at most 524.3 MB .*--mem.* need of 2.* GB"));
  EXPECT_EQ(images[1].status, ImageStatus::kRun);
}

TEST(ExecutionTest, WithoutACapTheMachinesMemoryIsTheLimit) {
  auto images = images_of({1200, 64});
  const auto execution = choose_execution(on_cpu(), images, default_model(), kMachine);
  refuse_what_cannot_fit(execution, images);
  EXPECT_EQ(images[0].status, ImageStatus::kUnusable);
  EXPECT_THAT(images[0].reason, testing::ContainsRegex("at most 68.7 GB .*this machine.*need of"));
  EXPECT_EQ(images[1].status, ImageStatus::kRun);
}

TEST(ExecutionTest, OneImageThatIsRefusedDoesNotMakeTheOthersSlow) {
  const auto alone = choose_execution(on_cpu(), images_of({64}), default_model(), kMachine);
  const auto beside = choose_execution(on_cpu(), images_of({1200, 64}), default_model(), kMachine);
  EXPECT_EQ(beside.inference.slab_bytes, alone.inference.slab_bytes);
}

TEST(ExecutionTest, ACapAboveWhatTheMachineHasIsTheMachines) {
  ParticipantOptions options = on_cpu();
  options.memory_limit_bytes = 100LL << 30;
  EXPECT_EQ(choose_execution(options, images_of({64}), default_model(), kMachine).cap.source,
            "this machine");
}

TEST(ExecutionTest, ACapIsKeptOnAGpuToo) {
  ParticipantOptions options = on_cpu();
  options.device = ComputeDevice::cuda();
  options.memory_limit_bytes = 8LL << 30;
  const auto execution = choose_execution(options, images_of({192}), default_model(), kMachine);
  EXPECT_EQ(execution.placement, pipeline::Placement::kProcess);
  EXPECT_EQ(execution.segment_needs(head(192)).memory_bytes, execution.limits.memory_bytes);
}

TEST(ExecutionTest, SegmentationsAreSpreadOverTheGpusAndLeaveTheProcessorsToTheOtherSteps) {
  ParticipantOptions options = on_cpu();
  options.device = ComputeDevice::cuda({1, 3});
  const auto execution = choose_execution(options, images_of({192}), default_model(), kMachine);
  const auto needs = execution.segment_needs(head(192));
  EXPECT_EQ(needs.gpus, 1);
  EXPECT_EQ(needs.cpus, 1);
  EXPECT_EQ(execution.inference.device, "cuda");
  pipeline::ResourcePool pool(execution.limits);
  EXPECT_THAT(pool.take({1, 0, 1})->gpu_ids, testing::ElementsAre(1));
  EXPECT_THAT(pool.take({1, 0, 1})->gpu_ids, testing::ElementsAre(3));
  EXPECT_EQ(execution.light_needs(head(192)).gpus, 0);
}

TEST(ExecutionTest, ImagesThatShareAGpuFollowTheProcessors) {
  ParticipantOptions options = on_cpu();
  options.device = ComputeDevice{};
  const auto images_at_once = [&](int processors, int gpus) {
    options.nprocs = processors;
    return choose_execution(options, images_of({192}), default_model(), kMachine, {gpus, ""})
        .limits.gpu_ids.size();
  };
  EXPECT_EQ(images_at_once(2, 1), 2U);
  EXPECT_EQ(images_at_once(8, 1), 4U);
  EXPECT_EQ(images_at_once(64, 1), 6U);
  EXPECT_EQ(images_at_once(16, 4), 8U);
}

TEST(ExecutionTest, ProcessesDoNotShareAGpu) {
  ParticipantOptions options = on_cpu();
  options.device = ComputeDevice::cuda({1, 3});
  options.isolate_steps = true;
  const auto execution = choose_execution(options, images_of({192}), default_model(), kMachine);
  EXPECT_THAT(execution.limits.gpu_ids, testing::ElementsAre(1, 3));
}

TEST(ExecutionTest, WithGpusThatLibtorchCannotUseImagesRunOnTheCpu) {
  ParticipantOptions options = on_cpu();
  options.device = ComputeDevice{};
  const auto execution = choose_execution(options, images_of({192}), default_model(), kMachine,
                                          {0, "there is a GPU, but"});
  EXPECT_TRUE(execution.on_cpu);
  EXPECT_EQ(execution.inference.device, "cpu") << "no image tries the GPU again";
  EXPECT_EQ(execution.gpu_warning, "there is a GPU, but");
  EXPECT_TRUE(execution.limits.gpu_ids.empty());
}

TEST(ExecutionTest, JobsOfAClusterAskForAGpuWhereOneIsNamedAlone) {
  ParticipantOptions options = on_cpu();
  options.executor = ExecutorKind::kSlurm;
  options.device = ComputeDevice::cuda();
  const auto gpus = [&] {
    return choose_execution(options, images_of({64}), default_model()).segment_needs(head(64)).gpus;
  };
  EXPECT_EQ(gpus(), 1);
  options.device = ComputeDevice{};
  EXPECT_EQ(gpus(), 0) << "what the machine of the driver has says nothing of the nodes";
}

TEST(ExecutionTest, AClusterIsNotLimitedByTheMemoryOfThisMachine) {
  ParticipantOptions options = on_cpu();
  options.executor = ExecutorKind::kSlurm;
  auto images = images_of({1200});
  refuse_what_cannot_fit(choose_execution(options, images, default_model(), kMachine), images);
  EXPECT_EQ(images[0].status, ImageStatus::kRun);
}

TEST(ExecutionTest, AHeadWhoseSidesFillTheNetworkFitsIntoWhatItNeeds) {
  ParticipantOptions options = on_cpu();
  options.memory_limit_bytes = *parse_memory("2200M");
  auto images = images_of({256});
  refuse_what_cannot_fit(choose_execution(options, images, default_model(), kMachine), images);
  EXPECT_EQ(images[0].status, ImageStatus::kRun) << images[0].reason;
}

TEST(ExecutionTest, AnAmountOfMemoryBelowAByteIsNone) {
  EXPECT_EQ(parse_memory("0.0000001"), std::nullopt);
  EXPECT_EQ(parse_memory("0"), std::nullopt);
  EXPECT_EQ(parse_memory("1.5G"), 1'610'612'736);
}

TEST(ExecutionTest, AClusterRunsStepsAsProcesses) {
  ParticipantOptions options = on_cpu();
  options.executor = ExecutorKind::kSlurm;
  options.cluster_partition = "long";
  options.cluster_args = {"--time=60 --qos=low"};
  EXPECT_EQ(choose_execution(options, images_of({192}), default_model()).placement,
            pipeline::Placement::kProcess);
  EXPECT_EQ(options.cluster()->system, pipeline::BatchSystem::kSlurm);
  EXPECT_EQ(options.cluster()->partition, "long");
  EXPECT_EQ(options.cluster()->submit_arguments,
            (std::vector<std::string>{"--time=60", "--qos=low"}));
  options.executor = ExecutorKind::kPbs;
  EXPECT_EQ(options.cluster()->system, pipeline::BatchSystem::kPbs);
  options.executor = ExecutorKind::kSge;
  options.sge_pe = "threads";
  EXPECT_EQ(options.cluster()->system, pipeline::BatchSystem::kSge);
  EXPECT_EQ(options.cluster()->parallel_environment, "threads");
}

TEST(ExecutionTest, OneProcessorDoesOneThingAtATime) {
  ParticipantOptions options = on_cpu();
  options.nprocs = 1;
  EXPECT_EQ(choose_execution(options, images_of({192}), default_model()).limits.cpus, 1);
}

TEST(SegmentationMemoryTest, ACoarserModelNeedsLess) {
  auto coarse = default_model();
  coarse.input.spacing_mm = 2;
  EXPECT_LT(2 * segmentation_memory_bytes(head(256), coarse, 4 << 20),
            segmentation_memory_bytes(head(256), default_model(), 4 << 20));
}

TEST(SegmentationMemoryTest, OfLibtorchIsALittleMoreThanWhatWasMeasured) {
  Grid grid = head(96);
  for (std::size_t axis = 0; axis < 3; ++axis) grid.world_from_voxel[axis][axis] = 2;
  const auto needed = segmentation_memory_bytes(grid, libtorch_model(3), 64 << 20);
  EXPECT_GT(needed, 391'958'528u) << "a measured peak";
  EXPECT_LT(needed, 520'000'000u);
}

TEST(SegmentationMemoryTest, SlicesNeedTheMemoryOfASlabAndVolumesThatOfTheImage) {
  const auto needs = [](int dimensions, std::int64_t slab_bytes) {
    return segmentation_memory_bytes(head(512), libtorch_model(dimensions), slab_bytes);
  };
  EXPECT_LT(needs(2, 4 << 20), needs(2, 64 << 20));
  EXPECT_LT(needs(2, 64 << 20), needs(3, 64 << 20));
  EXPECT_EQ(needs(3, 4 << 20), needs(3, 64 << 20));
}

}  // namespace
}  // namespace hypersynth
