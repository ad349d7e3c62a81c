#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "core/annex.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Whether PATH has the program `datalad`.
bool has_datalad();

/// Runs `datalad get` or `datalad drop` (`verb`) for `files`, relative to `folder`, and waits for
/// it; `stop` ends it. `folder` decides which dataset datalad takes: the one that it lies in.
/// Returns what was printed, in one line. Whether it did what it was asked to do, the files tell:
/// another run may have done it, too.
std::string run_datalad(const std::string& verb, const fs::path& folder,
                        const std::vector<std::string>& files, const std::stop_token& stop = {});

}  // namespace hypersynth
