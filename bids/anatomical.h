#pragma once

#include <string>
#include <vector>

#include "bids/file_tree.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The suffixes of the anatomical images that can be segmented, in the standard's spelling.
const std::vector<std::string>& anatomical_suffixes();

/// The suffix that `file_name` has in any case, where it is a NIfTI image (`.NII.GZ` as well) with
/// the suffix of an anatomical one; empty otherwise.
std::string_view anatomical_suffix_of(std::string_view file_name);

/// The images that can be segmented: those suffixes as `.nii` or `.nii.gz` in the `anat` folders of
/// subjects, magnitude, without entities of derivatives, each image once. What is left out though
/// it looks like such an image, here or in another folder, and what is odd about the others,
/// becomes issues.
std::vector<FileId> find_anatomical_images(const FileTree& tree, bool derivative, Issues& issues);

/// Findings on symbolic links without a target, `images` (in rising order) aside: one a folder, as
/// in a clone without content nearly every file is such a link.
void check_links(const FileTree& tree, const std::vector<FileId>& images, Issues& issues);

}  // namespace hypersynth::bids
