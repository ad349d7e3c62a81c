#pragma once

#include <string>
#include <vector>

#include "bids/file_tree.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The suffixes of the anatomical images that hypersynth segments ("T1w", "FLAIR", ...), spelled as
/// in the BIDS standard.
const std::vector<std::string>& anatomical_suffixes();

/// Whether `suffix` is one of them, in their spelling.
bool is_anatomical_suffix(std::string_view suffix);

/// The anatomical suffix of the NIfTI file `file_name`, in the spelling of anatomical_suffixes().
/// Upper and lower case do not matter, neither in the suffix nor in `.nii` and `.nii.gz`, so that a
/// misspelt image can be reported. Empty if the file is no NIfTI image or has another suffix.
std::string_view anatomical_suffix_of(std::string_view file_name);

/// Finds the images that can be segmented. Such an image lies in the `anat` folder of its subject
/// or session, has one of anatomical_suffixes() and the extension `.nii` or `.nii.gz`, is a
/// magnitude image (`part-mag` or no `part`) and has no entity of derivatives such as `space`. If
/// two files stand for the same image, one of them is left out.
///
/// A file that looks like such an image but is left out because of a mistake in its name, its
/// format or its folder becomes an issue, and so does an odd name of an image that is used.
/// `derivative`: the tree is that of a derivative dataset, in which images with other suffixes or
/// entities are normal and cause no issue.
std::vector<FileId> find_anatomical_images(const FileTree& tree, bool derivative, Issues& issues);

/// Adds issues for symbolic links without a target: one for each such link at the root, and one for
/// each folder below that holds any, because in a clone without content nearly every file is such a
/// link. The files in `images`, which must be in rising order, do not count in the folders below
/// the root: find_anatomical_images() has reported them one by one.
void check_links(const FileTree& tree, const std::vector<FileId>& images, Issues& issues);

}  // namespace hypersynth::bids
