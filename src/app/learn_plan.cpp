#include "app/learn_plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/image_selection.h"
#include "bids/filter.h"
#include "bids/pairing.h"
#include "bids/read_file.h"
#include "core/error.h"
#include "core/joined.h"
#include "core/random.h"
#include "core/tsv.h"
#include "engine/data/derived_label_table.h"
#include "engine/inference/inference_network.h"
#include "engine/model/model_file.h"
#include "engine/training/training_loader.h"
#include "engine/training/training_options.h"
#include "evaluation/label_mapping.h"
#include "image/nifti.h"
#include "nodes/train_model.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {
namespace {

constexpr double kHeldOutShare = 0.25;

std::string text_of(const std::optional<std::int32_t>& value) {
  return value ? std::to_string(*value) : "";
}

/// The rows of several tables as one; throws where two of them call a label differently.
class DescriptionTable {
 public:
  void add(const std::vector<LabelDescription>& rows, const std::string& path) {
    for (const auto& row : rows) {
      const auto [found, is_new] = rows_.emplace(row.index, row);
      if (is_new || found->second.name == row.name) continue;
      throw InputError(path,
                       "one name for the label " + std::to_string(row.index) +
                           " in all lookup tables, or a --label-table",
                       found->second.name + " and " + row.name);
    }
  }
  /// Rows of labels that have none yet.
  void add_missing(const std::vector<ModelLabel>& labels) {
    for (const auto& label : labels)
      rows_.emplace(label.index, LabelDescription{label.index, label.name});
  }
  std::string text() const {
    std::string text =
        tsv_line({"index", "name", "contralateral", "intensity_class", "segmentation_index"});
    for (const auto& [index, row] : rows_) {
      text += tsv_line({std::to_string(index), row.name, text_of(row.contralateral),
                        text_of(row.intensity_class), text_of(row.segmentation_index)});
    }
    return text;
  }

