#include "nodes/evaluation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "bids/derivative.h"
#include "bids/table.h"
#include "core/error.h"
#include "core/joined.h"
#include "core/number_text.h"
#include "nodes/image_outputs.h"
#include "pipeline/files/file_system.h"
#include "report/number.h"
#include "report/page.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostWorst = 10;
constexpr std::size_t kMostWorstStructures = 3;

/// A column of a table and what its sidecar says of it.
struct Column {
  std::string name;
  std::string description;
  std::string unit{};
  std::vector<std::pair<std::string, std::string>> levels{};
};

using Columns = std::vector<Column>;

const Column kImageColumn{
    "bids_name",
    "Entities of the image, then the suffix of the image that the segmentation lies on "
    "or 'dseg'"};
const Column kParticipantColumn{"participant_id", "Participant"};
const Column kSessionColumn{"session_id", "Session"};
const Column kIndexColumn{"index", "Value of the structure in the label map of the segmentation"};
const Column kNameColumn{"name", "Name of the structure"};

Columns image_columns() {
  return {
      kImageColumn,
      kParticipantColumn,
      kSessionColumn,
      {"state",
       "What became of the image",
       "",
       {{"scored", "segmentation and reference were compared"},
        {"no reference", "the reference dataset has no label map of this image"},
        {"no segmentation", "the reference dataset has a label map of an image without one"},
        {"ambiguous", "not exactly one reference is meant"},
        {"failed", "a file cannot be used"}}},
      {"segmentation", "Path of the segmentation in its dataset"},
      {"segmentation_xxh3",
       "XXH3 digest of the segmentation that was scored, where it lies in the folder of this "
       "table"},
      {"reference", "Path of the reference in its dataset"},
      {"source", "Path of the segmented image in the raw dataset"},
      {"resampled",
       "Whether the segmentation was resampled by nearest neighbours to the grid of the reference",
       "",
       {{"yes", "the grids differ"}, {"no", "both lie on one grid"}}},
      {"structures_scored", "Number of structures that both have"},
      {"dice", "Mean Dice over these structures"},
      {"message", "Why the image was not scored, or what was noticed"},
  };
}

Columns score_columns() {
  Columns columns{
      kImageColumn,
      kParticipantColumn,
      kSessionColumn,
      kIndexColumn,
      kNameColumn,
      {"state",
       "Which of the two label maps has the structure",
       "",
       {{"scored", "both"},
        {"reference only", "the reference alone; measures are n/a"},
        {"segmentation only", "the segmentation alone; measures are n/a"}}},
      {"reference_mm3", "Volume of the structure in the reference", "mm^3"},
      {"segmentation_mm3", "Volume of the structure in the segmentation, on the same grid", "mm^3"},
  };
  for (const auto& measure : agreement_measures())
    columns.push_back({measure.name, measure.meaning, measure.unit});
  return columns;
}

Columns summary_columns() {
  Columns columns{
      {"index", "Value of the structure in the label map; n/a: all structures"},
      {"name",
       "Name of the structure; 'all structures': the mean over the structures of each image"},
      {"images_scored", "Number of images in which both sides have the structure"},
      {"images_reference_only", "Number of images in which only the reference has it"},
      {"images_segmentation_only", "Number of images in which only the segmentation has it"},
  };
  for (const auto& measure : agreement_measures()) {
    const std::string name = measure.name, title = measure.title;
    columns.push_back({name + "_mean", title + ": mean over the scored images", measure.unit});
    columns.push_back({name + "_sd", title + ": standard deviation (n - 1)", measure.unit});
    columns.push_back({name + "_ci95_low",
                       title + ": lower end of the 95 % confidence interval of the mean (t)",
                       measure.unit});
    columns.push_back({name + "_ci95_high", title + ": upper end of that interval", measure.unit});
  }
  return columns;
}

