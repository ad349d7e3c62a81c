#include "evaluation/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/random.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr AgreementMeasure kMeasures[] = {
    {"dice", "Dice", "",
     "Overlap of segmentation and reference: twice the voxels in both over the sum of the voxels "
     "of "
     "each, 0 to 1 (Dice 1945, doi:10.2307/1932409)",
     &StructureScore::dice, true},
    {"hausdorff95_mm", "Hausdorff distance, 95 %", "mm",
     "95th percentile of the distances from the surface voxels of one to the nearest surface voxel "
     "of the other; the larger of the two directions (Maier-Hein et al. 2024, "
     "doi:10.1038/s41592-023-02151-z)",
     &StructureScore::hausdorff95_mm, true},
    {"mean_surface_distance_mm", "Mean surface distance", "mm",
     "Mean of the distances from the surface voxels of one to the nearest surface voxel of the "
     "other, over both directions together (Heimann et al. 2009, doi:10.1109/TMI.2009.2013851)",
     &StructureScore::mean_surface_distance_mm, true},
    {"volume_difference_mm3", "Volume difference", "mm^3",
     "Volume of the segmentation less that of the reference",
     &StructureScore::volume_difference_mm3, false},
    {"volume_difference_percent", "Volume difference, relative", "percent",
     "Volume of the segmentation less that of the reference, in percent of the reference",
     &StructureScore::volume_difference_percent, false},
    {"volumetric_similarity", "Volumetric similarity", "",
     "1 less the difference of the volumes over their sum, 0 to 1 (Taha and Hanbury 2015, "
     "doi:10.1186/s12880-015-0068-x)",
     &StructureScore::volumetric_similarity, true},
};

const char* const kAllStructures = "all structures";

double mean_of(const std::vector<double>& values) { return estimate_mean(values).mean; }

/// The mean of a measure over the structures of an image that have it.
double mean_over_structures(const ImageScores& image, const AgreementMeasure& measure) {
  std::vector<double> values;
  for (const auto& score : image.scores) values.push_back(score.*measure.value);
  return mean_of(values);
}

std::set<std::int32_t> labels_of(const std::vector<ImageScores>& images) {
  std::set<std::int32_t> labels;
  for (const auto& image : images) {
    for (const auto& score : image.scores) labels.insert(score.index);
  }
  return labels;
}

const StructureScore* find(const ImageScores& image, std::int32_t index) {
  const auto found = std::find_if(image.scores.begin(), image.scores.end(),
                                  [&](const StructureScore& s) { return s.index == index; });
  return found == image.scores.end() ? nullptr : &*found;
}

StructureSummary summary_of(const std::vector<ImageScores>& images, std::int32_t index,
                            const StructureNames& names) {
  StructureSummary summary;
  summary.index = index;
  summary.name = name_of_structure(names, index);
  std::vector<const StructureScore*> scored;
  for (const auto& image : images) {
    const StructureScore* const score = find(image, index);
    if (score == nullptr) continue;
    if (score->presence == Presence::kReferenceOnly) ++summary.reference_only;
    if (score->presence == Presence::kSegmentationOnly) ++summary.segmentation_only;
    if (score->presence == Presence::kBoth) scored.push_back(score);
  }
  summary.scored = scored.size();
  for (const auto& measure : kMeasures) {
    std::vector<double> values;
    for (const auto* score : scored) values.push_back(score->*measure.value);
    summary.measures.push_back(estimate_mean(values));
  }
  return summary;
}

StructureSummary summary_of_all(const std::vector<ImageScores>& images) {
  StructureSummary all;
  all.name = kAllStructures;
  for (const auto& measure : kMeasures) {
    std::vector<double> values;
    for (const auto& image : images) values.push_back(mean_over_structures(image, measure));
    all.measures.push_back(estimate_mean(values));
  }
  all.scored = all.measures.front().count;
  return all;
}

/// An image in both segmentations.
struct ImagePair {
  const ImageScores* first;
  const ImageScores* second;
};

std::vector<ImagePair> common_images(const std::vector<ImageScores>& images,
                                     const std::vector<ImageScores>& others) {
  std::vector<ImagePair> pairs;
  for (const auto& image : images) {
    const auto other =
        std::find_if(others.begin(), others.end(),
                     [&](const ImageScores& candidate) { return candidate.image == image.image; });
    if (other != others.end()) pairs.push_back({&image, &*other});
  }
  return pairs;
}

using ValuePairs = std::vector<std::pair<double, double>>;

