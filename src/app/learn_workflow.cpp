#include "app/learn_workflow.h"

#include "core/random.h"
#include "nodes/blend_models.h"
#include "nodes/draw_examples.h"
#include "nodes/pack_training_data.h"
#include "nodes/score_model.h"
#include "nodes/train_model.h"

namespace hypersynth {
namespace {

constexpr double kDefaultSpacing_mm = 1;
constexpr const char* kHalf = "-half";

PackTrainingData::Inputs pack_inputs(const LearnParts& parts, const Split& split) {
  const auto& [options, data, splits, candidates] = parts;
  PackTrainingData::Inputs in;
  for (const auto i : split.learning) {
    in.images.push_back(data.scans[i].image_path);
    in.references.push_back(data.scans[i].reference_path);
  }
  for (const auto i : split.held_out) {
    in.held_out_images.push_back(data.scans[i].image_path);
    in.held_out_references.push_back(data.scans[i].reference_path);
  }
  in.label_maps = data.label_maps;
  in.label_table = data.label_table;
  in.derive_table = data.derive_table;
  in.label_mapping = data.mapping.text;
  in.undrawn = options.undrawn_labels;
  in.spacing_mm = data.initial ? data.initial->input.spacing_mm : kDefaultSpacing_mm;
  if (data.initial) {
    for (const auto& label : data.initial->labels) in.model_labels.push_back(label.index);
  }
  return in;
}

ScoreModel::Inputs score_inputs(const LearnParts& parts, const Split& split) {
  ScoreModel::Inputs in;
  for (const auto i : split.held_out) {
    in.images.push_back(parts.data.scans[i].image_path);
    in.references.push_back(parts.data.scans[i].reference_path);
  }
  in.label_mapping = parts.data.mapping.text;
  for (const auto shift : shifts_of(parts.data.scans)) in.shifts.emplace_back(name_of(shift));
  in.shifted_scans = shifted_scans_of(preset_of(parts.options));
  in.synthetic_images = synthetic_images_of(preset_of(parts.options));
  in.seed = stream_seed(parts.options.random_seed, "score");
  return in;
}

/// "site-model_fold-1_mixed".
std::string training_name(const LearnOptions& options, const std::string& split,
                          const std::string& candidate) {
  return options.name + (split.empty() ? "" : "_" + split) + "_" + candidate;
}

std::string node_name(const Split& split, const std::string& candidate, const char* step) {
  std::string name = split.name.empty() ? "" : split.name + ".";
  if (!candidate.empty()) name += candidate + ".";
  return name + step;
}

}  // namespace

fs::path training_folder(const LearnOptions& options, const std::string& split,
                         const std::string& candidate) {
  return options.work_folder() / "training" / training_name(options, split, candidate);
}

fs::path training_log(const LearnOptions& options, const std::string& split,
                      const std::string& candidate) {
  return fs::path("logs") / "learning" / (training_name(options, split, candidate) + ".jsonl");
}

std::string half_of(const std::string& candidate) { return candidate + kHalf; }

std::string trained_as(const std::string& model) {
  const std::string_view suffix = kHalf;
  return model.ends_with(suffix) ? model.substr(0, model.size() - suffix.size()) : model;
}

LearnWorkflow make_learn_workflow(const LearnParts& parts) {
  const auto& options = parts.options;
  LearnWorkflow result;
  auto& workflow = result.workflow;
  pipeline::NodeOptions heavy;
  heavy.resources.cpus = options.processors();
  const bool apart = options.isolate_steps || options.executor != ExecutorKind::kLocal ||
                     options.memory_limit_bytes > 0;
  heavy.placement = apart ? pipeline::Placement::kProcess : pipeline::Placement::kThread;
  if (options.memory_limit_bytes > 0)
    heavy.resources.memory_bytes = static_cast<std::uint64_t>(options.memory_limit_bytes);
  heavy.keep = true;
  const std::string device = training_device(options);
  const std::string scoring_device = to_string(options.device);
  // Of cluster jobs; on this machine the one GPU is not shared out.
  pipeline::NodeOptions on_device = heavy;
  if (options.executor != ExecutorKind::kLocal && device != "cpu") on_device.resources.gpus = 1;
  for (const auto& split : parts.splits) {
    const auto pack = workflow.add<PackTrainingData>(node_name(split, "", "pack"),
                                                     pack_inputs(parts, split), heavy);
    result.packs.push_back(node_name(split, "", "pack"));
    const auto add_score = [&](const std::string& candidate) {
      const std::string name = node_name(split, candidate, "score");
      const auto score = workflow.add_with(ScoreModel{scoring_device, options.threads()}, name,
                                           score_inputs(parts, split), on_device);
      workflow.connect(pack, &PackTrainingData::Outputs::data, score, &ScoreModel::Inputs::data);
      workflow.connect(pack, &PackTrainingData::Outputs::undrawn, score,
                       &ScoreModel::Inputs::undrawn);
      return score;
    };
    const bool scored = !split.held_out.empty();
    if (parts.data.initial && scored) {
      const auto score = add_score(kInitialModel);
      workflow.set(score, &ScoreModel::Inputs::model, options.initial_path());
      result.models.push_back(
          {split.name, kInitialModel, "", "", node_name(split, kInitialModel, "score")});
    }
    for (const auto& candidate : parts.candidates) {
      TrainModel::Inputs in;
      if (candidate.from_initial) in.initial_model = {options.initial_path()};
      in.options = candidate.options;
      in.checkpoints = training_folder(options, split.name, candidate.name).string();
      const std::string name = node_name(split, candidate.name, "train");
      const auto train =
          workflow.add_with(TrainModel{device, options.threads()}, name, in, on_device);
      workflow.connect(pack, &PackTrainingData::Outputs::data, train, &TrainModel::Inputs::data);
      LearnNodes nodes{split.name, candidate.name, name, "", ""};
      // The last candidate's: Learn2Synth's where it is one of them.
      if (scored && &split == &parts.splits.front() && &candidate == &parts.candidates.back()) {
        DrawExamples::Inputs pictures;
        pictures.options = candidate.options;
        pictures.scan = parts.data.scans[split.held_out.front()].image_path;
        pictures.seed = stream_seed(options.random_seed, "example");
        const auto draw = workflow.add<DrawExamples>("examples", pictures, heavy);
        workflow.connect(pack, &PackTrainingData::Outputs::data, draw, &DrawExamples::Inputs::data);
        workflow.connect(train, &TrainModel::Outputs::model, draw, &DrawExamples::Inputs::model);
        result.examples = "examples";
      }
      if (scored) {
        const auto score = add_score(candidate.name);
        workflow.connect(train, &TrainModel::Outputs::model, score, &ScoreModel::Inputs::model);
        nodes.score = node_name(split, candidate.name, "score");
      }
      result.models.push_back(nodes);
      if (!candidate.from_initial) continue;
      const std::string half = half_of(candidate.name);
      LearnNodes blended{split.name, half, "", node_name(split, half, "blend"), ""};
      BlendModels::Inputs both;
      both.initial = options.initial_path();
      const auto blend = workflow.add<BlendModels>(blended.blend, both, heavy);
      workflow.connect(train, &TrainModel::Outputs::model, blend, &BlendModels::Inputs::tuned);
      if (scored) {
        const auto score = add_score(half);
        workflow.connect(blend, &BlendModels::Outputs::model, score, &ScoreModel::Inputs::model);
        blended.score = node_name(split, half, "score");
      }
      result.models.push_back(blended);
    }
  }
  return result;
}

}  // namespace hypersynth
