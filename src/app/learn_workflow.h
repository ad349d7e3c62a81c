#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/learn_plan.h"
#include "pipeline/graph/workflow.h"

namespace hypersynth {

/// What a workflow of the learn level is built from. All of it must outlive the workflow.
struct LearnParts {
  const LearnOptions& options;
  const LearnData& data;
  const std::vector<Split>& splits;
  const std::vector<LearnCandidate>& candidates;
};

/// The names of a model's nodes in one split.
struct LearnNodes {
  std::string split;      ///< Split::name
  std::string candidate;  ///< name, or kInitialModel
  std::string train;      ///< empty for the initial model and for blends
  std::string blend;      ///< empty but for blends
  std::string score;      ///< empty where nobody is held out
};

inline constexpr const char* kInitialModel = "initial";

/// The blend half-way between the initial model and that of a candidate, "finetune-half".
std::string half_of(const std::string& candidate);
/// The candidate that a model was trained as, itself or a blend: "finetune" of both.
std::string trained_as(const std::string& model);

/// The workflow: per split `pack`, per candidate `train` -> `score` and, of one that is tuned,
/// `blend` -> `score`; and `score` of the initial model.
struct LearnWorkflow {
  pipeline::Workflow workflow{"learn"};
  std::vector<std::string> packs;  ///< one node per split
  std::vector<LearnNodes> models;  ///< split by split, the initial model first
  std::string examples;            ///< draws pictures; empty where nobody is held out
};

/// The folder in the work folder for a training's checkpoints and log while it runs.
fs::path training_folder(const LearnOptions& options, const std::string& split,
                         const std::string& candidate);
/// Where the log of a finished training is kept, relative to the output folder.
fs::path training_log(const LearnOptions& options, const std::string& split,
                      const std::string& candidate);

LearnWorkflow make_learn_workflow(const LearnParts& parts);

}  // namespace hypersynth
