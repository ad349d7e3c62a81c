#pragma once

#include <string_view>

#include <boost/filesystem/path.hpp>

#include "core/descriptor.h"
#include "core/regular_file.h"

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

/// Opens `file` (close-on-exec, mode 0666 less the umask); throws std::system_error with its path.
FileDescriptor open_file(const fs::path& file, int flags);

/// open_regular_file() for a path of this library.
FileDescriptor open_to_read(const fs::path& file);

/// Writes all of `bytes`; throws std::system_error naming `file`, as when the disk is full.
void write_all(int descriptor, std::string_view bytes, const fs::path& file);

}  // namespace hypersynth::pipeline
