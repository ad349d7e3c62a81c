#pragma once

#include <string>
#include <string_view>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

namespace fs = boost::filesystem;

/// Puts `bytes` at `path` under a temporary name in the same folder and renames it, so that nobody
/// ever sees half a file; makes missing folders. Throws Error(kIo) or Error(kCannotCreateOutput).
void write_atomically(const fs::path& path, std::string_view bytes);

}  // namespace hypersynth
