#include "app/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/evaluation_run.h"
#include "app/progress.h"
#include "app/runtime.h"
#include "bids/dataset_links.h"
#include "bids/filter.h"
#include "bids/output_root.h"
#include "bids/read_file.h"
#include "core/atomic_file.h"
#include "core/joined.h"
#include "core/number_text.h"
#include "core/version.h"
#include "nodes/failure.h"
#include "nodes/group_table.h"
#include "nodes/image_outputs.h"
#include "nodes/results.h"
#include "pipeline/files/digest.h"
#include "pipeline/files/file_system.h"
#include "report/evaluation_report.h"

namespace hypersynth {
namespace {

/// Images that are named one by one on the terminal; the table of images has all.
constexpr std::size_t kMostNamed = 5;

void warn(const std::string& text) {
  std::fprintf(stderr, "hypersynth: warning: %s\n", printable(text).c_str());
}

void warn_of(const std::vector<std::string>& texts, const std::string& rest) {
  for (std::size_t i = 0; i < texts.size() && i < kMostNamed; ++i) warn(texts[i]);
  if (texts.size() > kMostNamed) warn(std::to_string(texts.size() - kMostNamed) + " more " + rest);
}

/// The label mapping that the options name.
LabelMapping read_mapping(const std::string& given) {
  const auto file = read_label_mapping(given);
  if (file.path.empty()) return {};
  try {
    return LabelMapping::parse(file.text, file.path);
  } catch (const InputError& error) {
    throw Error(ExitCode::kUsage, error.what());
  }
}

/// Everything that one run of the level works on and finds.
class EvaluationRun {
 public:
  explicit EvaluationRun(const EvaluateOptions& options);

  ExitCode run();

 private:
  /// Throws Error for a label that is not among `known`.
  void require_known(const std::vector<std::string>& labels,
                     const std::vector<std::string>& known) const;
  /// Whether the segmentations are those of the output folder.
  bool are_own() const;
  void plan();
  std::set<std::string> outdated() const;
  void pair_with_references(const std::set<std::string>& outdated);
  ExitCode print_plan() const;
  void evaluate();
  void retest();
  void write();
  void write_tables();
  void write_table(const char* name, const std::string& text);
  void write_page();
  void add_earlier_agreement(EvaluationReport& page) const;
  std::vector<StructureReliability> earlier_reliability() const;
  void refresh_group_pages() const;
  void print_summary() const;
  void prepare_output() const;
  EvaluationFacts facts() const;
  StructureNames all_names() const;
  ExitCode exit_code() const;