Columns comparison_columns() {
  return {
      {"index", "Value of the structure in the label map; n/a: all structures"},
      kNameColumn,
      {"measure", "What is compared, as in group_evaluation_scores.tsv"},
      {"images", "Number of images that have a value in both segmentations"},
      {"mean", "Mean of the segmentations evaluated"},
      {"other_mean", "Mean of the other segmentations, over the same images"},
      {"mean_difference", "Mean of the paired differences, these less the other ones"},
      {"ci95_low",
       "Lower end of the 95 % percentile bootstrap interval of the mean difference (10000 "
       "resamples)"},
      {"ci95_high", "Upper end of that interval"},
      {"wilcoxon_n", "Number of differences that are not 0"},
      {"wilcoxon_v", "Sum of the ranks of the positive differences (Wilcoxon 1945)"},
      {"wilcoxon_p", "Two-sided p value of the signed-rank test, not corrected for several tests"},
      {"wilcoxon_method",
       "How p was found",
       "",
       {{"exact", "exact distribution: at most 25 differences without ties"},
        {"normal", "normal approximation with tie and continuity correction"}}},
  };
}

Columns retest_columns() {
  return {
      {"bids_name", "Entities of the image without its session"},
      kParticipantColumn,
      {"session_1", "First session"},
      {"session_2", "Second session"},
      kIndexColumn,
      kNameColumn,
      {"volume_1_mm3", "Volume in the first session: voxels with the label times their volume",
       "mm^3"},
      {"volume_2_mm3", "The same in the second session", "mm^3"},
      {"difference_percent", "Second less first, in percent of their mean", "percent"},
  };
}

Columns reliability_columns() {
  return {
      kIndexColumn,
      kNameColumn,
      {"pairs", "Number of pairs of sessions with the structure in both"},
      {"pairs_incomplete", "Number of pairs with the structure in one session alone"},
      {"difference_percent_mean", "Mean difference of the volumes, second less first", "percent"},
      {"difference_percent_ci95_low", "Lower end of its 95 % confidence interval (t)", "percent"},
      {"difference_percent_ci95_high", "Upper end of that interval", "percent"},
      {"absolute_difference_percent_mean", "Mean absolute difference of the volumes", "percent"},
      {"absolute_difference_percent_ci95_low", "Lower end of its 95 % confidence interval (t)",
       "percent"},
      {"absolute_difference_percent_ci95_high", "Upper end of that interval", "percent"},
      {"icc_a1",
       "Intraclass correlation ICC(A,1), also known as ICC(2,1): absolute agreement of single "
       "measurements (McGraw and Wong 1996, doi:10.1037/1082-989X.1.1.30)"},
      {"icc_a1_ci95_low", "Lower end of its 95 % confidence interval"},
      {"icc_a1_ci95_high", "Upper end of that interval"},
  };
}

Columns columns_of(const std::string& table) {
  if (table == kEvaluationImages) return image_columns();
  if (table == kEvaluationScores) return score_columns();
  if (table == kEvaluationSummary) return summary_columns();
  if (table == kEvaluationComparison) return comparison_columns();
  if (table == kEvaluationRetest) return retest_columns();
  return reliability_columns();
}

bids::Table table_with(const Columns& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return bids::Table(names);
}

std::string cell(double value) { return std::isfinite(value) ? significant_digits(value, 10) : ""; }

std::string with_prefix(const char* prefix, const std::string& label) {
  return label.empty() ? std::string() : prefix + label;
}

std::string without_prefix(std::string_view text) {
  return std::string(text.substr(std::min(text.find('-') + 1, text.size())));
}

std::string to_string(Presence presence) {
  switch (presence) {
    case Presence::kBoth:
      return "scored";
    case Presence::kReferenceOnly:
      return "reference only";
    case Presence::kSegmentationOnly:
      return "segmentation only";
  }
  return "";
}

/// Mean Dice over the structures of an image, and how many there are.
MeanEstimate mean_dice(const EvaluatedImage& image) {
  std::vector<double> values;
  for (const auto& score : image.scores) values.push_back(score.dice);
  return estimate_mean(values);
}

void add_estimate(std::vector<std::string>& row, const MeanEstimate& estimate) {
  row.insert(row.end(),
             {cell(estimate.mean), cell(estimate.interval.low), cell(estimate.interval.high)});
}

