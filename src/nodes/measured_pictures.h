#pragma once

#include <cstdint>
#include <vector>

#include "bids/layout.h"
#include "engine/inference/segmentation.h"
#include "image/volume.h"
#include "report/mosaic_reportlets.h"

namespace hypersynth {

/// An image, its segmentation, and what was measured in every voxel.
struct MeasuredImage {
  const Image& image;
  const LabelMap& labels;
  const std::vector<LabelVolume>& volumes;   ///< the structures of `labels`
  const std::vector<std::uint8_t>& air;      ///< an AirVoxel each; empty where there is no air
  const std::vector<std::uint8_t>& percent;  ///< bias_percent(); empty where there is no field
};

/// The factors of a bias field as percentages from 1 to 255.
std::vector<std::uint8_t> bias_percent(const std::vector<float>& field);

/// Draws the pictures of the subject's page that show what was measured: the background with its
/// artefacts, the bias field, and the histogram of intensities. `ct`: in the window of the brain.
void draw_measured_pictures(const bids::DataFile& source, const MeasuredImage& measured, bool ct,
                            const PictureSink& publish);

}  // namespace hypersynth