  const EvaluateOptions& options_;
  LabelRules rules_;
  LabelDataset segmentations_;
  std::optional<LabelDataset> references_;
  std::optional<LabelDataset> others_;
  std::vector<bids::DataFile> files_;  ///< the segmentations that are evaluated
  bids::Pairing pairing_;              ///< of segmentations and references
  bids::Pairing sessions_;             ///< of segmentations
  Evaluation evaluation_;              ///< against the reference
  std::vector<StructureSummary> summaries_;
  std::vector<StructureComparison> comparisons_;
  RetestResult retest_;
  std::vector<StructureReliability> reliability_;
  std::vector<UnscoredImage> without_retest_;
  bool other_failed_ = false;
  std::vector<fs::path> written_;
};

void EvaluationRun::require_known(const std::vector<std::string>& labels,
                                  const std::vector<std::string>& known) const {
  for (const auto& label : labels) {
    if (std::count(known.begin(), known.end(), bids::without_prefix(label, "sub-")) != 0) continue;
    throw Error(ExitCode::kUsage, "expected a participant of " +
                                      segmentations_.layout().root().string() + ", found " +
                                      printable(label));
  }
}

EvaluationRun::EvaluationRun(const EvaluateOptions& options)
    : options_(options),
      rules_{read_mapping(options.label_mapping), options.ignore_labels},
      segmentations_(LabelDataset::open(options.evaluated(), options.segmentation_desc, options)),
      files_(segmentations_.files()) {
  require_known(options.participant_label, segmentations_.layout().subjects());
  if (!options.reference.path.empty()) {
    references_ =
        LabelDataset::open_reference(options.reference, options.reference_desc, "--reference",
                                     {options.segmentations.path, options.compare.path}, options);
  }
  if (!options.compare.path.empty())
    others_ = LabelDataset::open(options.compare,
                                 options.compare_desc.value_or(options.segmentation_desc), options);
  // Who was excluded from the segmentation may be in the reference alone.
  auto known = segmentations_.layout().subjects();
  if (references_) {
    const auto more = references_->layout().subjects();
    known.insert(known.end(), more.begin(), more.end());
  }
  require_known(options.exclude_participant_label, known);
}

bool EvaluationRun::are_own() const {
  boost::system::error_code error;
  return fs::equivalent(segmentations_.layout().root(), options_.output_dir, error) && !error;
}

std::string paths_of(const std::vector<bids::DataFile>& files) {
  return joined(files, ", ", [](const bids::DataFile& file) { return file.path; });
}

/// What is wrong with an image that not exactly one reference is meant for.
std::string ambiguity(const bids::AmbiguousFile& ambiguous) {
  const bool is_rival =
      std::any_of(ambiguous.candidates.begin(), ambiguous.candidates.end(),
                  [&](const bids::DataFile& other) { return other.path == ambiguous.file.path; });
  return is_rival ? "expected one segmentation of the image, found " +
                        paths_of(ambiguous.candidates) + "; choose with --segmentation-desc"
                  : "expected one reference of the image, found " + paths_of(ambiguous.candidates) +
                        "; choose with --reference-desc";
}

/// Label maps in the output folder that are older than the failure of their image.
std::set<std::string> EvaluationRun::outdated() const {
  std::set<std::string> found;
  if (!are_own()) return found;
  for (const auto& failure : read_failures(options_.output_dir)) {
    if (!failure.damaged) found.insert(outputs_of(data_file_at(failure.path)).labels);
  }
  return found;
}

/// Outdated label maps are paired too, so that their references are not reported as left over.
void EvaluationRun::pair_with_references(const std::set<std::string>& outdated) {
  pairing_ = bids::pair_by_source(files_, references_->files());
  std::erase_if(pairing_.pairs, [&](const bids::FilePair& pair) {
    if (outdated.count(pair.first.path) == 0) return false;
    EvaluatedImage image = describe_image(pair.first, segmentations_);
    image.reference = pair.second.path;
    image.state = EvaluationState::kFailed;
    image.message =
        "the image failed in the last run of the participant level; this label map is older";
    evaluation_.images.push_back(std::move(image));
    return true;
  });
}

void EvaluationRun::plan() {
  if (segmentations_.files().empty()) {
    throw Error(ExitCode::kNothingSelected, segmentations_.layout().root().string() +
                                                ": the filters select none of its label maps");
  }
  const auto old = outdated();
  if (references_) {
    pair_with_references(old);
    for (const auto& file : pairing_.unpaired_first) {
      EvaluatedImage image = describe_image(file, segmentations_);
      image.state = EvaluationState::kNoReference;
      image.message = "no reference of this image in " + references_->layout().root().string();
      evaluation_.images.push_back(std::move(image));
    }
    for (const auto& file : pairing_.unpaired_second) {
      EvaluatedImage image = describe_image(file, *references_);
      image.reference = std::exchange(image.segmentation, "");
      image.state = EvaluationState::kNoSegmentation;
      image.message = "no segmentation of this image in " + segmentations_.layout().root().string();
      evaluation_.images.push_back(std::move(image));
    }
    for (const auto& ambiguous : pairing_.ambiguous) {
      EvaluatedImage image = describe_image(ambiguous.file, segmentations_);
      image.state = EvaluationState::kAmbiguous;
      image.message = ambiguity(ambiguous);
      evaluation_.images.push_back(std::move(image));
    }
  }
  if (!options_.test_retest) return;
  std::erase_if(files_, [&](const bids::DataFile& file) { return old.count(file.path) == 1; });
  sessions_ = bids::pair_sessions(files_);
  for (const auto& file : sessions_.unpaired_first)
    without_retest_.push_back({file.path, "there is no second session"});
  for (const auto& ambiguous : sessions_.ambiguous) {
    without_retest_.push_back(
        {ambiguous.file.path, "expected two sessions, found " + paths_of(ambiguous.candidates) +
                                  "; choose with --session-label or --segmentation-desc"});
  }
}

ExitCode EvaluationRun::print_plan() const {
  const auto pair_json = [](const bids::FilePair& pair, const char* first, const char* second) {
    return nlohmann::json{{first, pair.first.path}, {second, pair.second.path}};
  };
  nlohmann::json plan{{"pairs", nlohmann::json::array()},
                      {"sessions", nlohmann::json::array()},
                      {"not_scored", nlohmann::json::array()}};
  for (const auto& pair : pairing_.pairs)
    plan["pairs"].push_back(pair_json(pair, "segmentation", "reference"));
  for (const auto& pair : sessions_.pairs)
    plan["sessions"].push_back(pair_json(pair, "first", "second"));
  for (const auto& image : evaluation_.images) {
    plan["not_scored"].push_back(
        {{"path", image.segmentation.empty() ? image.reference : image.segmentation},
         {"state", to_string(image.state)},
         {"message", image.message}});
  }
  if (options_.json) {
    std::printf("%s\n", plan.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return ExitCode::kOk;
  }
  for (const auto& pair : pairing_.pairs)
    std::printf("would score %s against %s\n", pair.first.path.c_str(), pair.second.path.c_str());
  for (const auto& pair : sessions_.pairs)
    std::printf("would compare %s with %s\n", pair.first.path.c_str(), pair.second.path.c_str());
  for (const auto& image : evaluation_.images) {
    const auto& path = image.segmentation.empty() ? image.reference : image.segmentation;
    std::printf("would not score %s: %s\n", path.c_str(), image.message.c_str());
  }
  return ExitCode::kOk;
}

StructureNames EvaluationRun::all_names() const {
  StructureNames names;
  const auto add = [&](const LabelDataset& dataset) {
    std::set<std::string> seen;
    for (const auto& file : dataset.files()) {
      const auto table = dataset.layout().nearest(file, ".tsv");
      if (!table || !seen.insert(table->path).second) continue;
      try {
        if (const auto found = dataset.structures_of(file))
          names.insert(found->begin(), found->end());
      } catch (const std::exception&) {
        // Its images fail with that message.
      }
    }
  };
  add(segmentations_);
  if (references_ && rules_.mapping.is_identity()) add(*references_);
  return names;
}

void EvaluationRun::evaluate() {
  Progress progress(pairing_.pairs.size() * (others_ ? 2 : 1), options_.verbosity);
  const auto done = [&](const EvaluatedImage& image) {
    if (image.state == EvaluationState::kFailed)
      progress.message(LogLevel::kError, image.segmentation + ": " + image.message);
    progress.advance(image.segmentation + ": " + to_string(image.state));
  };
  auto images = score_pairs(pairing_.pairs, segmentations_, *references_, rules_,
                            options_.processors(), done);
  std::vector<std::string> warnings;
  std::vector<std::string> warnings_of_other;
  for (const auto& image : images) {
    for (const auto& warning : image.warnings) warnings.push_back(image.image + ": " + warning);
  }
  const bool own = are_own();
  for (auto& image : images) {
    if (!own || image.state != EvaluationState::kScored) image.digest.clear();
  }
  evaluation_.reference = references_->name();
  evaluation_.images.insert(evaluation_.images.begin(), images.begin(), images.end());
  std::stable_sort(
      evaluation_.images.begin(), evaluation_.images.end(),
      [](const EvaluatedImage& a, const EvaluatedImage& b) { return a.image < b.image; });
  summaries_ = summarise_scores(evaluation_.scores(), evaluation_.names);
  if (others_) {
    std::vector<bids::DataFile> scored;
    for (const auto& pair : pairing_.pairs) scored.push_back(pair.first);
    const auto partners = bids::pair_by_source(scored, others_->files());
    std::vector<bids::FilePair> pairs;
    std::vector<std::string> names;
    for (const auto& partner : partners.pairs) {
      for (const auto& pair : pairing_.pairs) {
        if (pair.first.path != partner.first.path) continue;
        pairs.push_back({partner.second, pair.second});
        names.push_back(image_name(pair.first));
      }
    }
    auto others = score_pairs(pairs, *others_, *references_, rules_, options_.processors(), done);
    std::vector<ImageScores> other_scores;
    for (std::size_t i = 0; i < others.size(); ++i) {
      for (const auto& warning : others[i].warnings)
        warnings_of_other.push_back(others_->name() + ": " + names[i] + ": " + warning);
      if (others[i].state == EvaluationState::kScored)
        other_scores.push_back({names[i], others[i].scores});
      other_failed_ = other_failed_ || others[i].state == EvaluationState::kFailed;
    }
    for (const auto& file : partners.unpaired_first)
      warnings_of_other.push_back(file.path + ": " + others_->name() +
                                  " has no segmentation of this image");
    for (const auto& ambiguous : partners.ambiguous) {
      warnings_of_other.push_back(ambiguous.file.path + ": expected one segmentation in " +
                                  others_->name() + ", found " + paths_of(ambiguous.candidates) +
                                  "; choose with --compare-desc");
    }
    other_failed_ = other_failed_ || !partners.ambiguous.empty();
    comparisons_ =
        compare_scores(evaluation_.scores(), other_scores, evaluation_.names, options_.random_seed);
  }
  warn_of(warnings, "warnings are in " + std::string(kEvaluationImages));
  for (const auto& warning : warnings_of_other) warn(warning);  // no table has them
}

void EvaluationRun::retest() {
  retest_ = measure_sessions(sessions_.pairs, segmentations_, rules_, options_.processors());
  warn_of(retest_.warnings, "label maps have labels without a name");
  std::set<std::string_view> people;
  for (const auto& pair : sessions_.pairs)
    people.insert(pair.first.entities.get(bids::Entity::kSubject).value_or(""));
  if (people.size() < sessions_.pairs.size())
    warn(std::to_string(sessions_.pairs.size()) + " pairs of sessions of " +
         std::to_string(people.size()) +
         " people: intervals and ICC take each pair for a person; choose one kind of image with "
         "--modalities");
  for (const auto& failure : retest_.failures) {
    warn(failure.reason);
    without_retest_.push_back(failure);
  }
  reliability_ = summarise_reliability(retest_.volumes, evaluation_.names);
}

EvaluationFacts EvaluationRun::facts() const {
  EvaluationFacts facts;
  facts.segmentations = segmentations_.name();
  if (references_) facts.reference = references_->name();
  if (others_) facts.other = others_->name();
  facts.label_mapping = fs::path(options_.label_mapping).filename().string();
  facts.ignored_labels.assign(options_.ignore_labels.begin(), options_.ignore_labels.end());
  facts.random_seed = options_.random_seed;
  facts.version = version();
  return facts;
}

/// Makes the output folder a derivative dataset where it is none.
void EvaluationRun::prepare_output() const {
  bids::DatasetDescription description;
  description.name = bids::output_name_of(segmentations_.layout().description().name);
  description.dataset_type = "derivative";
  description.generated_by = {{"hypersynth", std::string(version()), std::string(code_url()),
                               "Evaluation of segmentations", "", "", ""}};
  const auto link = [&](const LabelDataset& dataset) {
    description.dataset_links[dataset.name()] =
        bids::dataset_link(options_.output_dir, dataset.layout().root());
  };
  link(segmentations_);
  if (references_) link(*references_);
  if (others_) link(*others_);
  write_once(options_.output_dir / "dataset_description.json",
             bids::format_description(description));
  write_once(options_.output_dir / ".bidsignore", bids::output_bidsignore());
}

void EvaluationRun::write_table(const char* name, const std::string& text) {
  const fs::path table = options_.output_dir / name;
  write_atomically(table, text);
  write_atomically(options_.output_dir / sidecar_of(name), evaluation_sidecar(name, facts()));
  written_.push_back(table);
}

void EvaluationRun::write_tables() {
  if (references_) {
    write_table(kEvaluationImages, format_images(evaluation_));
    write_table(kEvaluationScores, format_scores(evaluation_));
    write_table(kEvaluationSummary, format_summary(summaries_));
    if (others_) {
      write_table(kEvaluationComparison, format_comparison(comparisons_));
    } else {
      // Of an earlier run, about other scores.
      for (const auto& name :
           {std::string(kEvaluationComparison), sidecar_of(kEvaluationComparison)}) {
        if (fs::exists(options_.output_dir / name))
          pipeline::real_file_system().remove(options_.output_dir / name);
      }
    }
  }
  if (!options_.test_retest) return;
  write_table(kEvaluationRetest, format_retest(retest_.volumes, evaluation_.names));
  write_table(kEvaluationReliability, format_reliability(reliability_));
}

EstimateCell cell_of(const MeanEstimate& estimate) {
  return {estimate.mean, estimate.interval.low, estimate.interval.high};
}

/// What an earlier run with a reference has found of these segmentations stays on the page.
void EvaluationRun::add_earlier_agreement(EvaluationReport& page) const {
  const fs::path& folder = options_.output_dir;
  if (evaluated_in(folder, kEvaluationScores) != segmentations_.name()) return;
  try {
    auto earlier = read_evaluation(folder);
    if (!earlier) return;
    std::erase_if(earlier->images, [&](const EvaluatedImage& image) {  // scores of other label maps
      const fs::path file = folder / image.segmentation;
      return !image.digest.empty() &&
             (!fs::exists(file) || pipeline::digest_of_file(file).hex() != image.digest);
    });
    page.agreement = agreement_section(*earlier, folder);
    auto comparison = read_comparison(folder);
    page.other = std::move(comparison.other);
    page.comparison = std::move(comparison.rows);
  } catch (const std::exception& error) {
    warn(std::string(error.what()) + "; the page is without it");
  }
}

/// The same of an earlier run over two sessions.
std::vector<StructureReliability> EvaluationRun::earlier_reliability() const {
  if (evaluated_in(options_.output_dir, kEvaluationRetest) != segmentations_.name()) return {};
  try {
    StructureNames names;
    const auto volumes = read_retest(options_.output_dir, names);
    return summarise_reliability(volumes, names);
  } catch (const std::exception& error) {
    warn(std::string(error.what()) + "; the page is without it");
    return {};
  }
}

void EvaluationRun::write_page() {
  EvaluationReport page;
  page.dataset = bids::source_name_of(segmentations_.layout().description().name);
  page.segmentations = "Segmentations of " + segmentations_.name() + ".";
  if (references_) {
    page.agreement = agreement_section(evaluation_, options_.output_dir);
  } else {
    add_earlier_agreement(page);
  }
  auto reliability = reliability_;
  if (!options_.test_retest) reliability = earlier_reliability();
  if (others_) page.other = others_->name();
  for (const auto& c : comparisons_) {
    page.comparison.push_back({c.name,
                               c.measure->title,
                               c.images,
                               c.mean,
                               c.other_mean,
                               {c.mean_difference, c.interval.low, c.interval.high},
                               c.test.p_value});
  }
  for (const auto& r : reliability) {
    page.reliability.push_back({r.name,
                                r.pairs,
                                cell_of(r.difference),
                                cell_of(r.absolute_difference),
                                {r.icc.value, r.icc.interval.low, r.icc.interval.high}});
  }
  page.without_retest = without_retest_;
  for (const char* table : {kEvaluationImages, kEvaluationScores, kEvaluationSummary,
                            kEvaluationComparison, kEvaluationRetest, kEvaluationReliability}) {
    if (fs::exists(options_.output_dir / table)) page.tables.push_back({table, table});
  }
  const ReportContext context = report_context(options_, nullptr);
  page.provenance = context.provenance;
  const fs::path path = options_.output_dir / kEvaluationPage;
  write_evaluation_report(path, page);
  written_.push_back(path);
}

/// Group pages that exist show the scores from now on.
void EvaluationRun::refresh_group_pages() const {
  const auto names = pipeline::real_file_system().list(options_.output_dir);
  // A page without its table only stands in until the group level has run.
  const bool has_pages = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const fs::path table = fs::path(name).replace_extension(".tsv");
    return name.rfind("group_", 0) == 0 && name != kEvaluationPage &&
           fs::path(name).extension() == ".html" && fs::exists(options_.output_dir / table);
  });
  if (!references_ || !has_pages) return;
  const auto layout = source_dataset(options_);
  const auto exists = [&](const std::string& path) {
    return !layout || source_exists(layout->root(), path);
  };
  const auto context = report_context(options_, layout ? &*layout : nullptr);
  const auto pages = write_group_pages(context, exists, false);
  for (const auto& problem : pages.problems) warn(problem);
  for (const auto& warning : pages.warnings) warn(warning);
}

void EvaluationRun::write() {
  prepare_output();
  write_tables();
  write_page();
  refresh_group_pages();
}

std::string padded(std::string text, std::size_t width, bool to_the_right) {
  if (text.size() >= width) return text;
  const std::string space(width - text.size(), ' ');
  return to_the_right ? space + text : text + space;
}

std::string rounded(double value, int decimals) {
  return std::isfinite(value) ? decimal_places(value, decimals) : "n/a";
}

std::string rounded(const MeanEstimate& estimate, int decimals) {
  const std::string mean = rounded(estimate.mean, decimals);
  if (!std::isfinite(estimate.interval.low)) return mean;
  return mean + " [" + rounded(estimate.interval.low, decimals) + ", " +
         rounded(estimate.interval.high, decimals) + "]";
}

/// Rows of text in columns; the first column stands left, the others right.
void print_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i == 0 ? "" : "  ") + padded(row[i], widths[i], i > 0);
    std::printf("%s\n", line.c_str());
  }
}

