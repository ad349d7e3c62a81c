#pragma once

#include <string_view>
#include <vector>

#include "bids/file_tree.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// Lists the files of a dataset: those at its root, and those below the folders to which BIDS gives
/// a meaning. In a raw dataset these are `sub-*` and `phenotype`; in a derivative dataset they are
/// all folders but `code`, `sourcedata`, `derivatives` and `logs`. Hidden files and folders and
/// everything that `.bidsignore` names are left out. A folder that stands for one recording, such
/// as `.ds`, is listed as a file.
///
/// In a raw dataset, images that `.bidsignore` hides and folders whose names are nearly those of a
/// subject become issues.
FileTree discover(const FileSource& source, bool derivative, Issues& issues);

/// The datatype of the files in a folder of a subject, session or template: "anat" for
/// `sub-01/anat` and `sub-01/ses-1/anat`. Empty for every other folder.
std::string_view datatype_of(const FileTree& tree, DirectoryId directory);

}  // namespace hypersynth::bids
