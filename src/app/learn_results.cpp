#include "app/learn_results.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/runtime.h"
#include "core/atomic_file.h"
#include "core/joined.h"
#include "core/number_text.h"
#include "core/tsv.h"
#include "core/version.h"
#include "engine/model/model_file.h"
#include "evaluation/statistics.h"
#include "nodes/blend_models.h"
#include "pipeline/files/digest.h"
#include "report/learning_report.h"

namespace hypersynth {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// Of the last values of a learned parameter, for its interval.
constexpr std::size_t kLastSteps = 300;
/// Of learned parameters: the table has all of them.
constexpr std::size_t kMostCharts = 12;

std::string cell(double value) {
  return std::isfinite(value) ? significant_digits(value, 10) : "n/a";
}

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// A Dice of ScoreModel with NaN where there is none.
double value_of(double dice) { return dice == ScoreModel::kNoDice ? kNaN : dice; }

/// "low_snr_dice".
std::string column_of(const ForeignDice& foreign, const std::string& what) {
  std::string name = foreign.images.name + "_" + what;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

ForeignImages images_of(ScanShift shift) {
  const std::string name(name_of(shift));
  switch (shift) {
    case ScanShift::kInverted:
      return {name, "Inverted", "held-out scans of inverted contrast"};
    case ScanShift::kT2Like:
      return {name, "T2-like", "held-out scans changed to look T2-weighted"};
    case ScanShift::kLowSnr:
      return {name, "Low SNR", "held-out scans with noise added"};
  }
  return {};
}

/// Dice of each structure in each held-out scan, by model.
using DiceTable = std::map<std::string, std::map<std::int32_t, double>>;  // scan -> label -> Dice

DiceTable dice_of(const LearnFindings& findings, const std::string& model) {
  DiceTable table;
  for (const auto& learned : findings.models) {
    if (learned.nodes.candidate != model || !learned.scored) continue;
    const auto& scored = *learned.scored;
    for (std::size_t i = 0; i < scored.scans.size(); ++i) {
      for (std::size_t k = 0; k < scored.labels.size(); ++k) {
        if (scored.dice[i][k] != ScoreModel::kNoDice)
          table[scored.scans[i]][scored.labels[k]] = scored.dice[i][k];
      }
    }
  }
  return table;
}

std::map<std::int32_t, std::string> names_of(const LearnFindings& findings) {
  std::map<std::int32_t, std::string> names;
  for (const auto& model : findings.models) {
    if (!model.scored) continue;
    for (std::size_t k = 0; k < model.scored->labels.size(); ++k)
      names[model.scored->labels[k]] = model.scored->names[k];
  }
  return names;
}

std::vector<StructureRow> structure_rows(const DiceTable& before, const DiceTable& after,
                                         const std::map<std::int32_t, std::string>& names,
                                         std::uint64_t seed) {
  std::vector<StructureRow> rows;
  for (const auto& [label, name] : names) {
    std::vector<double> first, second, differences;
    for (const auto& [scan, dice] : after) {
      const auto found = dice.find(label);
      if (found == dice.end()) continue;
      second.push_back(found->second);
      const auto other = before.find(scan);
      if (other == before.end() || other->second.count(label) == 0) continue;
      first.push_back(other->second.at(label));
      differences.push_back(found->second - first.back());
    }
    if (second.empty()) continue;
    StructureRow row;
    row.name = name;
    row.scans = second.size();
    row.before = estimate_mean(first).mean;
    row.after = estimate_mean(second).mean;
    row.difference = estimate_mean(differences).mean;
    const auto interval = bootstrap_mean_interval(differences, seed);
    row.low = interval.low;
    row.high = interval.high;
    row.p_value = signed_rank_test(differences).p_value;
    rows.push_back(row);
  }
  return rows;
}

double mean_of(const std::map<std::int32_t, double>& dice) {
  std::vector<double> values;
  for (const auto& [label, value] : dice) values.push_back(value);
  return estimate_mean(values).mean;
}

/// One value of a line of training.jsonl.
void add_point(const nlohmann::json& line, const char* key, std::vector<CurvePoint>& points) {
  const auto found = line.find(key);
  if (found != line.end() && found->is_number())
    points.push_back({line.value("step", 0.0), found->get<double>()});
}

/// The curves in a training log, with those of the learned parameters.
struct TrainingLog {
  TrainingCurve curve;
  std::vector<LearnedParameterCurve> parameters;
};

/// "mean[2]", or "sigma" of a parameter that is one number.
std::string element_name(const std::string& parameter, std::size_t element, std::size_t count) {
  return count == 1 ? parameter : parameter + "[" + std::to_string(element) + "]";
}

/// `synthesis` has the parameters' values at the start.
TrainingLog read_log(const std::string& name, const fs::path& path,
                     const std::vector<SynthesisParameter>& synthesis) {
  TrainingLog log;
  log.curve.name = name;
  std::map<std::string, std::vector<CurvePoint>> values;
  std::ifstream stream(path.string());
  for (std::string text; std::getline(stream, text);) {
    const auto line = nlohmann::json::parse(text, nullptr, false);
    if (!line.is_object()) continue;
    add_point(line, "synthetic_loss", log.curve.synthetic_loss);
    add_point(line, "real_loss", log.curve.real_loss);
    add_point(line, "validation_score", log.curve.validation_score);
    const auto theta = line.find("theta");
    if (theta == line.end() || !theta->is_object()) continue;
    const double step = line.value("step", 0.0);
    for (const auto& [parameter, value] : theta->items()) {
      if (value.is_number()) values[parameter].push_back({step, value.get<double>()});
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        if (value[i].is_number())
          values[element_name(parameter, i, value.size())].push_back(
              {step, value[i].get<double>()});
      }
    }
  }
  for (const auto& parameter : synthesis) {
    for (std::size_t i = 0; i < parameter.start.size(); ++i) {
      const auto element = element_name(parameter.name, i, parameter.start.size());
      const auto found = values.find(element);
      if (found != values.end() && !found->second.empty())
        log.parameters.push_back({element, parameter.start[i], found->second});
    }
  }
  return log;
}

/// The parameters that moved furthest for their size, in the order in which they came.
std::vector<LearnedParameterCurve> furthest(const std::vector<LearnedParameterCurve>& curves) {
  const auto move = [](const LearnedParameterCurve& curve) {
    return std::abs(curve.values.back().value - curve.start) / (std::abs(curve.start) + 0.05);
  };
  std::vector<double> moves;
  for (const auto& curve : curves) moves.push_back(move(curve));
  std::sort(moves.begin(), moves.end(), std::greater<>());
  const double least = moves.size() > kMostCharts ? moves[kMostCharts - 1] : 0;
  std::vector<LearnedParameterCurve> chosen;
  for (const auto& curve : curves) {
    if (move(curve) >= least && chosen.size() < kMostCharts) chosen.push_back(curve);
  }
  return chosen;
}

std::vector<LearnedParameterRow> learned_rows(const std::vector<LearnedParameterCurve>& curves) {
  std::vector<LearnedParameterRow> rows;
  for (const auto& curve : curves) {
    LearnedParameterRow row{curve.name, curve.start, curve.values.back().value, kNaN, kNaN};
    const std::size_t first = curve.values.size() - std::min(curve.values.size(), kLastSteps);
    for (std::size_t i = first; i < curve.values.size(); ++i) {
      row.low = std::fmin(row.low, curve.values[i].value);
      row.high = std::fmax(row.high, curve.values[i].value);
    }
    rows.push_back(row);
  }
  return rows;
}

/// The scans that every model with scores has segmented: only over these are means compared.
std::set<std::string> scans_of_all(const LearnFindings& findings) {
  std::map<std::string, std::set<std::string>> scans;  // by model
  for (const auto& model : findings.models) {
    if (model.scored)
      scans[model.nodes.candidate].insert(model.scored->scans.begin(), model.scored->scans.end());
  }
  if (scans.empty()) return {};
  auto common = scans.begin()->second;
  for (const auto& [model, own] : scans)
    std::erase_if(common, [&own = own](const std::string& scan) { return own.count(scan) == 0; });
  return common;
}

class Writer {
 public:
  explicit Writer(const LearnResults& results)
      : r_(results),
        outputs_(results.options.name),
        names_(names_of(results.findings)),
        before_(dice_of(results.findings, kInitialModel)) {}

