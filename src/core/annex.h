#pragma once

#include <string>
#include <string_view>

namespace hypersynth {

// Files of a git-annex repository, such as a DataLad dataset. Such a file is a symbolic link into
// .git/annex/objects whose last part is the key of its content, for most backends a checksum; where
// the content is not on this machine, the link leads nowhere. Of an unlocked file, a text takes the
// place of absent content: "/annex/objects/<key>".

/// The key of the annexed file `path`, "MD5E-s3510351--0f4c1fe9.nii.gz", whether or not its content
/// is there. Empty for all that is no symbolic link of git-annex.
std::string annex_key(const std::string& path);

/// Whether a file that begins with `text` is an unlocked one without its content.
bool is_annex_pointer(std::string_view text);

/// Whether `path` is a file of git-annex, locked or unlocked, whose content is not there.
bool is_absent_from_annex(const std::string& path);

/// "datalad -C <folder> get <name>", as a shell takes it in any folder.
std::string annex_get_command(const std::string& path);

}  // namespace hypersynth
