#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "evaluation/summary.h"
#include "report/evaluation_report.h"
#include "report/evaluation_section.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// What became of a segmentation or of a reference.
enum class EvaluationState {
  kScored,
  kNoReference,     ///< a segmentation of an image that the reference dataset does not have
  kNoSegmentation,  ///< a reference of an image that has no segmentation
  kAmbiguous,       ///< not exactly one reference is meant
  kFailed,          ///< a file cannot be used
};

/// "scored", "no reference", "no segmentation", "ambiguous" or "failed".
std::string to_string(EvaluationState state);

/// A segmentation, or a reference without one, and what became of it.
struct EvaluatedImage {
  /// "sub-01_ses-2_T1w" of a segmentation with space-T1w, "sub-01_ses-2_dseg" of one without,
  /// "sub-01_ses-2_space-MNI_dseg" of one in the space of a template.
  std::string image;
  std::string subject;  ///< label
  std::string session;  ///< label; empty if there is none
  /// Suffix of the segmented image, "T1w"; empty if the segmentation does not name its space.
  std::string suffix;
  std::string segmentation;  ///< path in its dataset; empty if there is none
  /// Of its file, XXH3; empty where it was not scored or lies in another folder than the tables.
  std::string digest;
  std::string reference;  ///< path in its dataset; empty if there is none
  std::string source;     ///< path of the segmented image in its dataset; empty if not known
  EvaluationState state = EvaluationState::kScored;
  std::string message;  ///< why it was not scored
  bool resampled = false;
  std::vector<std::string> warnings;
  std::vector<StructureScore> scores;
};

/// EvaluatedImage::suffix of EvaluatedImage::image.
std::string suffix_of_image(const std::string& image);

/// The scores of a set of segmentations against a reference.
struct Evaluation {
  std::string reference;  ///< name of the dataset
  std::vector<EvaluatedImage> images;
  StructureNames names;

  /// The scored images.
  std::vector<ImageScores> scores() const;
};

/// The names of the tables in the output folder; each has a sidecar that ends in ".json".
inline constexpr const char* kEvaluationImages = "group_evaluation_images.tsv";
inline constexpr const char* kEvaluationScores = "group_evaluation_scores.tsv";
inline constexpr const char* kEvaluationSummary = "group_evaluation_summary.tsv";
inline constexpr const char* kEvaluationComparison = "group_evaluation_comparison.tsv";
inline constexpr const char* kEvaluationRetest = "group_evaluation_retest.tsv";
inline constexpr const char* kEvaluationReliability = "group_evaluation_reliability.tsv";
inline constexpr const char* kEvaluationPage = "group_evaluation.html";

// The texts of these tables. Numbers have ten significant digits.
std::string format_images(const Evaluation& evaluation);
std::string format_scores(const Evaluation& evaluation);
std::string format_summary(const std::vector<StructureSummary>& summaries);
std::string format_comparison(const std::vector<StructureComparison>& comparisons);
std::string format_retest(const std::vector<RepeatedVolume>& volumes, const StructureNames& names);
std::string format_reliability(const std::vector<StructureReliability>& reliability);

/// What the sidecars of the tables say of the run besides describing the columns.
struct EvaluationFacts {
  std::string segmentations;  ///< name of the dataset
  std::string reference;      ///< the same; empty if there is none
  std::string other;          ///< the same, of --compare
  std::string label_mapping;  ///< name or file name of the table; empty: none
  std::vector<std::int32_t> ignored_labels;
  std::uint64_t random_seed = 0;
  std::string version;  ///< of the program
};

/// The text of the sidecar of the table `table`, one of the names above: a data dictionary of its
/// columns and the facts of the run.
std::string evaluation_sidecar(const std::string& table, const EvaluationFacts& facts);

/// The evaluation that an output folder holds; nothing if it holds none. Throws InputError if one
/// of its files cannot be read.
std::optional<Evaluation> read_evaluation(const fs::path& output_dir);

/// The volumes of the repeated sessions that an output folder holds; their structures' names are
/// added to `names`. Nothing if it holds none; throws InputError if the table cannot be read.
std::vector<RepeatedVolume> read_retest(const fs::path& output_dir, StructureNames& names);

/// The comparison with other segmentations that an output folder holds, and what these are called.
struct EarlierComparison {
  std::string other;
  std::vector<ComparisonRow> rows;
};

/// Empty if the folder holds none; throws InputError if the table cannot be read.
EarlierComparison read_comparison(const fs::path& output_dir);

/// What was evaluated, as the sidecar of one of the tables names it; empty where there is none.
std::string evaluated_in(const fs::path& output_dir, const char* table);

/// What a page shows of an evaluation. Images link to their section on the page of their subject if
/// `output_dir` has that page. With a `suffix` only images with that suffix count, and those that
/// were not scored are left out.
AgreementSection agreement_section(const Evaluation& evaluation, const fs::path& output_dir,
                                   const std::string& suffix = "");

}  // namespace hypersynth
