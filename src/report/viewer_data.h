#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/voxel_view.h"

namespace hypersynth {

/// What the three-plane viewer of a page shows of one scan. Both volumes lie on one grid whose axes
/// run to the person's right, anterior and superior, with the first index fastest.
struct ViewerVolumes {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  /// Maps voxel indices (i, j, k, 1) to world coordinates in mm (RAS+); stored by rows.
  std::array<std::array<double, 4>, 4> world_from_voxel{
      {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  std::vector<std::uint8_t> grey;  ///< in the grey window of the mosaics
  std::vector<std::int32_t> labels;
};

/// How much of a scan the viewer gets.
struct ViewerOptions {
  double finest_mm = 1;                ///< finer voxels are averaged to this size
  double margin_mm = 20;               ///< around the labelled region
  std::int64_t most_voxels = 9000000;  ///< a larger region gets larger voxels
  double most_bytes =
      5500000;  ///< of the intensities in the script, about; more noise, fewer levels
};

/// Cuts the labelled region out of a scan (all of the scan if nothing is labelled). Intensities are
/// averaged over each new voxel and have 128 grey levels; where their noise would fill more than
/// `most_bytes`, 64 or 32, for the noise itself is then coarser. Labels are those at the centre of
/// the voxel. Throws what ras_axes() throws.
ViewerVolumes viewer_volumes(const VoxelView& view, const ViewerOptions& options = {});

/// The script that a page loads when its reader opens the viewer: it gives its own element a
/// property `volumes` with the fields `image` and `labels`, each a NIfTI file, compressed with gzip
/// and in base64. A page that was opened from a disk may load a script, but not a NIfTI file.
std::string viewer_script(std::string_view image, std::string_view labels);

/// The two files in a script of viewer_script(), as it was given them but for gzip.
struct ViewerFiles {
  std::string image;   ///< the bytes of a .nii.gz file
  std::string labels;  ///< the same
};

/// Nothing where `script` is none of viewer_script().
std::optional<ViewerFiles> files_of_viewer_script(std::string_view script);

/// The name of the script: `<stem>_desc-viewer_<suffix>.js`.
std::string viewer_script_name(const std::string& stem, const std::string& suffix);

}  // namespace hypersynth
