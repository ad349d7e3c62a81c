#pragma once

#include <string>

#include <sys/types.h>

namespace hypersynth {

/// Throws InputError unless `mode`, as stat() gives it for `path`, is that of a regular file: a
/// named pipe keeps its reader waiting, a device may have no end.
void require_regular_file(const std::string& path, mode_t mode);

}  // namespace hypersynth
