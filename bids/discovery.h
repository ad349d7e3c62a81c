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

}  // namespace hypersynth::bids
