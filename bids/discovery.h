#pragma once

#include <string_view>
#include <vector>

#include "bids/file_tree.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The files of a dataset: its root's, and those below the folders that BIDS gives a meaning. In a
/// raw dataset those are `sub-*` and `phenotype`; in a derivative dataset all but hidden folders,
/// `code`, `sourcedata`, `derivatives` and `logs`. What `.bidsignore` names is left out.
FileTree discover(const FileSource& source, bool derivative, Issues& issues);

/// The datatype that a folder stands for: "anat" for `sub-01/anat` and `sub-01/ses-1/anat`, empty
/// elsewhere.
std::string_view datatype_of(const FileTree& tree, DirectoryId directory);

/// True for `.nii` and `.nii.gz`.
bool is_nifti(std::string_view extension);

/// Findings on names: images with names that BIDS does not allow, links without a target, subjects
/// and sessions that are not those of the folder.
void check_names(const FileTree& tree, Issues& issues);

}  // namespace hypersynth::bids