void EvaluationRun::print_summary() const {
  if (!summaries_.empty() && references_) {
    const auto column = [](const char* name) {
      const auto measures = agreement_measures();
      return std::find_if(measures.begin(), measures.end(),
                          [&](const AgreementMeasure& m) { return std::string(m.name) == name; }) -
             measures.begin();
    };
    const auto dice = column("dice"), hausdorff = column("hausdorff95_mm");
    const auto distance = column("mean_surface_distance_mm");
    const auto volume = column("volume_difference_percent");
    std::vector<std::vector<std::string>> rows{{"structure", "images", "Dice [95 % CI]",
                                                "HD95 (mm)", "mean distance (mm)",
                                                "volume difference (%)"}};
    const auto at = [](const StructureSummary& s, std::ptrdiff_t i) -> const MeanEstimate& {
      return s.measures[static_cast<std::size_t>(i)];
    };
    for (const auto& s : summaries_) {
      rows.push_back({printable(s.name), std::to_string(s.scored), rounded(at(s, dice), 3),
                      rounded(at(s, hausdorff).mean, 2), rounded(at(s, distance).mean, 2),
                      rounded(at(s, volume).mean, 1)});
    }
    print_columns(rows);
  }
  if (!comparisons_.empty()) {
    std::vector<std::vector<std::string>> rows{
        {"structure", "measure", "images", "difference [95 % CI]", "Wilcoxon p"}};
    for (const auto& c : comparisons_) {
      if (c.index) continue;  // all others are in the table
      rows.push_back({printable(c.name), c.measure->name, std::to_string(c.images),
                      rounded(c.mean_difference, 4) + " [" + rounded(c.interval.low, 4) + ", " +
                          rounded(c.interval.high, 4) + "]",
                      significant_digits(c.test.p_value, 3)});
    }
    std::printf("\nLess %s:\n", printable(others_->name()).c_str());
    print_columns(rows);
  }
  if (!reliability_.empty()) {
    std::vector<std::vector<std::string>> rows{
        {"structure", "pairs", "absolute difference (%) [95 % CI]", "ICC(A,1) [95 % CI]"}};
    for (const auto& r : reliability_) {
      const MeanEstimate icc{r.icc.subjects, r.icc.value, 0, r.icc.interval};
      rows.push_back({printable(r.name), std::to_string(r.pairs), rounded(r.absolute_difference, 2),
                      rounded(icc, 3)});
    }
    std::printf("%sTest-retest:\n", references_ ? "\n" : "");
    print_columns(rows);
  }
  for (const auto& path : written_) std::printf("%s\n", path.c_str());
}

