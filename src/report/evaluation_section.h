#pragma once

#include <string>
#include <vector>

#include "report/agreement_charts.h"
#include "report/html.h"
#include "report/page.h"

namespace hypersynth {

/// A number of a table with the ends of its 95 % confidence interval; NaN where there is none.
struct EstimateCell {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// How one structure agrees with the reference, over all images.
struct AgreementRow {
  std::string structure;
  std::size_t scored = 0;
  std::size_t reference_only = 0;     ///< images in which only the reference has it
  std::size_t segmentation_only = 0;  ///< images in which only the segmentation has it
  EstimateCell dice;
  EstimateCell hausdorff95_mm;
  EstimateCell mean_surface_distance_mm;
  EstimateCell volume_difference_percent;
};

/// An image whose segmentation agrees less with the reference than that of others.
struct WorstImage {
  std::string image;       ///< its name
  std::string link;        ///< to its section on its subject's page; empty: there is none
  double dice = 0;         ///< mean over its structures
  std::string structures;  ///< those that agree least, with their values
};

/// An image or reference that was not scored, and why.
struct UnscoredImage {
  std::string path;
  std::string reason;
};

/// The agreement of segmentations with a reference, as it is shown on a page.
struct AgreementSection {
  std::string reference;            ///< name of the dataset
  std::vector<AgreementRow> rows;   ///< the last one is the mean of all structures
  std::vector<StripRow> dice;       ///< a row for each structure
  std::vector<ChartPoint> volumes;  ///< x: mean of both volumes in mm3; y: difference in percent
  std::vector<WorstImage> worst;    ///< worst first
  std::vector<UnscoredImage> unscored;
};

/// Writes the sections of a page about the agreement with a reference, and adds them to its
/// navigation: a table of structures, the distribution of Dice, volumes, the worst images and those
/// that were not scored.
void write_agreement(HtmlWriter& html, const AgreementSection& section,
                     std::vector<NavEntry>& navigation);

}  // namespace hypersynth