/// A table of this program that is read back.
class ReadTable {
 public:
  ReadTable(const std::string& text, const std::string& path) : path_(path) {
    bids::Issues issues;
    table_ = bids::Table::parse(text, path, issues);
    if (!issues.empty()) throw InputError(path, "a table of the evaluate level", issues[0].message);
  }

  std::size_t rows() const { return table_.row_count(); }

  std::string text(std::size_t row, const char* column) const {
    if (!table_.column(column))
      throw InputError(path_, "a column '" + std::string(column) + "'", "none");
    return std::string(table_.cell(row, column).value_or(""));
  }

  /// Empty where an earlier version wrote no such column.
  std::string optional_text(std::size_t row, const char* column) const {
    return table_.column(column) ? text(row, column) : "";
  }

  double number(std::size_t row, const char* column) const {
    const std::string found = text(row, column);
    double value = kNaN;
    if (found.empty()) return value;
    const char* const end = found.data() + found.size();
    if (std::from_chars(found.data(), end, value).ptr != end)
      throw InputError(path_, "a number in column '" + std::string(column) + "'", found);
    return value;
  }

 private:
  std::string path_;
  bids::Table table_;
};

std::string text_of_file(const fs::path& path) {
  const auto text = pipeline::real_file_system().read(path);
  if (!text) throw InputError(path.string(), "a table of the evaluate level", "no such file");
  return *text;
}

template <class Value>
Value value_named(const std::string& text, std::initializer_list<Value> values,
                  const std::string& path) {
  for (const Value value : values) {
    if (to_string(value) == text) return value;
  }
  throw InputError(path, "a known state", "'" + text + "'");
}

std::vector<EvaluatedImage> parse_images(const ReadTable& table, const std::string& path) {
  std::vector<EvaluatedImage> images;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    EvaluatedImage image;
    image.image = table.text(row, "bids_name");
    image.subject = without_prefix(table.text(row, "participant_id"));
    image.session = without_prefix(table.text(row, "session_id"));
    image.segmentation = table.text(row, "segmentation");
    image.digest = table.optional_text(row, "segmentation_xxh3");
    image.reference = table.text(row, "reference");
    image.source = table.text(row, "source");
    image.suffix = suffix_of_image(image.image);
    image.state = value_named<EvaluationState>(
        table.text(row, "state"),
        {EvaluationState::kScored, EvaluationState::kNoReference, EvaluationState::kNoSegmentation,
         EvaluationState::kAmbiguous, EvaluationState::kFailed},
        path);
    image.resampled = table.text(row, "resampled") == "yes";
    image.message = table.text(row, "message");
    images.push_back(std::move(image));
  }
  return images;
}

void parse_scores(const ReadTable& table, const std::string& path, Evaluation& evaluation) {
  std::map<std::string, EvaluatedImage*> by_name;
  for (auto& image : evaluation.images) {
    if (image.state == EvaluationState::kScored) by_name[image.image] = &image;
  }
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto image = by_name.find(table.text(row, "bids_name"));
    if (image == by_name.end())
      throw InputError(path, "images of " + std::string(kEvaluationImages),
                       table.text(row, "bids_name"));
    StructureScore score{};
    score.index = static_cast<std::int32_t>(table.number(row, "index"));
    score.presence = value_named<Presence>(
        table.text(row, "state"),
        {Presence::kBoth, Presence::kReferenceOnly, Presence::kSegmentationOnly}, path);
    score.reference_mm3 = table.number(row, "reference_mm3");
    score.segmentation_mm3 = table.number(row, "segmentation_mm3");
    for (const auto& measure : agreement_measures())
      score.*measure.value = table.number(row, measure.name);
    evaluation.names[score.index] = table.text(row, "name");
    image->second->scores.push_back(score);
  }
}

/// A text of the sidecar of a table; empty where there is none.
std::string fact_of(const fs::path& output_dir, const char* table, const char* key) {
  const auto text = pipeline::real_file_system().read(output_dir / sidecar_of(table));
  const auto facts = nlohmann::json::parse(text.value_or(""), nullptr, false);
  const bool known = facts.is_object() && facts.contains(key) && facts[key].is_string();
  return known ? facts[key].get<std::string>() : "";
}

