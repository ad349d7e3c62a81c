#pragma once

#include <array>
#include <string>
#include <vector>

#include "report/html.h"
#include "report/mosaic_reportlets.h"
#include "report/page_files.h"
#include "report/reportlet.h"

namespace hypersynth {

/// Two scans of a person, laid over each other slice by slice.
struct SessionComparison {
  std::string first, later;  ///< labels of the sessions, without "ses-"
  double rotation_deg = 0;   ///< by which the later scan was turned to lie like the first
  double shift_mm = 0;       ///< and moved, at the brain's centre
  /// Of the intensities of the brain, once aligned; NaN where they do not vary.
  double correlation = 0;
  /// The first scan is far more like the mirror image of the later one than like the later one.
  bool mirrored = false;
  /// For each plane the picture of the first and that of the later scan.
  std::vector<std::array<Reportlet, 2>> planes;
  std::string missing;  ///< a sentence that says why there are no pictures; else empty
};

/// Draws the slices of two scans that lie on one grid: for each plane a row of slices of each scan,
/// in files called `<stem>_desc-<plane>{First,Later}{,Lines}_<suffix>.png` after the later one.
/// Throws what draw_matched_mosaics() and `sink` throw.
void draw_comparison(const std::string& stem, const std::string& suffix, const VoxelView& first,
                     const VoxelView& later, std::span<const LabelColour> colours,
                     const PictureSink& sink);

/// The reportlets that show these pictures. `figures` is their folder, relative to the page, and
/// `first` and `later` are the labels of the sessions.
std::vector<std::array<Reportlet, 2>> comparison_planes(const std::string& figures,
                                                        const std::string& stem,
                                                        const std::string& suffix,
                                                        const std::string& first,
                                                        const std::string& later);

/// Writes the two scans, one below the other, in a fold; the script of the page lays them over each
/// other.
void write_comparison(HtmlWriter& html, const SessionComparison& comparison, const PageFiles& files,
                      bool is_open);

}  // namespace hypersynth
