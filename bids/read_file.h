#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth::bids {

namespace fs = boost::filesystem;

/// All bytes of a regular file of at most 1 GiB; symbolic links are followed. `path` is relative to
/// the open folder `directory` (AT_FDCWD = the current folder).
///
/// Throws std::system_error if the file cannot be read, is larger, or is something else than a
/// regular file: a pipe may never be written to, and a device may have no end.
std::string read_regular_file(int directory, const std::string& path);
/// As above, with `path` relative to the current folder.
std::string read_regular_file(const fs::path& path);

/// Throws as read_regular_file() does if `path` cannot be opened, is larger or is not a regular
/// file.
void require_regular_file(const fs::path& path);

}  // namespace hypersynth::bids
