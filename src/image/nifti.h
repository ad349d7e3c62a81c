#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

// NIfTI-1 and NIfTI-2, .nii and .nii.gz, either byte order, any orientation.
//
// This reads and writes the format itself, through zlib. ITK 5.2 throws on an sform with shear,
// writes the sform from the qform and scales by the header's length unit; niftilib turns NaN into 0
// on reading, allocates what the header promises, and prints. Neither checks a gzip stream to its
// end.

/// Intensities of a 3-D image (or a 4-D one of one frame) with scl_slope and scl_inter applied.
/// Throws InputError for a file that is no such image, is damaged, or has no usable orientation.
Image read_image(const std::string& path);

/// Labels of a 3-D label map. Values stored as floating point, or scaled, must be within 1e-3 of
/// integers; else, and beyond 32 bits, throws InputError.
LabelMap read_labels(const std::string& path);

/// Shape and affine, from the header alone.
Grid read_grid(const std::string& path);

/// Throws InputError unless the intensities can be segmented: all finite, not all the same, voxels
/// of at most 10 mm and a field of view of at least 50 mm along every axis.
void check_usable(const Image& image, const std::string& path);

// Files are written atomically (see GzOutput), compressed where the name ends in ".gz". Shape and
// affine are the grid's to 1e-5 mm. All throw Error kCannotCreateOutput or kIo.

/// Writes labels as the smallest integer type that holds them.
void write_labels(const std::string& path, const LabelMap& labels);

/// Writes a mask as 0 and 1.
void write_mask(const std::string& path, const Mask& mask);

/// Writes intensities as 32-bit floating point.
void write_image(const std::string& path, const Image& image);

/// Gives the posterior of one class, values in [0,1], one per voxel of the grid; valid until the
/// next call.
using PosteriorSource = std::function<const std::vector<float>&(std::int64_t class_index)>;

/// Writes `classes` posteriors as one 4-D file, classes last, asking for one class at a time; as
/// 16-bit integers with a slope, exact to 2e-5.
void write_posteriors(const std::string& path, const Grid& grid, std::int64_t classes,
                      const PosteriorSource& posterior);

}  // namespace hypersynth
