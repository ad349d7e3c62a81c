#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/log.h"
#include "image/volume.h"

namespace hypersynth {

// Reading and writing of NIfTI-1 and NIfTI-2 files (.nii and .nii.gz) in either byte order and any
// orientation.
//
// The format is read and written here, through zlib, because the libraries fall short: ITK 5.2
// throws on an sform with shear and writes the sform from the qform; niftilib turns NaN into 0
// while reading, allocates whatever the header promises, and prints. Neither verifies a gzip stream
// to its end.
//
// Lengths are in mm. A header in metres or micrometres is converted to mm if the result has the
// size of a head: voxels of at most 10 mm and a field of view of at least 50 mm. If it has not, but
// the bare numbers taken as mm do, they are taken as mm with a warning: a header that says metres
// is more often wrong than right. If neither has the size of a head, the unit of the header counts,
// and check_usable() refuses the image.

/// Whether a file of this name is a NIfTI file: something, then ".nii" or ".nii.gz".
bool is_nifti_name(const std::string& name);

/// The intensities of a 3-D image (or of a 4-D image with one frame), with scl_slope and scl_inter
/// applied. `log` gets warnings about contradictions in the header, see grid_of() in
/// nifti_header.h. Throws InputError if the file is not such an image, is damaged, has no usable
/// orientation, or has more than 64 KiB behind its voxels. Less is taken for padding, with a
/// warning.
Image read_image(const std::string& path, const Log& log = Log());

/// The labels of a 3-D label map. Throws InputError as read_image() does, and if a value is further
/// than 1e-3 from an integer (labels may be stored as floating point, or scaled) or needs more than
/// 32 bits. `log` is that of read_image().
LabelMap read_labels(const std::string& path, const Log& log = Log());

/// Shape and affine of an image, from its header alone. Used to plan a run without reading voxels.
/// Throws InputError as read_image() does for the header, and for a file that is not compressed if
/// its size shows more than 64 KiB behind the voxels.
Grid read_grid(const std::string& path);

/// Throws InputError unless intensities are all finite and not all equal.
void check_intensities(const Image& image, const std::string& path);

/// Throws InputError unless the image can be segmented: intensities that are all finite and not all
/// equal, voxels of at most 10 mm, and a field of view of at least 50 mm along every axis.
void check_usable(const Image& image, const std::string& path);

// Files are written atomically (see GzOutput) and compressed if their name ends in ".gz". Shape and
// affine in the file are those of the grid, to 1e-5 mm. If the grid was read from a file, the new
// file has the qform, the sform and their codes of that file (see make_nifti_header()). All writers
// throw Error kCannotCreateOutput or kIo.

/// Writes labels as the smallest integer type that holds all of them.
void write_labels(const std::string& path, const LabelMap& labels);

/// Writes a mask as 0 and 1.
void write_mask(const std::string& path, const Mask& mask);

/// Writes intensities as 32-bit floating point.
void write_image(const std::string& path, const Image& image);

/// Gives the posterior of one class: values in [0,1], one for each voxel of the grid. The result is
/// valid until the next call, so that only one posterior need be in memory.
using PosteriorSource = std::function<const std::vector<float>&(std::int64_t class_index)>;

/// Writes the posteriors of `classes` classes as one 4-D file with the class as the last axis,
/// asking for one class at a time. They are stored as 16-bit integers with a slope, which keeps
/// values to 2e-5. Throws std::invalid_argument if a posterior has not one value for each voxel.
void write_posteriors(const std::string& path, const Grid& grid, std::int64_t classes,
                      const PosteriorSource& posterior);

}  // namespace hypersynth