 private:
  std::map<std::int32_t, LabelDescription> rows_;
};

/// The lookup tables of `files`, each once.
void add_lookup_tables(const LabelDataset& dataset, DescriptionTable& table) {
  std::set<std::string> seen;
  for (const auto& file : dataset.files()) {
    const auto lookup = dataset.layout().nearest(file, ".tsv");
    if (!lookup || !seen.insert(lookup->path).second) continue;
    const auto path = (dataset.layout().root() / lookup->path).string();
    table.add(parse_label_descriptions(dataset.layout().read(lookup->path), path), path);
  }
}

/// The label maps in a folder or a derivative dataset, sorted; those of a dataset with its tables.
std::vector<fs::path> list_label_maps(const LearnOptions& options, DescriptionTable& table) {
  const fs::path& folder = options.label_maps;
  std::vector<fs::path> found;
  if (fs::exists(folder / "dataset_description.json")) {
    CommonOptions all = options;
    all.participant_label.clear();
    all.exclude_participant_label.clear();
    all.session_label.clear();
    all.run_id.clear();
    all.modalities.clear();
    const auto dataset = LabelDataset::open({folder.filename().string(), folder}, "", all);
    for (const auto& file : dataset.files()) found.push_back(dataset.path_of(file));
    add_lookup_tables(dataset, table);
    return found;
  }
  boost::system::error_code error;
  if (!fs::is_directory(folder, error))
    throw Error(ExitCode::kInputMissing,
                "--label-maps: expected a folder of label maps, found no " + folder.string());
  for (const auto& name : pipeline::real_file_system().list(folder)) {
    if (is_nifti_name(name)) found.push_back(folder / name);
  }
  if (found.empty())
    throw Error(ExitCode::kInputMissing,
                folder.string() + ": expected label maps (.nii, .nii.gz), found none");
  std::sort(found.begin(), found.end());
  return found;
}

/// Pairs the selected scans with their label maps.
void pair_scans(const LearnOptions& options, const bids::Layout& layout, const LabelDataset& labels,
                LearnData& data) {
  std::vector<bids::DataFile> images;
  std::map<std::string, bids::DataFile> image_at;
  for (auto& planned : select(layout, options)) {
    image_at.emplace(planned.source.path, planned.source);
    // A scan lies in its own space: so it finds the label map that names it.
    planned.source.entities.set(bids::Entity::kSpace, planned.source.suffix);
    images.push_back(std::move(planned.source));
  }
  const auto pairing = bids::pair_by_source(images, labels.files());
  for (const auto& pair : pairing.pairs) {
    const auto& image = image_at.at(pair.first.path);
    if (!image.has_content) {
      data.unused.push_back(
          {image.path, "expected an image, found a symbolic link without content"});
      continue;
    }
    data.scans.push_back({image, layout.root() / image.path, labels.path_of(pair.second)});
  }
  data.without_labels = pairing.unpaired_first.size();
  for (const auto& ambiguous : pairing.ambiguous) {
    const auto path = [](const bids::DataFile& file) { return file.path; };
    data.unused.push_back({ambiguous.file.path, "expected one label map, found " +
                                                    joined(ambiguous.candidates, ", ", path) +
                                                    "; choose with --labels-desc"});
  }
  if (!data.scans.empty()) return;
  std::string message = layout.root().string() + ": expected scans with a label map in " +
                        labels.layout().root().string() + ", found none among " +
                        std::to_string(images.size()) + " selected scans";
  if (!data.unused.empty())
    message += " (" + data.unused.front().path + ": " + data.unused.front().reason + ")";
  throw Error(ExitCode::kNothingSelected, message);
}

/// The one number that --validation gives, if that is what it gives.
std::optional<double> share_of(const std::vector<std::string>& validation) {
  if (validation.empty()) return kHeldOutShare;
  if (validation.size() > 1 || validation.front().find('.') == std::string::npos)
    return std::nullopt;
  try {
    double share = 0;
    OptionValue<double>::read(validation.front(), share);
    return share;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

Split split_by(const std::vector<LabelledScan>& scans, const std::set<std::string>& held_out,
               std::string name) {
  Split split;
  split.name = std::move(name);
  for (std::size_t i = 0; i < scans.size(); ++i)
    (held_out.count(scans[i].person()) == 1 ? split.held_out : split.learning).push_back(i);
  return split;
}

/// The choices that make a network of this architecture.
NetworkChoice network_of(const ModelManifest& model) {
  const auto json = to_json(model.architecture);
  NetworkChoice choice;
  choice.dimensions = dimensions_of(model.architecture);
  choice.classes = classes_of(model.architecture);
  choice.features = finest_features_of(model.architecture);
  if (json.contains("levels"))
    choice.levels = json["levels"].get<int>();
  else if (json.contains("features") && json["features"].is_array())
    choice.levels = static_cast<int>(json["features"].size());
  if (json.contains("norm")) choice.norm = parse_word<Norm>(json["norm"].get<std::string>());
  const std::string name = name_of(model.architecture);
  if (!same_architecture(make_architecture(name, choice), model.architecture))
    throw Error(ExitCode::kUsage,
                "--initial-model: expected a network that hypersynth-train can "
                "make, found " +
                    json.dump());
  return choice;
}

/// The same as options.
std::string network_words(const ModelManifest& model, const NetworkChoice& choice) {
  return std::string("--network ") + name_of(model.architecture) + " --levels " +
         std::to_string(choice.levels) + " --features " + std::to_string(choice.features) +
         " --norm " + word_of(choice.norm);
}

/// Steps and the like of one method under a preset. Those of tuning were tried on real scans, see
/// docs/training.md. Dice with the default smoothing hardly sees small structures in a patch.
struct Effort {
  std::int64_t steps;
  std::string words;
};

/// Patches to tune a model with. Those of volumes are as wide as a head: with 64 voxels the sides
/// of structures were confused, and Dice was lower by 0.03 (docs/training.md).
std::string tuning_patch(LearnPreset preset, const ModelManifest& model) {
  constexpr double kWidth_mm = 144;
  const auto multiple = side_multiple_of(model.architecture);
  const std::int64_t side = preset == LearnPreset::kGpu   ? 128
                            : preset == LearnPreset::kCpu ? 64
                                                          : 48;
  std::vector<std::int64_t> sides(static_cast<std::size_t>(dimensions_of(model.architecture)),
                                  rounded_up(side, multiple));
  if (sides.size() == 3 && preset != LearnPreset::kSmoke)
    sides[0] = rounded_up(std::llround(kWidth_mm / model.input.spacing_mm), multiple);
  return OptionValue<std::vector<std::int64_t>>::text(sides);
}

Effort tuning_effort(LearnPreset preset, TrainingMethod method, const ModelManifest& model,
                     const NetworkChoice& network) {
  std::string words = network.norm == Norm::kBatch ? "--frozen-norm " : "";
  words += "--batch-size 1 --patch " + tuning_patch(preset, model) +
           " --learning-rate 5e-4 --dice-smoothing 0.0005 --schedule cosine --average-decay 0.98 "
           "--kept-weights last --checkpoint-every 25";
  if (preset == LearnPreset::kGpu) words += " --checkpoint-every 500 --validation-every 500";
  std::int64_t steps = 0;
  switch (preset) {
    case LearnPreset::kSmoke:
      steps = method == TrainingMethod::kLearn2Synth ? 4 : 10;
      break;
    case LearnPreset::kCpu:
      steps = method == TrainingMethod::kFineTune      ? 300
              : method == TrainingMethod::kLearn2Synth ? 20
                                                       : 60;
      break;
    case LearnPreset::kGpu:
      steps = 4000;
      break;
  }
  return {steps, words};
}

Effort fresh_effort(LearnPreset preset, int dimensions) {
  std::string words =
      "--loss dice+0.2*cross-entropy --schedule cosine --gradient-clip 10 --kept-weights best ";
  if (dimensions == 2) {
    words +=
        "--network resize-unet --norm instance --dice-over-batch --dice-smoothing 0.0005 "
        "--learning-rate 3e-3 --average-decay 0.99 ";
    switch (preset) {
      case LearnPreset::kSmoke:
        return {60, words +
                        "--levels 3 --features 8 --patch 64x64 --batch-size 8 "
                        "--checkpoint-every 20 --validation-every 30"};
      case LearnPreset::kCpu:
        return {6000, words +
                          "--levels 3 --features 8 --patch 96x96 --batch-size 8 "
                          "--checkpoint-every 200 --validation-every 500"};
      case LearnPreset::kGpu:
        return {30000, words +
                           "--levels 4 --features 24 --patch 128x128 --batch-size 32 "
                           "--checkpoint-every 1000 --validation-every 1000"};
    }
  }
  words +=
      "--network pool-unet --norm batch --learning-rate 1e-3 --average-decay 0.999 "
      "--batch-size 1 ";
  switch (preset) {
    case LearnPreset::kSmoke:
      return {10, words + "--levels 3 --features 8 --patch 48x48x48 --checkpoint-every 5"};
    case LearnPreset::kCpu:
      return {1500, words + "--levels 4 --features 8 --patch 64x64x64 --checkpoint-every 50"};
    case LearnPreset::kGpu:
      return {60000, words +
                         "--levels 5 --features 16 --patch 128x128x128 --checkpoint-every 1000 "
                         "--validation-every 2000"};
  }
  throw std::logic_error("unknown preset");
}

const char* explanation_of(TrainingMethod method) {
  switch (method) {
    case TrainingMethod::kSynthSeg:
      return "synthetic images of random contrast alone";
    case TrainingMethod::kLearn2Synth:
      return "synthetic images, whose appearance the labelled scans steer by hypergradients; half "
             "of them stay of random contrast";
    case TrainingMethod::kSupervised:
      return "the labelled scans alone, from fresh weights";
    case TrainingMethod::kMixed:
      return "synthetic images of random contrast and labelled scans in equal parts";
    case TrainingMethod::kFineTune:
      return "the labelled scans alone, from the initial model";
  }
  return "";
}

/// Throws Error kUsage where the training would not take these options.
void check_options(const LearnCandidate& candidate, const LearnOptions& options) {
  TrainModel::Inputs in;
  in.data = "training.pack";
  in.checkpoints = "checkpoints";
  if (candidate.from_initial) in.initial_model = {options.initial_path()};
  in.options = candidate.options;
  try {
    training_options_of(in, training_device(options));
  } catch (const Error& error) {
    throw Error(ExitCode::kUsage,
                "--training-options, for " + candidate.name + ": " + error.what());
  }
}

int dimensions_of(const LearnOptions& options, const LearnData& data) {
  return data.initial ? dimensions_of(data.initial->architecture) : options.ndim.value_or(3);
}

LearnCandidate candidate_of(TrainingMethod method, const LearnOptions& options,
                            const LearnData& data, std::size_t trainings) {
  const bool tuning = data.initial && method != TrainingMethod::kSupervised;
  const auto preset = preset_of(options);
  const auto network = tuning ? network_of(*data.initial) : NetworkChoice();
  const auto effort = tuning ? tuning_effort(preset, method, *data.initial, network)
                             : fresh_effort(preset, dimensions_of(options, data));
  LearnCandidate candidate{word_of(method), explanation_of(method), tuning, {}};
  std::string words = std::string("--method ") + word_of(method) + " " + effort.words;
  if (tuning) words += " " + network_words(*data.initial, network);
  words += " --steps " + std::to_string(options.steps.value_or(effort.steps));
  if (method == TrainingMethod::kLearn2Synth) {
    words += " --augmentation " + options.augmentation +
             " --unchanged-share 0.5 --theta-gradient-clip 1";
  }
  if (options.time_limit_min) {
    words += " --time-limit-s " +
             std::to_string(*options.time_limit_min * 60 / static_cast<double>(trainings));
  }
  words += " --random-seed " + std::to_string(options.random_seed);
  candidate.options = split_words(words);
  for (const auto& more : options.training_options) {
    for (auto& word : split_words(more)) candidate.options.push_back(std::move(word));
  }
  check_options(candidate, options);
  return candidate;
}

}  // namespace

std::string LabelledScan::person() const {
  return std::string(image.entities.get(bids::Entity::kSubject).value_or(""));
}

LearnData find_learn_data(const LearnOptions& options, const bids::Layout& layout,
                          const LabelDataset& labels) {
  LearnData data;
  if (const auto initial = options.initial_path(); !initial.empty())
    data.initial = read_model(initial.string()).manifest;
  if (data.initial && options.ndim && dimensions_of(data.initial->architecture) != *options.ndim)
    throw Error(ExitCode::kUsage,
                "--ndim " + std::to_string(*options.ndim) + ": the initial model " +
                    options.initial_path().string() + " is of " +
                    std::to_string(dimensions_of(data.initial->architecture)) + " dimensions");
  data.mapping = read_label_mapping(options.label_mapping);
  // What is wrong with a table is told with its path, and before anything is computed.
  if (!data.mapping.text.empty()) LabelMapping::parse(data.mapping.text, data.mapping.path);
  pair_scans(options, layout, labels, data);
  DescriptionTable table;
  if (!options.label_maps.empty()) data.label_maps = list_label_maps(options, table);
  fs::path given = options.label_table;
  if (given.empty() && !options.label_maps.empty() && fs::exists(options.label_maps / "labels.tsv"))
    given = options.label_maps / "labels.tsv";
  if (!given.empty()) {
    data.label_table = bids::read_regular_file(given);
    parse_label_table(data.label_table, given.string());
    return data;
  }
  // With a mapping the labels are those of the model.
  if (data.label_maps.empty() && data.mapping.text.empty()) add_lookup_tables(labels, table);
  if (data.initial) table.add_missing(data.initial->labels);
  data.label_table = table.text();
  data.derive_table = true;
  return data;
}

std::vector<Split> make_splits(const LearnOptions& options,
                               const std::vector<LabelledScan>& scans) {
  std::set<std::string> all;
  for (const auto& scan : scans) all.insert(scan.person());
  std::vector<std::string> people(all.begin(), all.end());
  const auto need = [&](std::size_t least, const std::string& what) {
    if (people.size() >= least) return;
    throw Error(ExitCode::kNothingSelected,
                "expected labelled scans of at least " + std::to_string(least) + " people " + what +
                    ", found those of " + std::to_string(people.size()) + " (" +
                    joined(people, ", ", [](const auto& label) { return "sub-" + label; }) + ")");
  };
  need(2, "(some to learn from, others to score the models)");
  std::mt19937_64 random(stream_seed(options.random_seed, "split"));
  // Not std::shuffle, whose draws differ between standard libraries.
  for (std::size_t i = people.size() - 1; i > 0; --i)
    std::swap(people[i], people[random() % (i + 1)]);
  if (options.folds > 1) {
    need(static_cast<std::size_t>(options.folds), "for as many folds");
    std::vector<Split> splits;
    for (int fold = 0; fold < options.folds; ++fold) {
      std::set<std::string> held_out;
      for (std::size_t i = static_cast<std::size_t>(fold); i < people.size();
           i += static_cast<std::size_t>(options.folds))
        held_out.insert(people[i]);
      splits.push_back(split_by(scans, held_out, "fold-" + std::to_string(fold + 1)));
    }
    return splits;
  }
  std::set<std::string> held_out;
  if (const auto share = share_of(options.validation)) {
    if (!(*share > 0 && *share < 1))
      throw Error(ExitCode::kUsage, "--validation: expected a share between 0 and 1, found " +
                                        options.validation.front());
    const auto wanted = std::llround(*share * static_cast<double>(people.size()));
    const auto count = std::clamp<long long>(wanted, 1, static_cast<long long>(people.size()) - 1);
    held_out.insert(people.begin(), people.begin() + count);
  } else {
    for (const auto& label : options.validation) {
      const auto person = bids::without_prefix(label, "sub-");
      if (all.count(person) == 0)
        throw Error(ExitCode::kUsage,
                    "--validation: expected participants with labelled scans, found " + label);
      held_out.insert(person);
    }
    if (held_out.size() == all.size())
      throw Error(ExitCode::kUsage,
                  "--validation holds out all participants: nobody is left to learn from");
  }
  return {split_by(scans, held_out, "")};
}

std::set<std::string> people_of(const std::vector<Split>& splits,
                                const std::vector<LabelledScan>& scans, bool held_out) {
  std::set<std::string> people;
  for (const auto& split : splits) {
    for (const auto i : held_out ? split.held_out : split.learning)
      people.insert(scans[i].person());
  }
  return people;
}

std::vector<LearnCandidate> make_candidates(const LearnOptions& options, const LearnData& data) {
  std::vector<TrainingMethod> methods;
  switch (options.method) {
    case LearnMethod::kAuto:
      methods = {TrainingMethod::kMixed, TrainingMethod::kLearn2Synth};
      if (data.initial) methods.insert(methods.begin(), TrainingMethod::kFineTune);
      break;
    case LearnMethod::kLearn2Synth:
      methods = {TrainingMethod::kLearn2Synth};
      break;
    case LearnMethod::kSynthSeg:
      methods = {TrainingMethod::kSynthSeg};
      break;
    case LearnMethod::kMixed:
      methods = {TrainingMethod::kMixed};
      break;
    case LearnMethod::kFineTune:
      methods = {TrainingMethod::kFineTune};
      break;
    case LearnMethod::kSupervised:
      methods = {TrainingMethod::kSupervised};
      break;
  }
  // Each fold trains all of them; after several folds the best is trained once more.
  const auto folds = static_cast<std::size_t>(options.folds);
  const std::size_t trainings = methods.size() * folds + (folds > 1 ? 1 : 0);
  std::vector<LearnCandidate> candidates;
  for (const auto method : methods)
    candidates.push_back(candidate_of(method, options, data, trainings));
  return candidates;
}

LearnPreset preset_of(const LearnOptions& options) {
  if (options.preset) return *options.preset;
  return training_device(options) == "cpu" ? LearnPreset::kCpu : LearnPreset::kGpu;
}

int synthetic_images_of(LearnPreset preset) {
  switch (preset) {
    case LearnPreset::kSmoke:
      return 2;
    case LearnPreset::kCpu:
      return 8;
    case LearnPreset::kGpu:
      return 24;
  }
  return 0;
}

int shifted_scans_of(LearnPreset preset) {
  switch (preset) {
    case LearnPreset::kSmoke:
      return 1;
    case LearnPreset::kCpu:
      return 2;
    case LearnPreset::kGpu:
      return 8;
  }
  return 0;
}

std::vector<ScanShift> shifts_of(const std::vector<LabelledScan>& scans) {
  std::vector<ScanShift> shifts;
  const bool t1_weighted = std::all_of(scans.begin(), scans.end(), [](const LabelledScan& scan) {
    return scan.image.suffix == "T1w";
  });
  for (const auto shift : kScanShifts) {
    if (shift != ScanShift::kT2Like || t1_weighted) shifts.push_back(shift);
  }
  return shifts;
}

std::string training_device(const LearnOptions& options) {
  if (options.device.kind == ComputeDevice::Kind::kAuto) {
    // Of the machines that a cluster gives nothing is known.
    const bool here = options.executor == ExecutorKind::kLocal;
    return here && visible_gpus() > 0 && engine_has_cuda() ? "cuda" : "cpu";
  }
  return to_string(options.device);
}

}  // namespace hypersynth
