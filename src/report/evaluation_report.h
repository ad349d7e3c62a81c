#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/evaluation_section.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// One measure of one structure in two segmentations of the same images.
struct ComparisonRow {
  std::string structure;
  std::string measure;
  std::size_t images = 0;
  double mean = 0;
  double other_mean = 0;
  EstimateCell difference;  ///< first less second, with its bootstrap interval
  double p_value = 0;
};

/// How the volumes of a structure repeat over two sessions.
struct ReliabilityRow {
  std::string structure;
  std::size_t pairs = 0;
  EstimateCell difference_percent;
  EstimateCell absolute_difference_percent;
  EstimateCell icc;
};

/// Everything on the page of an evaluation.
struct EvaluationReport {
  std::string dataset;        ///< name of the dataset of the segmentations
  std::string segmentations;  ///< what was evaluated, in words
  std::optional<AgreementSection> agreement;
  std::string other;  ///< name of the segmentations compared with
  std::vector<ComparisonRow> comparison;
  std::vector<ReliabilityRow> reliability;
  std::vector<UnscoredImage> without_retest;  ///< what test-retest left out
  std::vector<OutputFile> tables;             ///< links
  Provenance provenance;
};

/// The page as one string.
std::string evaluation_report_html(const EvaluationReport& report);

/// Writes the page as an atomic file. Throws Error if it cannot be written.
void write_evaluation_report(const fs::path& path, const EvaluationReport& report);

}  // namespace hypersynth