  std::vector<fs::path> write();

 private:
  std::string chosen_name() const { return r_.choice.models[*r_.choice.chosen].name; }
  /// The candidate whose scores stand beside the initial model's: the chosen one or, where the
  /// initial model is, the best of the others.
  std::string compared_name() const;
  const LearnCandidate* candidate(const std::string& name) const;
  std::set<std::string> people(bool held_out) const {
    return people_of(r_.splits, r_.data.scans, held_out);
  }
  Json facts() const;
  std::string candidates_table() const;
  std::string scores_table() const;
  std::vector<CandidateRow> candidate_rows() const;
  LearningReport page() const;
  std::string shown_name(const std::string& parameter) const;
  std::vector<ImagePanel> pictures() const;
  fs::path write_text(const std::string& name, const std::string& text) const {
    const fs::path path = r_.options.output_dir / name;
    write_atomically(path, text);
    return path;
  }
  fs::path write_model(const Json& facts) const;

  const LearnResults& r_;
  LearnOutputs outputs_;
  std::map<std::int32_t, std::string> names_;
  DiceTable before_;
};

const LearnCandidate* Writer::candidate(const std::string& name) const {
  for (const auto& each : r_.candidates) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string Writer::compared_name() const {
  if (!r_.data.initial || *r_.choice.chosen > 0) return chosen_name();
  std::string best;
  double most = -1;
  for (const auto& model : r_.choice.models) {
    if (model.name == kInitialModel || !(model.held_out_dice > most)) continue;
    most = model.held_out_dice;
    best = model.name;
  }
  return best;
}

Json Writer::facts() const {
  const auto& options = r_.options;
  Json facts{{"name", options.name},
             {"method", chosen_name()},
             {"reason", r_.choice.reason},
             {"dataset", r_.layout.description().name},
             {"version", version()},
             {"command", "hypersynth " + options.command_line},
             {"random_seed", options.random_seed},
             {"people", people(false)},
             {"people_held_out", people(true)},
             {"folds", options.folds}};
  if (r_.data.initial) {
    facts["initial_model"] = {{"name", options.initial_path().stem().string()},
                              {"xxh3", pipeline::digest_of_file(options.initial_path()).hex()}};
  }
  for (const auto& scan : r_.data.scans) {
    facts["scans"].push_back(
        {{"image", scan.image.path},
         {"image_xxh3", pipeline::digest_of_file(scan.image_path).hex()},
         {"labels_xxh3", pipeline::digest_of_file(scan.reference_path).hex()}});
  }
  if (!r_.findings.packs.empty()) {
    const auto& pack = r_.findings.packs.front();
    facts["label_maps"] = pack.maps;
    facts["undrawn_labels"] = pack.undrawn;
    facts["left_out"] = pack.left_out;
  }
  if (!r_.handed_out.empty()) {
    const std::string split = r_.splits.size() > 1 ? "all" : "";
    facts["training_log"] = training_log(options, split, trained_as(chosen_name())).string();
    const auto synthesis = read_model(r_.handed_out.string()).manifest.training.synthesis;
    for (const auto& row : learned_rows(read_log("", r_.training_log, synthesis).parameters))
      facts["synthesis"].push_back({{"name", row.name},
                                    {"start", json_number(row.start)},
                                    {"learned", json_number(row.learned)},
                                    {"least_of_last_steps", json_number(row.low)},
                                    {"greatest_of_last_steps", json_number(row.high)}});
  }
  for (std::size_t i = 0; i < r_.choice.models.size(); ++i) {
    const auto& model = r_.choice.models[i];
    Json entry{
        {"name", model.name},
        {"held_out_dice", json_number(model.held_out_dice)},
        {"held_out_dice_95", {json_number(model.interval.low), json_number(model.interval.high)}},
        {"chosen", i == *r_.choice.chosen}};
    for (const auto& foreign : model.foreign) {
      entry[column_of(foreign, "dice")] = json_number(foreign.dice);
      entry[column_of(foreign, "change")] = json_number(foreign.change);
    }
    if (!model.why_not.empty()) entry["why_not"] = model.why_not;
    if (const auto* found = candidate(model.name)) entry["options"] = joined(found->options, " ");
    facts["models"].push_back(std::move(entry));
  }
  return facts;
}

std::string Writer::candidates_table() const {
  std::vector<std::string> columns{"model", "chosen", "held_out_dice", "held_out_dice_low",
                                   "held_out_dice_high"};
  for (const auto& foreign : r_.choice.models.front().foreign) {
    for (const char* what : {"dice", "change"}) columns.push_back(column_of(foreign, what));
  }
  columns.insert(columns.end(), {"steps", "wall_s", "cpu_s", "peak_memory_bytes", "why_not"});
  std::string text = tsv_line(columns);
  for (const auto& row : candidate_rows()) {
    std::vector<std::string> cells{row.name, row.chosen ? "true" : "false", cell(row.held_out_dice),
                                   cell(row.held_out_low), cell(row.held_out_high)};
    for (const auto& foreign : row.foreign)
      cells.insert(cells.end(), {cell(foreign.dice), cell(foreign.change)});
    cells.insert(cells.end(), {std::to_string(row.steps), cell(row.wall_s), cell(row.cpu_s),
                               cell(row.peak_memory_bytes), row.why_not});
    text += tsv_line(cells);
  }
  return text;
}

std::string Writer::scores_table() const {
  std::string text = tsv_line({"model", "image", "index", "name", "dice"});
  for (const auto& model : r_.choice.models) {
    for (const auto& [scan, dice] : dice_of(r_.findings, model.name)) {
      for (const auto& [label, value] : dice)
        text += tsv_line({model.name, scan, std::to_string(label), names_.at(label), cell(value)});
    }
  }
  return text;
}

std::vector<CandidateRow> Writer::candidate_rows() const {
  std::vector<CandidateRow> rows;
  for (std::size_t i = 0; i < r_.choice.models.size(); ++i) {
    const auto& model = r_.choice.models[i];
    CandidateRow row;
    row.name = model.name;
    const auto* found = candidate(model.name);
    row.explanation = found != nullptr ? found->explanation : "the model that the run began with";
    if (model.name != trained_as(model.name))
      row.explanation = "half-way between the initial model and that of " + trained_as(model.name) +
                        ": the mean of their weights";
    row.held_out_dice = model.held_out_dice;
    row.held_out_low = model.interval.low;
    row.held_out_high = model.interval.high;
    for (const auto& foreign : model.foreign)
      row.foreign.push_back({foreign.images.title, foreign.dice, foreign.change});
    row.chosen = i == *r_.choice.chosen;
    row.why_not = model.why_not;
    double wall = 0, cpu = 0, peak = 0;
    for (const auto& learned : r_.findings.models) {
      if (learned.nodes.candidate != model.name || !learned.trained) continue;
      row.steps = learned.trained->steps;
      wall += learned.trained->wall_s;
      cpu += learned.trained->cpu_s;
      peak = std::max(peak, learned.trained->peak_memory_bytes);
    }
    if (wall > 0) {
      row.wall_s = wall;
      row.cpu_s = cpu;
      row.peak_memory_bytes = peak;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Copies the pictures into the output folder.
std::vector<ImagePanel> Writer::pictures() const {
  std::vector<ImagePanel> panels;
  if (!r_.findings.examples) return panels;
  const std::string& method = r_.findings.examples_of;
  const auto add = [&](const fs::path& picture, const std::string& title,
                       const std::string& caption, const std::string& alt) {
    if (picture.empty()) return;
    const std::string name =
        "models/figures/" + r_.options.name + "_" + picture.filename().string();
    std::ifstream stream(picture.string(), std::ios::binary);
    write_text(name, {std::istreambuf_iterator<char>(stream), {}});
    panels.push_back({title, caption, name, alt});
  };
  boost::system::error_code error;
  fs::create_directories(r_.options.output_dir / "models" / "figures", error);
  const auto& examples = *r_.findings.examples;
  const std::string slices = "Middle slices of a head: axial, coronal, sagittal.";
  if (examples.after.empty()) {
    add(examples.before, "Synthetic",
        "As " + method + " sees them: every image has other contrasts.", slices);
  } else {
    add(examples.before, "Synthetic, before", "With the parameters that " + method + " began with.",
        slices);
    add(examples.after, "Synthetic, after",
        "The same head and random numbers with the learned parameters.", slices);
  }
  add(examples.real, "Real", "A held-out scan, as the network sees it.", slices);
  return panels;
}

/// Of an element of a parameter with one for each intensity class: "mean of thalamus, putamen".
std::string Writer::shown_name(const std::string& parameter) const {
  const auto& classes = r_.findings.packs.front().intensity_classes;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    for (const char* name : {"mean", "spread", "deviation"}) {
      const std::string element = element_name(name, k, classes.size());
      if (parameter == element || parameter.ends_with("." + element))
        return std::string(name) + " of " + classes[k];
    }
  }
  return parameter;
}

LearningReport Writer::page() const {
  const auto& options = r_.options;
  LearningReport report;
  report.dataset = r_.layout.description().name;
  report.model = options.name;
  report.verdict = r_.choice.reason;
  report.gained = r_.choice.gained || !r_.data.initial;
  const auto& pack = r_.findings.packs.front();
  const auto count = [](auto number) { return std::to_string(number); };
  report.facts = {
      {"People to learn from", count(people(false).size())},
      {"People held out", joined(people(true), ", ", [](const auto& p) { return "sub-" + p; })},
      {"Scans to learn from", count(pack.scans)},
      {"Scans held out", count(pack.held_out)},
      {"Label maps to synthesise from", count(pack.maps)},
      {"Structures", count(names_.size())},
      {"Folds", count(options.folds)},
      {"Preset", word_of(preset_of(options))},
      {"Seed", count(options.random_seed)}};
  report.candidates = candidate_rows();
  report.compared = compared_name();
  const auto compared = dice_of(r_.findings, report.compared);
  report.structures = structure_rows(before_, compared, names_, options.random_seed);
  for (const auto& [scan, dice] : compared) {
    const auto found = before_.find(scan);
    report.scans.push_back(
        {scan, "", found == before_.end() ? kNaN : mean_of(found->second), mean_of(dice)});
  }
  for (const auto& model : r_.findings.models) {
    if (!model.trained) continue;
    const std::string split = model.nodes.split.empty() ? "" : model.nodes.split + " ";
    auto log = read_log(split + model.nodes.candidate, model.trained->log,
                        read_model(model.trained->model.string()).manifest.training.synthesis);
    for (auto& parameter : log.parameters) parameter.name = shown_name(parameter.name);
    if (!log.parameters.empty() && report.parameters.empty()) {
      report.learner = model.nodes.candidate;
      report.learned = learned_rows(log.parameters);
      report.parameters = furthest(log.parameters);
    }
    report.curves.push_back(std::move(log.curve));
  }
  report.synthetic = pictures();
  report.warnings = r_.findings.warnings;
  for (const auto& scan : r_.data.unused) report.warnings.push_back(scan.path + ": " + scan.reason);
  report.files = {{"Model", outputs_.model},
                  {"What is known of the model", outputs_.facts},
                  {"Candidates", outputs_.candidates},
                  {"Dice of each structure and scan", outputs_.scores}};
  report.provenance = report_context(options, &r_.layout).provenance;
  report.provenance.model_name = options.name;
  report.provenance.device = training_device(options);
  return report;
}

fs::path Writer::write_model(const Json& facts) const {
  const fs::path from = r_.handed_out.empty() ? r_.options.initial_path() : r_.handed_out;
  const auto file = Safetensors::read(from.string());
  auto metadata = file.metadata();
  metadata["learning"] = facts.dump(-1, ' ', false, Json::error_handler_t::replace);
  const fs::path path = r_.options.output_dir / outputs_.model;
  write_safetensors(path.string(), file.tensors(), metadata);
  return path;
}

std::vector<fs::path> Writer::write() {
  boost::system::error_code error;
  fs::create_directories(r_.options.output_dir / "models", error);
  const Json known = facts();  // reads all scans
  std::vector<fs::path> written{write_model(known)};
  written.push_back(
      write_text(outputs_.facts, known.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
  written.push_back(write_text(outputs_.candidates, candidates_table()));
  written.push_back(write_text(outputs_.scores, scores_table()));
  written.push_back(r_.options.output_dir / outputs_.page);
  write_learning_report(written.back(), page());
  return written;
}

}  // namespace

LearnFindings findings_of(const LearnWorkflow& workflow, const pipeline::RunReport& report) {
  LearnFindings findings;
  std::set<std::string> told;
  const auto tell = [&](const std::string& node) {
    const auto* found = report.find(node);
    if (found == nullptr || !found->result) return;
    for (const auto& warning : found->result->warnings) {
      if (told.insert(warning).second) findings.warnings.push_back(warning);
    }
  };
  for (const auto& node : workflow.packs) {
    if (auto pack = report.outputs<PackTrainingData>(node))
      findings.packs.push_back(std::move(*pack));
    tell(node);
  }
  if (!workflow.examples.empty()) {
    findings.examples = report.outputs<DrawExamples>(workflow.examples);
    findings.examples_of = trained_as(workflow.models.back().candidate);
    tell(workflow.examples);
  }
  for (const auto& nodes : workflow.models) {
    LearnedModel model{nodes, {}, {}, {}, ""};
    for (const auto& node : {nodes.train, nodes.blend, nodes.score}) {
      if (node.empty()) continue;
      tell(node);
      const auto* found = report.find(node);
      if (found != nullptr && !found->result && model.failure.empty())
        model.failure = found->message;
    }
    if (!nodes.train.empty()) model.trained = report.outputs<TrainModel>(nodes.train);
    if (model.trained) model.model = model.trained->model;
    if (!nodes.blend.empty()) {
      if (const auto blend = report.outputs<BlendModels>(nodes.blend)) model.model = blend->model;
    }
    if (!nodes.score.empty()) model.scored = report.outputs<ScoreModel>(nodes.score);
    findings.models.push_back(std::move(model));
  }
  return findings;
}

std::vector<ModelScores> scores_of(const LearnFindings& findings,
                                   const std::vector<LearnCandidate>& candidates,
                                   const std::vector<ScanShift>& shifts, bool has_initial) {
  const auto common = scans_of_all(findings);
  std::vector<std::string> names;
  if (has_initial) names.emplace_back(kInitialModel);
  for (const auto& candidate : candidates) {
    names.push_back(candidate.name);
    if (candidate.from_initial) names.push_back(half_of(candidate.name));
  }
  std::vector<ModelScores> scores;
  for (const auto& name : names) {
    ModelScores score;
    score.name = name;
    score.foreign.push_back(
        {{"synthetic", "Synthetic", "synthetic images of random contrast"}, {}});
    for (const auto shift : shifts) score.foreign.push_back({images_of(shift), {}});
    for (const auto& model : findings.models) {
      if (model.nodes.candidate != name) continue;
      if (!model.failure.empty() && score.failure.empty()) score.failure = model.failure;
      if (!model.scored) continue;
      for (std::size_t i = 0; i < model.scored->scans.size(); ++i) {
        const auto& scan = model.scored->scans[i];  // "sub-01_ses-1_T1w.nii.gz"
        if (common.count(scan) == 0) continue;
        score.dice.push_back(value_of(mean_dice(model.scored->dice[i])));
        score.people.push_back(scan.substr(0, scan.find('_')));
      }
      const auto add = [&score](std::size_t kind, const std::vector<double>& dice) {
        for (const double value : dice) score.foreign[kind].dice.push_back(value_of(value));
      };
      add(0, model.scored->synthetic_dice);
      for (std::size_t k = 0; k < model.scored->shifted_dice.size(); ++k)
        add(k + 1, model.scored->shifted_dice[k]);
    }
    scores.push_back(std::move(score));
  }
  return scores;
}

std::vector<fs::path> write_learn_results(const LearnResults& results) {
  return Writer(results).write();
}

}  // namespace hypersynth
