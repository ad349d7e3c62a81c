#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/learning_charts.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

// What the page shows of a model that a site has tuned with a few labelled scans of its own.
// Numbers that are not known are NaN and shown as "n/a"; "Dice" is between 0 and 1.

/// Mean Dice of a model on images unlike the site's own.
struct ForeignDiceCell {
  std::string images;  ///< a heading: "Synthetic"
  double dice = std::numeric_limits<double>::quiet_NaN();
  /// Less that of the initial model; negative: worse than it.
  double change = std::numeric_limits<double>::quiet_NaN();
};

/// A model from which one was chosen: the initial one, or what one method has made of it.
struct CandidateRow {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  std::string name;                 ///< "finetune"
  std::string explanation;          ///< what the method does, in a sentence
  double held_out_dice = kUnknown;  ///< mean over the held-out scans
  double held_out_low = kUnknown;   ///< 95 % confidence interval of this mean
  double held_out_high = kUnknown;
  std::vector<ForeignDiceCell> foreign;  ///< the same kinds in the same order in all rows
  std::int64_t steps = 0;                ///< of the training; 0 for the initial model
  double wall_s = kUnknown;
  double cpu_s = kUnknown;              ///< of all threads together
  double peak_memory_bytes = kUnknown;  ///< main memory
  bool chosen = false;
  std::string why_not;  ///< in a sentence; not shown where `chosen` is true
};

/// How the training of one candidate went. Each line has steps of its own and may be empty. Lines
/// of thousands of points are thinned, and the page says so.
struct TrainingCurve {
  std::string name;                        ///< as in CandidateRow
  std::vector<CurvePoint> synthetic_loss;  ///< of synthetic images
  std::vector<CurvePoint> real_loss;       ///< of labelled scans
  std::vector<CurvePoint> validation_score;
};

/// A parameter of the synthesis and the values that it took while it was learned.
struct LearnedParameterCurve {
  std::string name;
  double start = std::numeric_limits<double>::quiet_NaN();  ///< its value before the training
  std::vector<CurvePoint> values;
};

/// A parameter of the synthesis before and after the training.
struct LearnedParameterRow {
  std::string name;
  double start = 0;
  double learned = 0;
  double low = 0;   ///< least value of the last steps; NaN if not known
  double high = 0;  ///< greatest value of the last steps
};

/// A picture: slices of a synthetic image or of a scan.
struct ImagePanel {
  std::string title;    ///< "Synthetic, before"
  std::string caption;  ///< may be empty
  std::string picture;  ///< path of a PNG file, relative to the page
  std::string alt;      ///< what the picture shows, for readers who cannot see it
};

/// Dice of one structure over the held-out scans.
struct StructureRow {
  std::string name;
  std::size_t scans = 0;  ///< that have the structure
  double before = 0;      ///< mean of the initial model
  double after = 0;       ///< mean of the candidate compared
  double difference = 0;  ///< after less before
  double low = 0;         ///< 95 % bootstrap interval of the difference, scan by scan
  double high = 0;
  double p_value = 0;  ///< Wilcoxon's signed-rank test, two-sided
};

/// Dice of one held-out scan.
struct ScanRow {
  std::string name;
  std::string link;   ///< address relative to the page, encoded; empty: there is none
  double before = 0;  ///< mean over structures, initial model
  double after = 0;   ///< mean over structures, candidate compared
};

/// Everything on the page of a model that was tuned to a site. What is empty has no section.
struct LearningReport {
  std::string dataset;  ///< its name
  std::string model;    ///< name of the model that was written, "site-model"
  std::string verdict;  ///< a sentence or two: what was chosen and why
  bool gained = false;  ///< whether the model that is handed out is better than the initial one
  std::vector<Field> facts;              ///< people, scans, structures, voxel size, device, seed
  std::vector<CandidateRow> candidates;  ///< the initial model first
  /// The candidate whose Dice stands under "after" in `structures` and `scans`; empty: the model
  /// that is handed out.
  std::string compared;
  std::vector<StructureRow> structures;
  std::vector<ScanRow> scans;         ///< the held-out ones
  std::vector<TrainingCurve> curves;  ///< one for each candidate that was trained
  std::string learner;                ///< the candidate that learned `parameters` and `learned`
  std::vector<LearnedParameterCurve> parameters;  ///< of the synthesis; may be fewer than `learned`
  std::vector<LearnedParameterRow> learned;
  std::vector<ImagePanel> synthetic;  ///< synthetic before and after, and real: the same slices
  std::vector<std::string> warnings;  ///< what was left out or changed, in sentences
  std::vector<OutputFile> files;      ///< links: model, tables, logs
  Provenance provenance;
};

/// The page as one string. `folder` is the folder of the page; the sizes of pictures are read from
/// the files below it. It can be read without scripts.
std::string learning_report_html(const LearningReport& report, const fs::path& folder);

/// Writes the page as an atomic file. The page needs no network and no other files than its
/// pictures. Throws Error if it cannot be written.
void write_learning_report(const fs::path& path, const LearningReport& report);

}  // namespace hypersynth