EstimateCell estimate_cell(const MeanEstimate& estimate) {
  return {estimate.mean, estimate.interval.low, estimate.interval.high};
}

const MeanEstimate& estimate_of(const StructureSummary& summary, const char* name) {
  const auto measures = agreement_measures();
  for (std::size_t i = 0; i < measures.size(); ++i) {
    if (std::string(measures[i].name) == name) return summary.measures[i];
  }
  throw std::logic_error("no such measure");
}

std::string link_of(const EvaluatedImage& image, const fs::path& output_dir) {
  const std::string page = page_of_subject(image.subject);
  boost::system::error_code error;
  if (!fs::exists(output_dir / page, error)) return "";
  return url_of_path(page) + (image.source.empty() ? "" : "#" + image_anchor(image.source));
}

WorstImage worst_image(const EvaluatedImage& image, double dice, const StructureNames& names,
                       const fs::path& output_dir) {
  std::vector<const StructureScore*> scored;
  for (const auto& score : image.scores) {
    if (score.presence == Presence::kBoth) scored.push_back(&score);
  }
  std::sort(scored.begin(), scored.end(), [](const StructureScore* a, const StructureScore* b) {
    return std::pair(a->dice, a->index) < std::pair(b->dice, b->index);
  });
  scored.resize(std::min(scored.size(), kMostWorstStructures));
  const std::string structures = joined(scored, ", ", [&](const StructureScore* score) {
    return name_of_structure(names, score->index) + " " + fixed_number(score->dice, 3);
  });
  return {image.image, link_of(image, output_dir), dice, structures};
}

void add_points(AgreementSection& section, const std::vector<const EvaluatedImage*>& images,
                const std::vector<StructureSummary>& summaries) {
  for (const auto& summary : summaries) {
    if (!summary.index || summary.scored == 0) continue;
    StripRow row{summary.name, {}};
    for (const auto* image : images) {
      for (const auto& score : image->scores) {
        if (score.index != *summary.index || score.presence != Presence::kBoth) continue;
        const std::string where = image->image + ", " + summary.name + ": ";
        row.points.push_back({score.dice, 0, where + fixed_number(score.dice, 3)});
        const double mean = (score.segmentation_mm3 + score.reference_mm3) / 2;
        const double percent = 100 * (score.segmentation_mm3 - score.reference_mm3) / mean;
        section.volumes.push_back({mean, percent, where + fixed_number(percent, 1) + " %"});
      }
    }
    section.dice.push_back(std::move(row));
  }
}

}  // namespace

std::string to_string(EvaluationState state) {
  switch (state) {
    case EvaluationState::kScored:
      return "scored";
    case EvaluationState::kNoReference:
      return "no reference";
    case EvaluationState::kNoSegmentation:
      return "no segmentation";
    case EvaluationState::kAmbiguous:
      return "ambiguous";
    case EvaluationState::kFailed:
      return "failed";
  }
  return "";
}

std::string suffix_of_image(const std::string& image) {
  const auto underscore = image.rfind('_');
  if (underscore == std::string::npos) return "";
  const std::string suffix = image.substr(underscore + 1);
  return suffix == "dseg" ? "" : suffix;
}

std::vector<ImageScores> Evaluation::scores() const {
  std::vector<ImageScores> scored;
  for (const auto& image : images) {
    if (image.state == EvaluationState::kScored) scored.push_back({image.image, image.scores});
  }
  return scored;
}

std::string format_images(const Evaluation& evaluation) {
  bids::Table table = table_with(image_columns());
  for (const auto& image : evaluation.images) {
    const bool is_scored = image.state == EvaluationState::kScored;
    const MeanEstimate dice = mean_dice(image);
    table.add_row({image.image, with_prefix("sub-", image.subject),
                   with_prefix("ses-", image.session), to_string(image.state), image.segmentation,
                   image.digest, image.reference, image.source,
                   is_scored ? (image.resampled ? "yes" : "no") : "",
                   is_scored ? std::to_string(dice.count) : "", cell(dice.mean),
                   is_scored ? joined(image.warnings, "; ") : image.message});
  }
  return table.format();
}

