#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/statistics.h"
#include "evaluation/structure_scores.h"

namespace hypersynth {

/// A measure of agreement: a column of tables and pages.
struct AgreementMeasure {
  const char* name;     ///< of the column, with its unit: "hausdorff95_mm"
  const char* title;    ///< for readers
  const char* unit;     ///< "mm"; empty if it has none
  const char* meaning;  ///< one or two sentences, with the source
  double StructureScore::*value;
  /// Whether more or less of it is better, so that two segmentations can be compared by it.
  bool is_quality;
};

/// All measures, in the order of their columns.
std::span<const AgreementMeasure> agreement_measures();

/// One scored image.
struct ImageScores {
  std::string image;  ///< its name, the same in every segmentation of it
  std::vector<StructureScore> scores;
};

/// Labels and the names of their structures.
using StructureNames = std::map<std::int32_t, std::string>;

/// The name of a label, or "label 17" if it has none.
std::string name_of_structure(const StructureNames& names, std::int32_t index);

/// One structure over all images, or the mean of all structures.
struct StructureSummary {
  std::optional<std::int32_t> index;  ///< nothing: the mean over the structures of each image
  std::string name;
  std::size_t scored = 0;  ///< images in which both sides have the structure
  std::size_t reference_only = 0;
  std::size_t segmentation_only = 0;
  std::vector<MeanEstimate> measures;  ///< one for each of agreement_measures()
};

/// Summarises each structure over the images, in the order of the labels; the last entry is the
/// mean of all structures, over images. Structures that only one side has count but are not scored.
std::vector<StructureSummary> summarise_scores(const std::vector<ImageScores>& images,
                                               const StructureNames& names);

/// How one measure of one structure differs between two segmentations of the same images.
struct StructureComparison {
  std::optional<std::int32_t> index;  ///< as in StructureSummary
  std::string name;
  const AgreementMeasure* measure = nullptr;
  std::size_t images = 0;  ///< in which both segmentations have a value
  double mean;             ///< of the first segmentation, over these images
  double other_mean;       ///< of the second one
  double mean_difference;  ///< first less second
  Interval interval;       ///< bootstrap interval of the mean difference
  SignedRankTest test;     ///< of the differences
};

/// Compares two segmentations image by image, in every measure that tells quality. `seed` is for
/// the bootstrap.
std::vector<StructureComparison> compare_scores(const std::vector<ImageScores>& images,
                                                const std::vector<ImageScores>& others,
                                                const StructureNames& names, std::uint64_t seed);

/// The volumes of one structure in two sessions of a person.
struct RepeatedVolume {
  std::string subject;    ///< label
  std::string image;      ///< name of the image, without its session
  std::string session_1;  ///< label
  std::string session_2;
  std::int32_t index = 0;
  double volume_1_mm3;  ///< NaN if the first session does not have the structure
  double volume_2_mm3;

  /// Second less first in percent of their mean; NaN if one is missing.
  double difference_percent() const;
};

/// How well the volumes of a structure repeat.
struct StructureReliability {
  std::int32_t index = 0;
  std::string name;
  std::size_t pairs = 0;             ///< with the structure in both sessions
  std::size_t incomplete = 0;        ///< with the structure in one session alone
  MeanEstimate difference;           ///< percent, signed
  MeanEstimate absolute_difference;  ///< percent
  IntraclassCorrelation icc;         ///< ICC(A,1) of the two volumes
};

/// Summarises repeated volumes by structure, in the order of the labels.
std::vector<StructureReliability> summarise_reliability(const std::vector<RepeatedVolume>& volumes,
                                                        const StructureNames& names);

}  // namespace hypersynth
