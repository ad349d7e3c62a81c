#pragma once

#include <string>

namespace hypersynth {

/// A hidden name beside `path` for a file that is renamed to it when it is whole:
/// "folder/.hypersynth-<host>.<process>.<count>.<end of the name>". The extension stays, by which
/// some writers choose a format. bids::remove_abandoned() knows these names, and removes the files
/// of processes that were killed.
std::string temporary_name(const std::string& path);

}  // namespace hypersynth
