#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/learn_workflow.h"
#include "bids/layout.h"
#include "nodes/draw_examples.h"
#include "nodes/learning_choice.h"
#include "nodes/pack_training_data.h"
#include "nodes/score_model.h"
#include "nodes/train_model.h"
#include "pipeline/run/run.h"

namespace hypersynth {

/// What became of one model in one split.
struct LearnedModel {
  LearnNodes nodes;
  std::optional<TrainModel::Outputs> trained;  ///< nothing for the initial model and for blends
  fs::path model;                              ///< its file; empty for the initial model
  std::optional<ScoreModel::Outputs> scored;
  std::string failure;  ///< why it has no score
};

/// Everything that a run of the learn level found.
struct LearnFindings {
  std::vector<PackTrainingData::Outputs> packs;  ///< one per split
  std::vector<LearnedModel> models;              ///< in the order of LearnWorkflow::models
  std::optional<DrawExamples::Outputs> examples;
  std::string examples_of;            ///< the candidate whose synthesis they show
  std::vector<std::string> warnings;  ///< what was left out or changed
};

/// Takes the outputs of the nodes out of the report of their run.
LearnFindings findings_of(const LearnWorkflow& workflow, const pipeline::RunReport& report);

/// The scores of each model over all splits: the initial model first, where there is one, then each
/// candidate and, where it is tuned, the blend of both. `shifts` as the models were scored with.
std::vector<ModelScores> scores_of(const LearnFindings& findings,
                                   const std::vector<LearnCandidate>& candidates,
                                   const std::vector<ScanShift>& shifts, bool has_initial);

/// Where the results of a model lie, relative to the output folder.
struct LearnOutputs {
  explicit LearnOutputs(const std::string& name)
      : model("models/" + name + ".safetensors"),
        facts("models/" + name + ".json"),
        candidates("models/" + name + "_candidates.tsv"),
        scores("models/" + name + "_scores.tsv"),
        page("learning_" + name + ".html") {}

  std::string model, facts, candidates, scores, page;
};

/// A run of the learn level when all is computed.
struct LearnResults {
  const LearnOptions& options;
  const bids::Layout& layout;
  const LearnData& data;
  const std::vector<Split>& splits;
  const std::vector<LearnCandidate>& candidates;
  const LearnFindings& findings;
  const LearningChoice& choice;
  fs::path handed_out;    ///< file of the model that is handed out; empty: the initial model
  fs::path training_log;  ///< of its training; empty likewise
};

/// Writes the model with what is known of it in its metadata, its tables and its page into the
/// output folder; returns their paths, the model first. Throws Error where a file cannot be
/// written.
std::vector<fs::path> write_learn_results(const LearnResults& results);

}  // namespace hypersynth