std::string format_scores(const Evaluation& evaluation) {
  bids::Table table = table_with(score_columns());
  for (const auto& image : evaluation.images) {
    for (const auto& score : image.scores) {
      std::vector<std::string> row = {image.image,
                                      with_prefix("sub-", image.subject),
                                      with_prefix("ses-", image.session),
                                      std::to_string(score.index),
                                      name_of_structure(evaluation.names, score.index),
                                      to_string(score.presence),
                                      cell(score.reference_mm3),
                                      cell(score.segmentation_mm3)};
      for (const auto& measure : agreement_measures()) row.push_back(cell(score.*measure.value));
      table.add_row(std::move(row));
    }
  }
  return table.format();
}

std::string format_summary(const std::vector<StructureSummary>& summaries) {
  bids::Table table = table_with(summary_columns());
  for (const auto& summary : summaries) {
    std::vector<std::string> row = {summary.index ? std::to_string(*summary.index) : "",
                                    summary.name, std::to_string(summary.scored),
                                    summary.index ? std::to_string(summary.reference_only) : "",
                                    summary.index ? std::to_string(summary.segmentation_only) : ""};
    for (const auto& estimate : summary.measures) {
      row.insert(row.end(), {cell(estimate.mean), cell(estimate.standard_deviation),
                             cell(estimate.interval.low), cell(estimate.interval.high)});
    }
    table.add_row(std::move(row));
  }
  return table.format();
}

std::string format_comparison(const std::vector<StructureComparison>& comparisons) {
  bids::Table table = table_with(comparison_columns());
  for (const auto& c : comparisons) {
    table.add_row({c.index ? std::to_string(*c.index) : "", c.name, c.measure->name,
                   std::to_string(c.images), cell(c.mean), cell(c.other_mean),
                   cell(c.mean_difference), cell(c.interval.low), cell(c.interval.high),
                   std::to_string(c.test.count), cell(c.test.statistic), cell(c.test.p_value),
                   c.test.exact ? "exact" : "normal"});
  }
  return table.format();
}

std::string format_retest(const std::vector<RepeatedVolume>& volumes, const StructureNames& names) {
  bids::Table table = table_with(retest_columns());
  for (const auto& v : volumes) {
    table.add_row({v.image, "sub-" + v.subject, with_prefix("ses-", v.session_1),
                   with_prefix("ses-", v.session_2), std::to_string(v.index),
                   name_of_structure(names, v.index), cell(v.volume_1_mm3), cell(v.volume_2_mm3),
                   cell(v.difference_percent())});
  }
  return table.format();
}

std::string format_reliability(const std::vector<StructureReliability>& reliability) {
  bids::Table table = table_with(reliability_columns());
  for (const auto& r : reliability) {
    std::vector<std::string> row = {std::to_string(r.index), r.name, std::to_string(r.pairs),
                                    std::to_string(r.incomplete)};
    add_estimate(row, r.difference);
    add_estimate(row, r.absolute_difference);
    row.insert(row.end(), {cell(r.icc.value), cell(r.icc.interval.low), cell(r.icc.interval.high)});
    table.add_row(std::move(row));
  }
  return table.format();
}

std::string evaluation_sidecar(const std::string& table, const EvaluationFacts& facts) {
  nlohmann::json values;
  for (const auto& column : columns_of(table)) {
    auto& entry = values[column.name];
    entry["Description"] = column.description;
    if (!column.unit.empty()) entry["Units"] = column.unit;
    for (const auto& [value, meaning] : column.levels) entry["Levels"][value] = meaning;
  }
  values["Segmentations"] = facts.segmentations;
  if (!facts.reference.empty()) values["Reference"] = facts.reference;
  if (!facts.other.empty()) values["ComparedWith"] = facts.other;
  if (!facts.label_mapping.empty()) values["LabelMapping"] = facts.label_mapping;
  values["IgnoredLabels"] = facts.ignored_labels;
  values["RandomSeed"] = facts.random_seed;
  values["GeneratedBy"] = {{"Name", "hypersynth"}, {"Version", facts.version}};
  return bids::format_sidecar(values);
}

