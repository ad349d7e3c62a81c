#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth::bids {

namespace fs = boost::filesystem;

/// All bytes of a regular file, links followed; `path` is relative to the open folder `directory`
/// (AT_FDCWD = the current one). Throws std::system_error where the file can't be read, and where
/// it is something else: a pipe may never be written to, a device never end.
std::string read_regular_file(int directory, const std::string& path);
std::string read_regular_file(const fs::path& path);

/// Throws as read_regular_file does where `path` is no regular file or can't be opened.
void require_regular_file(const fs::path& path);

}  // namespace hypersynth::bids
