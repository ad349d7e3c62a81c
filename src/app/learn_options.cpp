#include "app/learn_options.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <boost/filesystem/operations.hpp>

#include "app/runtime.h"
#include "bids/entities.h"
#include "bids/filter.h"

namespace hypersynth {

void LearnOptions::describe_own(OptionList& list) {
  list.heading("Learning: what from");
  list.add("--labels", labels.path,
           "derivative dataset with the label maps (dseg) of labelled scans of BIDS_DIR, or a BIDS "
           "dataset with one in its derivatives folder")
      .value_name("DIR")
      .after_reading([this] {
        labels = {"labels", whole_path(labels.path)};
      })
      .refused_elsewhere();
  list.add_parsed("--labels-desc", OptionKind::kValue, "LABEL",
                  "only label maps with this desc, where a scan has several",
                  [this](const std::string& word) {
                    labels_desc = bids::without_prefix(word, "desc-");
                    if (!bids::is_label(labels_desc))
                      throw std::invalid_argument("expected letters and digits, found " + word);
                  })
      .refused_elsewhere();
  list.add("--label-maps", label_maps,
           "folder of label maps (NIfTI) to synthesise images from; a labels.tsv in it is their "
           "label table")
      .value_name("DIR")
      .shown_default("the label maps of the scans to learn from")
      .after_reading([this] { label_maps = whole_path(label_maps); })
      .refused_elsewhere();
  list.add("--label-table", label_table,
           "label table of the label maps to synthesise from: index, name, contralateral, "
           "intensity_class, segmentation_index")
      .value_name("TSV")
      .shown_default("labels.tsv of --label-maps, else derived from the lookup table of --labels")
      .after_reading([this] {
        require_file(label_table);
        label_table = whole_path(label_table);
      })
      .refused_elsewhere();
  list.add_parsed("--undrawn-labels", OptionKind::kList, "INDEX",
                  "structures of the model that the label maps of the scans leave in their "
                  "background, or draw only in part; those that none has are found without this",
                  [this](const std::string& word) {
                    int label = 0;
                    OptionValue<int>::read(word, label);
                    undrawn_labels.push_back(label);
                  })
      .refused_elsewhere();
  list.add("--validation", validation,
           "participants whose scans are not learned from but score the models, or the share of "
           "the participants to hold out")
      .value_name("LABEL|SHARE")
      .shown_default("0.25")
      .refused_elsewhere();
  list.add("--folds", folds,
           "cross-validation: hold out each participant once, in so many parts, then learn from "
           "all of them with the method that was best; so many times the work")
      .range(Range::whole(1, 20))
      .refused_elsewhere();

  list.heading("Learning: how");
  list.add("--method", method,
           "auto: try those that the data allow, keep the best that loses nothing on images "
           "unlike the site's; the others: docs/training.md")
      .refused_elsewhere();
  list.add("--initial-model", initial_model,
           "model to start from (safetensors), or none: a new network")
      .value_name("FILE|none")
      .shown_default("the one that comes with hypersynth")
      .after_reading([this] {
        if (initial_model == "none") return;
        require_file(initial_model);
        initial_model = whole_path(initial_model).string();
      })
      .refused_elsewhere();
  list.add("--ndim", ndim, "3: a network of volumes; 2: of axial slices")
      .range(Range::whole(2, 3))
      .shown_default("that of the initial model; 3 with --initial-model none")
      .refused_elsewhere();
  list.add("--preset", preset,
           "amount of work: smoke (a few minutes, a test of the data), cpu (less than an hour on "
           "two cores), gpu (hours)")
      .shown_default("gpu where there is one, else cpu")
      .refused_elsewhere();
  list.add("--steps", steps, "training steps of each candidate")
      .range(Range::at_least(1))
      .shown_default("the preset's")
      .refused_elsewhere();
  list.add("--time-limit", time_limit_min,
           "stop training after so long, all candidates and folds together; a model that was "
           "stopped "
           "early is used as it is")
      .unit("minutes")
      .range(Range::positive())
      .shown_default("none")
      .refused_elsewhere();
  list.add("--augmentation", augmentation, "what Learn2Synth learns of the synthesis")
      .value_name("NAME")
      .refused_elsewhere();
  list.add("--training-options", training_options,
           "more options for the training, in one word, as hypersynth-train takes them: "
           "--training-options='--learning-rate 1e-4 --patch 96x96x96'")
      .value_name("WORDS")
      .refused_elsewhere();
  list.add("--model-name", name,
           "name of the model that is written: OUTPUT_DIR/models/NAME.safetensors")
      .check(
          [this] {
            return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '-' || c == '_';
            });
          },
          "must be letters, digits, - and _")
      .refused_elsewhere();
}

fs::path LearnOptions::initial_path() const {
  if (initial_model == "none") return {};
  return initial_model.empty() ? default_model_path() : fs::path(initial_model);
}

std::vector<std::string> LearnOptions::contradictions() const {
  auto problems = CommonOptions::contradictions(dry_run);
  if (device.indices.size() > 1)
    problems.push_back("--device: learn takes one GPU, found " + to_string(device));
  if (labels.path.empty())
    problems.emplace_back("the learn level needs --labels, the label maps of the scans");
  const bool fresh = initial_model == "none";
  if (method == LearnMethod::kFineTune && fresh)
    problems.emplace_back("--method finetune needs an --initial-model");
  boost::system::error_code none_yet;
  const fs::path written = output_dir / "models" / (name + ".safetensors");
  if (!fresh && fs::equivalent(written, initial_path(), none_yet) && !none_yet)
    problems.push_back("--initial-model " + initial_path().string() +
                       " is the model that would be written: choose another --model-name");
  if (ndim == 2 && initial_model.empty())
    problems.emplace_back("--ndim 2 needs --initial-model none, or a 2-D model");
  if (folds > 1 && !validation.empty())
    problems.emplace_back(
        "--folds holds out each participant once; --validation says who is held out: give one of "
        "them");
  if (batch) problems.emplace_back("--batch divides images; the learn level needs them together");
  return problems;
}

}  // namespace hypersynth