std::optional<Evaluation> read_evaluation(const fs::path& output_dir) {
  const fs::path images = output_dir / kEvaluationImages, scores = output_dir / kEvaluationScores;
  boost::system::error_code error;
  if (!fs::exists(images, error) || !fs::exists(scores, error)) return std::nullopt;
  Evaluation evaluation;
  evaluation.images =
      parse_images(ReadTable(text_of_file(images), images.string()), images.string());
  parse_scores(ReadTable(text_of_file(scores), scores.string()), scores.string(), evaluation);
  evaluation.reference = fact_of(output_dir, kEvaluationScores, "Reference");
  return evaluation;
}

std::vector<RepeatedVolume> read_retest(const fs::path& output_dir, StructureNames& names) {
  const fs::path path = output_dir / kEvaluationRetest;
  boost::system::error_code error;
  if (!fs::exists(path, error)) return {};
  const ReadTable table(text_of_file(path), path.string());
  std::vector<RepeatedVolume> volumes;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto index = static_cast<std::int32_t>(table.number(row, "index"));
    volumes.push_back({without_prefix(table.text(row, "participant_id")),
                       table.text(row, "bids_name"), without_prefix(table.text(row, "session_1")),
                       without_prefix(table.text(row, "session_2")), index,
                       table.number(row, "volume_1_mm3"), table.number(row, "volume_2_mm3")});
    names[index] = table.text(row, "name");
  }
  return volumes;
}

EarlierComparison read_comparison(const fs::path& output_dir) {
  const fs::path path = output_dir / kEvaluationComparison;
  boost::system::error_code error;
  if (!fs::exists(path, error)) return {};
  EarlierComparison found;
  found.other = fact_of(output_dir, kEvaluationComparison, "ComparedWith");
  const ReadTable table(text_of_file(path), path.string());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::string title = table.text(row, "measure");
    for (const auto& measure : agreement_measures()) {
      if (title == measure.name) title = measure.title;
    }
    const auto number = [&](const char* column) { return table.number(row, column); };
    found.rows.push_back({table.text(row, "name"),
                          title,
                          static_cast<std::size_t>(number("images")),
                          number("mean"),
                          number("other_mean"),
                          {number("mean_difference"), number("ci95_low"), number("ci95_high")},
                          number("wilcoxon_p")});
  }
  return found;
}

std::string evaluated_in(const fs::path& output_dir, const char* table) {
  return fact_of(output_dir, table, "Segmentations");
}

AgreementSection agreement_section(const Evaluation& evaluation, const fs::path& output_dir,
                                   const std::string& suffix) {
  AgreementSection section;
  section.reference = evaluation.reference;
  std::vector<const EvaluatedImage*> scored;
  std::vector<ImageScores> scores;
  for (const auto& image : evaluation.images) {
    if (image.state != EvaluationState::kScored) {
      if (suffix.empty())
        section.unscored.push_back(
            {image.segmentation.empty() ? image.reference : image.segmentation, image.message});
    } else if (suffix.empty() || image.suffix == suffix) {
      scored.push_back(&image);
      scores.push_back({image.image, image.scores});
    }
  }
  if (scored.empty()) return section;
  const auto summaries = summarise_scores(scores, evaluation.names);
  for (const auto& summary : summaries) {
    section.rows.push_back({summary.name, summary.scored, summary.reference_only,
                            summary.segmentation_only, estimate_cell(estimate_of(summary, "dice")),
                            estimate_cell(estimate_of(summary, "hausdorff95_mm")),
                            estimate_cell(estimate_of(summary, "mean_surface_distance_mm")),
                            estimate_cell(estimate_of(summary, "volume_difference_percent"))});
  }
  add_points(section, scored, summaries);
  std::sort(scored.begin(), scored.end(), [](const EvaluatedImage* a, const EvaluatedImage* b) {
    return std::pair(mean_dice(*a).mean, a->image) < std::pair(mean_dice(*b).mean, b->image);
  });
  for (const auto* image : scored) {
    const double dice = mean_dice(*image).mean;
    if (section.worst.size() < kMostWorst && std::isfinite(dice))
      section.worst.push_back(worst_image(*image, dice, evaluation.names, output_dir));
  }
  return section;
}

}  // namespace hypersynth