ExitCode EvaluationRun::exit_code() const {
  const bool some_failed = other_failed_ || !retest_.failures.empty() ||
                           !sessions_.ambiguous.empty() ||
                           std::any_of(evaluation_.images.begin(), evaluation_.images.end(),
                                       [](const EvaluatedImage& image) {
                                         return image.state == EvaluationState::kFailed ||
                                                image.state == EvaluationState::kAmbiguous;
                                       });
  return some_failed ? ExitCode::kSomeImagesFailed : ExitCode::kOk;
}

ExitCode EvaluationRun::run() {
  plan();
  if (options_.dry_run) return print_plan();
  std::vector<std::string> unscored;
  for (const auto& image : evaluation_.images) {
    unscored.push_back((image.segmentation.empty() ? image.reference : image.segmentation) + ": " +
                       image.message);
  }
  for (const auto& image : without_retest_) unscored.push_back(image.path + ": " + image.reason);
  warn_of(unscored, "are left out; the tables and the page name them");
  if (pairing_.pairs.empty() && sessions_.pairs.empty() && exit_code() == ExitCode::kOk) {
    throw Error(ExitCode::kNothingSelected,
                options_.test_retest && !references_
                    ? segmentations_.layout().root().string() +
                          ": expected label maps of two sessions of a person, found none"
                    : references_->layout().root().string() +
                          ": expected reference label maps of the images in " +
                          segmentations_.layout().root().string() +
                          ", found none with the same participant, session, acquisition and run");
  }
  evaluation_.names = all_names();
  if (references_) evaluate();
  if (options_.test_retest) retest();
  write();
  print_summary();
  return exit_code();
}

}  // namespace

int run_evaluate_level(const EvaluateOptions& options) {
  return static_cast<int>(EvaluationRun(options).run());
}

}  // namespace hypersynth
