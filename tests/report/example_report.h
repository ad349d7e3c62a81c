#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/group_report.h"
#include "report/learning_report.h"
#include "report/mosaic.h"
#include "report/report.h"

namespace hypersynth {

/// A head of nested ellipsoids (skull, cortex, white matter, ventricles, brain-stem; left and right
/// apart) with noise, on a RAS grid centred at the world's origin.
struct ExampleHead {
  std::array<std::int64_t, 3> shape;
  std::array<double, 3> spacing_mm;
  std::vector<float> intensities;
  std::vector<std::int32_t> labels;

  VoxelView view() const;
};

ExampleHead example_head(std::array<std::int64_t, 3> shape, std::array<double, 3> spacing_mm);

/// Lookup table of the head's labels.
std::vector<LabelColour> example_colours();

/// Writes all pictures of a page into the folder `figures`: the background without outlines, a bias
/// field that rises from left to right, and a chart of three intensities.
void write_example_pictures(const boost::filesystem::path& figures, const std::string& stem,
                            const std::string& suffix, const VoxelView& view,
                            const std::vector<LabelColour>& colours);

/// What stands for the digest of the segmentation of the image `path`.
std::string example_digest(const std::string& path);

/// A full section for one image, without reportlets.
ImageReport example_image(const std::string& path);

Provenance example_provenance();

/// A subject with `images` images and `failures` failed ones, without reportlets.
SubjectReport example_subject(const std::string& subject, int images, int failures);

/// `rows` images with plausible volumes and quality measures, some of them outliers.
GroupReport example_group(int rows);

/// A site that has learned with four methods, one of them the synthesis; without pictures.
LearningReport example_learning();

}  // namespace hypersynth
