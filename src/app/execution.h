#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/image_selection.h"
#include "app/memory_limit.h"
#include "app/participant_options.h"
#include "engine/inference/inference_network.h"
#include "pipeline/run/run.h"

namespace hypersynth {

/// The largest grid on which two sessions are compared (nodes/session_pictures.cpp): about as many
/// voxels need the same memory in any other step.
inline const Grid kComparedGrid{.shape = {230, 230, 230}};

/// How the steps of a run are carried out; none of it changes their results.
struct Execution {
  InferenceOptions inference;
  ModelManifest model;
  bool on_cpu = true;       ///< no GPU is asked for, or there is none to use
  std::string gpu_warning;  ///< why the GPUs that there are stay unused, if they do
  /// Of the steps of an image. Processes of their own where memory is capped or measured, a cluster
  /// runs them, several images are segmented side by side, or one of them has ended a run before;
  /// else threads, which share one loaded model.
  pipeline::Placement placement = pipeline::Placement::kThread;
  pipeline::ResourceLimits limits;
  MemoryLimit cap;            ///< for everything together: --mem, or what there is
  bool cap_is_given = false;  ///< by --mem: it is kept, step by step
  int segment_cpus = 1;       ///< slots of one segmentation: how many of them run at once
  /// What serves `--run-node`, with the settings above.
  std::vector<std::string> program;

  /// What the segmentation of an image needs, and each of the steps after it.
  pipeline::Resources segment_needs(const Grid& source) const;
  pipeline::Resources light_needs(const Grid& source) const;

  /// What the cap leaves for the steps.
  std::uint64_t room_bytes() const;

 private:
  std::uint64_t allowed(std::uint64_t bytes) const;
};

/// GPUs of this machine that this program can use.
struct UsableGpus {
  int count = visible_gpus();
  std::string warning;  ///< see Execution
};

/// Where the run itself is to segment on GPUs if there are any, and there are some, opens libtorch
/// to see whether it can use them.
UsableGpus usable_gpus(const ParticipantOptions& options, const std::vector<PlannedImage>& images);

/// What follows from the options, this machine, the model and the images that are to be run.
Execution choose_execution(const ParticipantOptions& options,
                           const std::vector<PlannedImage>& images, const ModelManifest& model,
                           const MemoryLimit& machine = machine_memory(),
                           const UsableGpus& gpus = {});

/// Makes images that need more memory than the cap unusable, with the reason.
void refuse_what_cannot_fit(const Execution& execution, std::vector<PlannedImage>& images);

/// The execution as the workflow engine takes it; neither observer nor stop token are set.
pipeline::RunOptions run_options(const ParticipantOptions& options, const Execution& execution);

/// Serves `hypersynth SETTING... --run-node FILE ...`, which Execution::program begins; nothing
/// where `argv` holds no `--run-node`.
std::optional<int> serve_step(int argc, const char* const* argv);

}  // namespace hypersynth