/// The values of a structure, or the means over the structures that both segmentations have, in the
/// images in which both have one.
ValuePairs values_of(const std::vector<ImagePair>& pairs, std::optional<std::int32_t> index,
                     const AgreementMeasure& measure) {
  ValuePairs values;
  for (const auto& pair : pairs) {
    std::vector<double> first, second;
    for (const auto& score : pair.first->scores) {
      const auto* const other = find(*pair.second, score.index);
      const bool is_wanted = (!index || *index == score.index) && other != nullptr &&
                             score.presence == Presence::kBoth &&
                             other->presence == Presence::kBoth;
      if (!is_wanted) continue;
      first.push_back(score.*measure.value);
      second.push_back(other->*measure.value);
    }
    if (!first.empty()) values.emplace_back(mean_of(first), mean_of(second));
  }
  return values;
}

StructureComparison comparison_of(const ValuePairs& values, std::uint64_t seed) {
  StructureComparison comparison{};
  std::vector<double> first, second, differences;
  for (const auto& [a, b] : values) {
    first.push_back(a);
    second.push_back(b);
    differences.push_back(a - b);
  }
  comparison.images = values.size();
  comparison.mean = mean_of(first);
  comparison.other_mean = mean_of(second);
  comparison.mean_difference = mean_of(differences);
  comparison.interval = bootstrap_mean_interval(differences, seed);
  comparison.test = signed_rank_test(differences);
  return comparison;
}

}  // namespace

std::span<const AgreementMeasure> agreement_measures() { return kMeasures; }

std::string name_of_structure(const StructureNames& names, std::int32_t index) {
  const auto found = names.find(index);
  return found == names.end() ? "label " + std::to_string(index) : found->second;
}

std::vector<StructureSummary> summarise_scores(const std::vector<ImageScores>& images,
                                               const StructureNames& names) {
  std::vector<StructureSummary> summaries;
  for (const auto index : labels_of(images)) summaries.push_back(summary_of(images, index, names));
  summaries.push_back(summary_of_all(images));
  return summaries;
}

std::vector<StructureComparison> compare_scores(const std::vector<ImageScores>& images,
                                                const std::vector<ImageScores>& others,
                                                const StructureNames& names, std::uint64_t seed) {
  const auto pairs = common_images(images, others);
  std::vector<std::optional<std::int32_t>> structures;
  for (const auto index : labels_of(images)) structures.emplace_back(index);
  structures.emplace_back(std::nullopt);
  std::vector<StructureComparison> comparisons;
  for (const auto& index : structures) {
    for (const auto& measure : kMeasures) {
      if (!measure.is_quality) continue;
      const auto values = values_of(pairs, index, measure);
      if (values.empty()) continue;
      const std::string name = index ? name_of_structure(names, *index) : kAllStructures;
      const std::string stream =
          std::string("bootstrap ") + measure.name + " " + (index ? std::to_string(*index) : "all");
      auto comparison = comparison_of(values, stream_seed(seed, stream));
      comparison.index = index;
      comparison.name = name;
      comparison.measure = &measure;
      comparisons.push_back(std::move(comparison));
    }
  }
  return comparisons;
}

double RepeatedVolume::difference_percent() const {
  const double sum = volume_1_mm3 + volume_2_mm3;
  return sum > 0 ? 200 * (volume_2_mm3 - volume_1_mm3) / sum : kNaN;
}

std::vector<StructureReliability> summarise_reliability(const std::vector<RepeatedVolume>& volumes,
                                                        const StructureNames& names) {
  std::set<std::int32_t> labels;
  for (const auto& volume : volumes) labels.insert(volume.index);
  std::vector<StructureReliability> result;
  for (const auto index : labels) {
    StructureReliability reliability{};
    reliability.index = index;
    reliability.name = name_of_structure(names, index);
    std::vector<double> differences, absolute;
    std::vector<std::vector<double>> measurements;
    for (const auto& volume : volumes) {
      if (volume.index != index) continue;
      const double difference = volume.difference_percent();
      if (!std::isfinite(difference)) {
        ++reliability.incomplete;
        continue;
      }
      differences.push_back(difference);
      absolute.push_back(std::abs(difference));
      measurements.push_back({volume.volume_1_mm3, volume.volume_2_mm3});
    }
    reliability.pairs = measurements.size();
    reliability.difference = estimate_mean(differences);
    reliability.absolute_difference = estimate_mean(absolute);
    reliability.icc = intraclass_correlation(measurements);
    result.push_back(std::move(reliability));
  }
  return result;
}

}  // namespace hypersynth
